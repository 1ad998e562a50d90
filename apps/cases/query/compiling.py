"""From tree to conditions on the cases of a project."""

import re
from functools import reduce
from operator import and_, or_

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q

from ..models import CaseTag
from .custom import custom_condition
from .fields import CUSTOM, FIELDS, ME, NONE, choice_of
from .moments import bounds_of, read_moment
from .names import find_people, find_suites, find_tags
from .nodes import And, Node, Not, Or, Term, Word, walk
from .results import is_flaky, last_result, never_run
from .texts import in_requirements

ARCHIVED, FLAKY, AUTOMATED = "archived", "flaky", "automated"
DEAR = {"last", "requirement", "automation"}
COMPARED = {"": "", "<": "__lt", "<=": "__lte", ">": "__gt", ">=": "__gte"}


def condition(tree: Node, project, user) -> Q:
    """Raises QueryError where the query names what the project does not have."""
    return _Compiler(project, user).of(tree)


def names_archived(tree: Node) -> bool:
    """Whether the query itself says what it wants of archived cases."""
    return any(ARCHIVED in _choices(node) for node in walk(tree))


def is_dear(tree: Node) -> bool:
    """Whether all that match cannot be counted in a moment."""
    return any(
        isinstance(node, Term) and (node.field in DEAR or {FLAKY, "never-run"} & _choices(node))
        for node in walk(tree)
    )


def _choices(node):
    if not isinstance(node, Term) or node.field != "is":
        return set()
    return {choice_of(FIELDS["is"], value.text) for value in node.values}


class _Compiler:
    def __init__(self, project, user):
        self.project, self.user = project, user

    def of(self, node):
        if isinstance(node, And):
            words = [part for part in node.parts if _is_plain(part, self.project)]
            others = [self.of(part) for part in node.parts if part not in words]
            return reduce(and_, [*others, *_together(words)], Q())
        if isinstance(node, Or):
            return reduce(or_, [self.of(part) for part in node.parts])
        if isinstance(node, Not):
            return ~self.of(node.inner)
        return self.word(node) if isinstance(node, Word) else self.term(node)

    def word(self, node):
        number = number_of(node, self.project)
        if number is None:
            return Q(search=_search(node))
        if node.value.text.isdigit():
            return Q(number=number) | Q(search=_search(node))
        return Q(number=number)

    def term(self, term):
        if term.field == CUSTOM:
            return custom_condition(self.project, term)
        return getattr(self, f"_{term.field}")(term)

    def _suite(self, term):
        return _named(
            term, Q(suite=None), lambda values: Q(suite__in=find_suites(self.project, values))
        )

    def _tag(self, term):
        def tagged(values):
            tags = find_tags(self.project, values)
            return Q(pk__in=CaseTag.objects.filter(tag__in=tags).values("case"))

        untagged = ~Q(pk__in=CaseTag.objects.filter(project=self.project).values("case"))
        return _named(term, untagged, tagged)

    def _owner(self, term):
        me = [value for value in term.values if _is_bare(value, ME)]
        others = [value for value in term.values if value not in me]
        mine = Q(owner=self.user) if me else Q()
        if not others:
            return mine
        rest = Term(term.field, "", tuple(others), at=term.at)
        owned = _named(
            rest, Q(owner=None), lambda values: Q(owner__in=find_people(self.project, values))
        )
        return mine | owned

    def _status(self, term):
        return _chosen(term)

    _severity = _kind = _status

    def _priority(self, term):
        if not term.operator:
            return _chosen(term)
        priority = choice_of(FIELDS["priority"], term.values[0].text)
        return Q(**{f"priority{COMPARED[term.operator]}": priority})

    def _updated(self, term):
        return _when(term, f"{term.field}_at")

    _created = _updated

    def _last(self, term):
        results = [choice_of(FIELDS["last"], value.text) for value in term.values]
        return last_result(self.project, results)

    def _is(self, term):
        conditions = {
            FLAKY: lambda: is_flaky(self.project),
            ARCHIVED: lambda: Q(archived_at__isnull=False),
            AUTOMATED: lambda: ~Q(kind="manual"),
            "never-run": never_run,
        }
        return reduce(or_, [conditions[choice]() for choice in sorted(_choices(term))])

    def _requirement(self, term):
        return _named(term, Q(requirements=[]), in_requirements)

    def _automation(self, term):
        def keyed(values):
            # Most cases have none, which takes less time to see than a text in upper case.
            found = [Q(automation_key__icontains=value.text) for value in values]
            return ~Q(automation_key="") & reduce(or_, found)

        return _named(term, Q(automation_key=""), keyed)


def number_of(word, project) -> int | None:
    """The number of the case that a word names: WEB-12, #12 or 12."""
    if word.value.is_quoted:
        return None
    found = re.fullmatch(rf"(?:{project.key}-|#)?([0-9]{{1,9}})", word.value.text, re.IGNORECASE)
    return int(found[1]) if found else None


def _is_plain(node, project):
    return isinstance(node, Word) and number_of(node, project) is None


def _together(words):
    """One search for all words, which the index answers best."""
    return [Q(search=reduce(and_, [_search(word) for word in words]))] if words else []


def _search(word):
    text = word.value.text
    if word.value.is_quoted:
        return SearchQuery(text, config="simple", search_type="phrase")
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return SearchQuery(f"'{escaped}':*", config="simple", search_type="raw")


def _is_bare(value, keyword):
    return not value.is_quoted and value.text.lower() == keyword


def _named(term, nothing, find):
    """`nothing` for the word none; what is in quotes is a name, whatever it says."""
    named = [value for value in term.values if not _is_bare(value, NONE)]
    found = find(named) if named else Q()
    return found | nothing if len(named) < len(term.values) else found


def _chosen(term):
    field = FIELDS[term.field]
    return Q(**{f"{term.field}__in": [choice_of(field, value.text) for value in term.values]})


def _when(term, column):
    found = Q()
    for value in term.values:
        begins, ends = bounds_of(read_moment(value, term.operator), term.operator)
        one = Q(**{f"{column}__gte": begins}) if begins else Q()
        found |= one & Q(**{f"{column}__lt": ends}) if ends else one
    return found
