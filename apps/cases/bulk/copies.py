"""Copying of a batch into a project where one may write, and taking the copies back."""

from uuid import UUID

from apps.artifacts.lifecycle import delete_unlinked
from apps.projects.locks import lock_project
from apps.projects.models import Project
from apps.projects.refusals import Refused

from ..copying import copy_cases, too_long
from ..locks import hold_suite, require_in_use, wait_for_matches
from ..models import BulkItem, Case, Comment, Suite
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


def hold_place(wanted: Wanted) -> tuple[Project, Suite | None]:
    """The project and the suite that copies go to, held. Raises Refused where one is gone."""
    target = target_of(wanted)
    suite = target.suites.model(pk=wanted.suite) if wanted.suite else None
    lock_project(target)
    held = hold_suite(target, suite, field="copy_to")
    require_in_use(held, field="copy_to")
    return target, held


def copy_batch(change, wanted: Wanted, ids) -> list[Decision]:
    """Each item keeps the id of the copy, by which it is taken back, and those of its files."""
    target, suite = hold_place(wanted)
    cases = change.project.cases.active().filter(pk__in=ids)
    copies = copy_cases(cases, target, by=change.created_by, suite=suite)
    files = _files_of(target, copies.values())
    copied = [
        Decision(pk, Outcome.CHANGED, None, {"copy": str(copy), "files": files.get(copy, [])})
        for pk, copy in copies.items()
    ]
    left = [pk for pk in ids if pk not in copies]
    long = too_long(left)
    return copied + [Decision(pk, Outcome.LONG if pk in long else Outcome.ARCHIVED) for pk in left]


def take_copies_back(change, wanted: Wanted, items) -> list[Decision]:
    """Delete the copies that are as they were made; those that were worked with stay."""
    target = target_of(wanted)
    wait_for_matches(target)
    made = {UUID(item.before["copy"]): item for item in items}
    rows = target.cases.select_for_update(of=("self",)).order_by("pk")
    there = {row.pk: row for row in rows.only("version", "archived_at").filter(pk__in=made)}
    ran = set(
        Case.objects.filter(pk__in=there, executions__isnull=False)
        .values_list("pk", flat=True)
        .distinct()
    )
    talked_of = set(Comment.objects.filter(case__in=there).values_list("case_id", flat=True))
    files = _files_of(target, there)
    outcomes = {
        copy: _outcome(
            there.get(copy),
            has_results=copy in ran,
            has_more=copy in talked_of or files.get(copy, []) != item.before.get("files", []),
        )
        for copy, item in made.items()
    }
    untouched = [copy for copy, outcome in outcomes.items() if outcome == Outcome.UNDONE]
    target.cases.filter(pk__in=untouched).delete()
    no_more_linked = {UUID(file) for copy in untouched for file in files.get(copy, [])}
    delete_unlinked(target, no_more_linked, by=change.undone_by)
    return [Decision(made[copy].case_id, outcome) for copy, outcome in outcomes.items()]


def _files_of(target, copies) -> dict[UUID, list[str]]:
    """{id of a case: ids of its files in order}, without cases that have none."""
    links = target.caseartifacts.filter(case__in=list(copies)).order_by("artifact_id")
    found: dict[UUID, list[str]] = {}
    for case, file in links.values_list("case_id", "artifact_id"):
        found.setdefault(case, []).append(str(file))
    return found


def _outcome(row, *, has_results, has_more):
    if row is None:
        return Outcome.GONE
    if has_results:
        return Outcome.USED
    if has_more or row.version != 1 or row.is_archived:
        return Outcome.CHANGED_SINCE
    return Outcome.UNDONE
