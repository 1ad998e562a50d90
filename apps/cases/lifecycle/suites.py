from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.projects import trail
from apps.projects.locks import lock_project
from apps.projects.refusals import Refused, TransitionRefused

from ..locks import hold_suite, require_in_use
from ..models import Suite
from ..placing import Place, last_position, next_to, place_suite
from ..suites import NAME_TAKEN, WITHIN_ITSELF, is_name_taken, state_of
from ..tree import Wanted, archived_above, branch_of, ids_above, write_paths
from .writing import EditedMeanwhile, insert, known

SUITE_FIELDS = {
    "name", "parent", "description", "owner", "position", "execution_order", "timeout_seconds",
    "parallel_safe", "prerequisites",
}  # fmt: skip


@transaction.atomic
def create_suite(project, *, by, name, id=None, parent=None, **fields) -> Suite:
    """A suite below another, or at the top; the last there unless `position` says where.

    `fields`: description, position, owner, execution_order, timeout_seconds, parallel_safe,
    prerequisites.
    """
    lock_project(project)
    parent = _hold_parent(project, parent)
    fields.setdefault("position", last_position(project, parent))
    suite = Suite(
        project=project,
        name=name,
        parent=parent,
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
def change_suite(suite, *, by, seen="", **changes) -> Suite:
    """Rename, move or describe a suite; the paths of everything below follow.

    `changes`: the fields of create_suite; with another parent it is the last there unless
    `position` is among them. Raises Refused where the suite would come to lie within itself, or
    beside one of the same name, TransitionRefused for an archived one, and EditedMeanwhile where
    `seen`, the `state_of` that the change began from, is not that of the suite any more.
    """
    suite = _hold(suite)
    if seen and seen != state_of(suite):
        raise EditedMeanwhile(
            "Somebody changed the suite since you opened it.", code="edited_meanwhile"
        )
    if "parent" in changes:
        changes["parent"] = _hold_parent(suite.project, changes["parent"])
        if changes["parent"] != suite.parent:
            changes.setdefault("position", last_position(suite.project, changes["parent"]))
    before, after = trail.changes(suite, known(changes, SUITE_FIELDS))
    for name, value in changes.items():
        setattr(suite, name, value)
    _require_outside_itself(suite)
    _require_free_name(suite)
    suite.save(update_fields=list(changes))
    write_paths(suite)
    suite.refresh_from_db(fields=["path"])
    trail.note(suite.project, "suite.change", suite, by=by, before=before, after=after)
    return suite


@transaction.atomic
def move_suite(suite, *, by, parent, before=None) -> Suite:
    """Put a suite below `parent` (None: at the top), before that sibling there, or as the last.

    All siblings are numbered anew from 1. Raises Refused like change_suite.
    """
    suite = _hold(suite)
    return _move(suite, Place(parent, before), by=by)


@transaction.atomic
def step_suite(suite, *, by, direction) -> Suite:
    """Move a suite by one place: up, down, in (below the one before it) or out of its parent.

    Raises Refused where it cannot go further, and like change_suite.
    """
    suite = _hold(suite)
    return _move(suite, next_to(suite, direction), by=by)


def _move(suite, place, *, by):
    project, former = suite.project, suite.path
    suite.parent = _hold_parent(project, place.parent)
    if place.before and not _lies_in(project, place.before, suite.parent, but=suite):
        raise Refused(
            f"“{place.before.name}” does not lie there any more; reload the tree.",
            field="before",
            code="gone",
        )
    _require_outside_itself(suite)
    _require_free_name(suite)
    place_suite(suite, place)
    write_paths(suite)
    suite.refresh_from_db(fields=["path", "position", "parent"])
    trail.note(
        project,
        "suite.move",
        suite,
        by=by,
        before={"path": former},
        after={"path": suite.path, "position": suite.position},
    )
    return suite


@transaction.atomic
def archive_suite(suite, *, by) -> Suite:
    """Take a suite with all below it, and the cases there, out of use; results and versions stay.

    What was archived before keeps its own moment, so that a restore leaves it archived.
    """
    suite = _hold(suite)
    moment = timezone.now()
    suites, cases = _set_archived(suite, None, moment)
    after = {"suites": suites, "cases": cases}
    trail.note(suite.project, "suite.archive", suite, by=by, after=after)
    suite.archived_at = moment
    return suite


@transaction.atomic
def restore_suite(suite, *, by) -> Suite:
    """Bring an archived suite back, with what was archived together with it.

    Raises TransitionRefused where it is in use, or lies in an archived one.
    """
    lock_project(suite.project)
    suite = hold_suite(suite.project, suite)
    if not suite.is_archived:
        raise TransitionRefused(f"{suite} is not archived.", code="wrong_state")
    if suite.parent and suite.parent.is_archived:
        raise TransitionRefused(
            f"{suite} lies in {suite.parent}, which is archived; restore that one.", code="archived"
        )
    suites, cases = _set_archived(suite, suite.archived_at, None)
    after = {"suites": suites, "cases": cases}
    trail.note(suite.project, "suite.restore", suite, by=by, after=after)
    suite.archived_at = None
    return suite


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


@transaction.atomic
def bring_back_suites(project, ids: Iterable[UUID | None], *, by) -> None:
    """Let those suites that files put cases into, and all above them, be in use again.

    What else was archived with them stays so. One query where none is archived.
    """
    rows = project.suites.filter(pk__in=archived_above(project, ids)).exclude(archived_at=None)
    held = list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    for suite in held:
        trail.note(project, "suite.restore", suite, by=by, after={"suites": 1, "cases": 0})
    project.suites.filter(pk__in=[suite.pk for suite in held]).update(archived_at=None)


def _hold(suite):
    """The suite as it is now, in use; the project's row comes first."""
    lock_project(suite.project)
    suite = hold_suite(suite.project, suite)
    require_in_use(suite)
    return suite


def _hold_parent(project, parent):
    parent = hold_suite(project, parent, field="parent")
    require_in_use(parent, field="parent")
    return parent


def _lies_in(project, suite, parent, *, but):
    siblings = project.suites.filter(parent=parent).exclude(pk=but.pk)
    return siblings.filter(pk=suite.pk).exists()


def _set_archived(suite, former, moment):
    """(suites, cases) of the branch whose archived_at was `former` and now is the moment."""
    project = suite.project
    suites = project.suites.filter(pk__in=branch_of(suite), archived_at=former)
    held = list(suites.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    cases = project.cases.filter(suite__in=branch_of(suite), archived_at=former)
    rows = cases.select_for_update(no_key=True, of=("self",)).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    changed = project.cases.filter(pk__in=ids).update(archived_at=moment, updated_at=timezone.now())
    project.suites.filter(pk__in=[row.pk for row in held]).update(archived_at=moment)
    return len(held), changed


def _require_outside_itself(suite):
    if suite.parent_id and suite.pk in ids_above(suite.parent):
        raise Refused(WITHIN_ITSELF, field="parent", code="cycle")


def _require_free_name(suite):
    but = None if suite._state.adding else suite.pk
    if is_name_taken(suite.project, suite.name, suite.parent, but=but):
        raise Refused(NAME_TAKEN, field="name", code="unique")
