from dataclasses import dataclass

from django.db import transaction

from apps.projects import trail
from apps.projects.locks import lock_project
from apps.projects.refusals import Refused

from ..copying import copy_cases
from ..locks import hold_suite, require_in_use
from ..models import BulkChange, Suite
from ..placing import Place, place_suite
from ..suite_copies import AT_ONCE, copy_branch, free_name, queue_cases
from ..suites import NAME_TAKEN, is_name_taken
from ..tasks import copy_suite_cases
from ..tree import write_paths

BESIDE = object()


@dataclass(frozen=True)
class SuiteCopy:
    """The copy of a suite; `change` tells how far the job is that copies many cases."""

    suite: Suite
    cases: int
    change: BulkChange | None = None


@transaction.atomic
def copy_suite(suite, *, by, parent=BESIDE, name="") -> SuiteCopy:
    """Copy a suite with all suites and cases in use below it, beside it or as the last of `parent`.

    Results, comments and history stay with the source. Without a name it is “Cart (copy)”. More
    than AT_ONCE cases are copied by a job. Raises Refused for a name taken there, and
    TransitionRefused for an archived suite or parent.
    """
    project = suite.project
    lock_project(project)
    source = hold_suite(project, suite)
    require_in_use(source)
    place = _place(source, parent)
    name = name or free_name(project, source.name, place.parent)
    if is_name_taken(project, name, place.parent):
        raise Refused(NAME_TAKEN, field="name", code="unique")
    pairs = copy_branch(source, parent=place.parent, name=name)
    copy = project.suites.get(pk=pairs[source.pk])
    place_suite(copy, place)
    write_paths(copy)
    copy.refresh_from_db(fields=["path", "position"])
    made = _with_cases(project, pairs, copy, by=by)
    after = {"from": source.path, "suites": len(pairs), "cases": made.cases}
    trail.note(project, "suite.copy", copy, by=by, after=after)
    return made


def _place(source, parent):
    if parent is BESIDE:
        siblings = list(source.project.suites.filter(parent=source.parent_id))
        after = siblings[siblings.index(source) + 1 :]
        return Place(source.parent, after[0] if after else None)
    parent = hold_suite(source.project, parent, field="parent")
    require_in_use(parent, field="parent")
    return Place(parent)


def _with_cases(project, pairs, copy, *, by):
    cases = project.cases.active().filter(suite__in=list(pairs)).only("pk", "suite")
    if (count := cases.count()) > AT_ONCE:
        change = queue_cases(project, pairs, copy, by=by)
        copy_suite_cases.defer(change_id=str(change.pk))
        return SuiteCopy(copy, count, change)
    rows = list(cases)
    there = {case.pk: pairs[case.suite_id] for case in rows}
    return SuiteCopy(copy, len(copy_cases(rows, project, by=by, suites=there)))
