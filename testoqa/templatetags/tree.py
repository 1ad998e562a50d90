"""The tree of suites, written at once: as a template, a level of two hundred lines took longer than
all the rest of its page."""

from django import template
from django.utils.html import escape
from django.utils.safestring import mark_safe

from .ui import icon, number

register = template.Library()

NOTHING = object()


@register.simple_tag
def tree(shown, cases_url, suites_url, level=None):
    """A level of links to lists narrowed by suite, and below each open one the level within it.

    `level` is the suite whose level the first is. Where a level goes on, its last line says so.
    """
    selected = shown.selected and shown.selected.id
    writer = _Writer(f"{escape(cases_url)}?suite=", escape(suites_url), selected, shown.last)
    return mark_safe(writer.write(shown.nodes, level if shown.is_cut else NOTHING))


class _Writer:
    def __init__(self, cases, suites, selected, last):
        self.cases, self.suites, self.selected, self.last = cases, suites, selected, last

    def write(self, nodes, goes_on):
        """`goes_on` is the suite whose level has more than these; None is the top.

        Levels wait in a list, since suites nest deeper than calls do.
        """
        written, waiting = [], [self._level(nodes, goes_on)]
        while waiting:
            part = next(waiting[-1], None)
            if part is None:
                waiting.pop()
            elif isinstance(part, str):
                written.append(part)
            else:
                waiting.append(part)
        return "".join(written)

    def _level(self, nodes, goes_on):
        """Its parts: texts, and the levels within it."""
        yield "<ul>"
        for node in nodes:
            yield f"<li>{self._link(node)}"
            if node.children:
                yield self._level(node.children, node.id if node.is_cut else NOTHING)
            yield "</li>"
        if goes_on is not NOTHING:
            yield self._more(goes_on)
        yield "</ul>"

    def _link(self, node):
        turn = icon("down" if node.is_open else "right", "tw") if node.has_children else ""
        current = ' aria-current="true"' if node.id == self.selected else ""
        name = escape(node.name)
        count = "" if node.count is None else number(node.count)
        note = '<small class="tag">archived</small>' if node.is_archived else ""
        return (
            f'<a class="leaf" href="{self.cases}{node.id}"{current}>{turn}'
            f'<span title="{name}">{name}</span>{note}<small class="n">{count}</small></a>'
        )

    def _more(self, parent):
        where = f"{parent}/" if parent else ""
        return (
            f'<li><a class="leaf mut sm-t" href="{self.suites}{where}level/?from={self.last}" '
            "data-more><span>Show more suites</span></a></li>"
        )
