"""Copying of a batch into a project where one may write, and taking the copies back."""

from uuid import UUID

from apps.artifacts.lifecycle import delete_unlinked
from apps.projects.locks import lock_project
from apps.projects.models import Project
from apps.projects.refusals import Refused

from ..copying import copy_cases
from ..locks import hold_suite, require_in_use, wait_for_matches
from ..models import BulkItem, Case
from .deciding import Decision
from .wanted import Wanted

Outcome = BulkItem.Outcome


def target_of(wanted: Wanted) -> Project:
    """Raises Refused when it is gone or takes no changes any more."""
    project = Project.objects.filter(pk=wanted.copy_to, deleted_at=None).first()
    if project is None:
        raise Refused("The project to copy to is gone.", field="copy_to", code="gone")
    project.require_open()
    return project


def copy_batch(change, wanted: Wanted, ids) -> list[Decision]:
    """Each item keeps the key of the copy, by which it is taken back."""
    target = target_of(wanted)
    suite = target.suites.model(pk=wanted.suite) if wanted.suite else None
    lock_project(target)
    require_in_use(hold_suite(target, suite, field="copy_to"), field="copy_to")
    cases = change.project.cases.active().filter(pk__in=ids)
    copies = copy_cases(cases, target, by=change.created_by, suite=suite)
    copied = [
        Decision(pk, Outcome.CHANGED, None, {"copy": str(copy)}) for pk, copy in copies.items()
    ]
    return copied + [Decision(pk, Outcome.ARCHIVED) for pk in ids if pk not in copies]


def take_copies_back(change, wanted: Wanted, items) -> list[Decision]:
    """Delete the copies that are as they were made; those that were worked with stay."""
    target = target_of(wanted)
    wait_for_matches(target)
    copies = {UUID(item.before["copy"]): item.case_id for item in items}
    rows = target.cases.select_for_update(of=("self",)).order_by("pk")
    there = {row.pk: row for row in rows.only("version", "archived_at").filter(pk__in=copies)}
    ran = set(
        Case.objects.filter(pk__in=there, executions__isnull=False)
        .values_list("pk", flat=True)
        .distinct()
    )
    outcomes = {copy: _outcome(there.get(copy), copy in ran) for copy in copies}
    untouched = [copy for copy, outcome in outcomes.items() if outcome == Outcome.UNDONE]
    files = set(
        target.caseartifacts.filter(case__in=untouched).values_list("artifact_id", flat=True)
    )
    target.cases.filter(pk__in=untouched).delete()
    delete_unlinked(target, files, by=change.undone_by)
    return [Decision(copies[copy], outcome) for copy, outcome in outcomes.items()]


def _outcome(row, has_results):
    if row is None:
        return Outcome.GONE
    if has_results:
        return Outcome.USED
    if row.version != 1 or row.is_archived:
        return Outcome.CHANGED_SINCE
    return Outcome.UNDONE
