from collections.abc import Iterable

from django.db import IntegrityError, transaction

from apps.projects import trail
from apps.projects.locks import lock_project
from apps.projects.refusals import Refused

from ..locks import hold_suite
from ..models import Suite
from ..tree import Wanted, branch_of, ids_above, write_paths
from .writing import insert, known

SUITE_FIELDS = {
    "name", "parent", "description", "owner", "position", "execution_order", "timeout_seconds",
    "parallel_safe", "prerequisites",
}  # fmt: skip


@transaction.atomic
def create_suite(project, *, by, name, id=None, parent=None, **fields) -> Suite:
    """A suite below another, or at the top. `fields`: description, position."""
    lock_project(project)
    suite = Suite(
        project=project,
        name=name,
        parent=hold_suite(project, parent, field="parent"),
        **known(fields, SUITE_FIELDS),
        **({"id": id} if id else {}),
    )
    _require_free_name(suite)
    insert(suite)
    write_paths(suite)
    suite.refresh_from_db(fields=["path"])
    trail.note(project, "suite.create", suite, by=by)
    return suite


@transaction.atomic
def change_suite(suite, *, by, **changes) -> Suite:
    """Rename, move or describe a suite; the paths of everything below follow.

    `changes`: name, parent, description, position. Raises Refused where the suite would come to lie
    within itself, or beside one of the same name.
    """
    lock_project(suite.project)
    suite = hold_suite(suite.project, suite)
    if "parent" in changes:
        changes["parent"] = hold_suite(suite.project, changes["parent"], field="parent")
    before, after = trail.changes(suite, known(changes, SUITE_FIELDS))
    for name, value in changes.items():
        setattr(suite, name, value)
    if suite.parent_id and suite.pk in ids_above(suite.parent):
        raise Refused("A suite cannot lie within itself.", field="parent", code="cycle")
    _require_free_name(suite)
    suite.save(update_fields=list(changes))
    write_paths(suite)
    suite.refresh_from_db(fields=["path"])
    trail.note(suite.project, "suite.change", suite, by=by, before=before, after=after)
    return suite


@transaction.atomic
def delete_suite(suite, *, by) -> None:
    """Remove a suite with those below it. Raises Refused while they hold a case or have a run."""
    project = suite.project
    lock_project(project)
    branch = project.suites.filter(pk__in=branch_of(suite))
    branch = list(branch.select_for_update(of=("self",)).order_by("pk"))
    cases = project.cases.filter(suite__in=branch)
    if count := cases.count():
        raise Refused(
            f"{suite} holds {count:,} cases, archived ones included; move or delete them first.",
            code="not_empty",
        )
    if Suite.objects.filter(pk__in=[row.pk for row in branch], runs__isnull=False).exists():
        raise Refused(f"{suite} has runs, so it cannot be deleted.", code="has_runs")
    trail.note(project, "suite.delete", suite, by=by, before={"suites": len(branch)})
    project.suites.filter(pk__in=[row.pk for row in branch]).delete()


@transaction.atomic
def find_or_create_suites(project, paths: Iterable[tuple[str, ...]]) -> dict:
    """{path: suite id} of paths of names from the top; those that are missing are made.

    One statement where all are known, four otherwise, whatever the number. Empty names within a
    path are passed over; a path without any name is not in the answer.
    """
    wanted = Wanted(paths)
    if not wanted.given:
        return {}
    found = wanted.find(project)
    if found is None:
        lock_project(project)
        wanted.grow(project)
        found = wanted.find(project)
    if found is None:
        raise IntegrityError("A suite went while it was looked for.")
    return found


def _require_free_name(suite):
    siblings = suite.project.suites.filter(parent=suite.parent, name=suite.name)
    if suite.pk is not None and not suite._state.adding:
        siblings = siblings.exclude(pk=suite.pk)
    if siblings.exists():
        raise Refused("There is a suite of this name here already.", field="name", code="unique")
