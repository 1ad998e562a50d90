"""The tree of suites, written at once: as a template, a level of two hundred lines took longer than
all the rest of its page."""

from django import template
from django.utils.html import escape
from django.utils.safestring import mark_safe

from .ui import icon, number

register = template.Library()


@register.simple_tag
def tree(nodes, address, selected=None, end=""):
    """Levels of links to a list narrowed by suite: {% tree nodes cases_url suite.id %}.

    `end` is a sentence that stands below the last line.
    """
    return mark_safe(_level(nodes, f"{escape(address)}?suite=", selected, end))


def _level(nodes, address, selected, end=""):
    lines = "".join(_line(node, address, selected) for node in nodes)
    last = f'<li class="pad mut sm-t">{escape(end)}</li>' if end else ""
    return f"<ul>{lines}{last}</ul>"


def _line(node, address, selected):
    turn = icon("down" if node.is_open else "right", "tw") if node.has_children else ""
    current = ' aria-current="true"' if node.id == selected else ""
    name = escape(node.name)
    count = "" if node.count is None else number(node.count)
    note = '<small class="tag">archived</small>' if node.is_archived else ""
    below = _level(node.children, address, selected) if node.children else ""
    return (
        f'<li><a class="leaf" href="{address}{node.id}"{current}>{turn}'
        f'<span title="{name}">{name}</span>{note}<small class="n">{count}</small></a>'
        f"{below}</li>"
    )
