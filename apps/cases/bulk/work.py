"""A change batch by batch: at once within its request, or by a job, which goes on where it was."""

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.utils import timezone

from apps.projects.models import Project
from apps.projects.refusals import Refused

from ..custom_fields import share_fields
from ..doors import require_still_editor
from ..locks import hold_suite, require_in_use
from ..models import BulkChange, BulkItem
from ..owners import members_of
from .copies import copy_batch, take_copies_back
from .custom import checked_values, former_fits
from .deciding import Decision, Rules, change_of, undoing_of
from .shelving import shelve, unshelve
from .wanted import Wanted, asks_for_ready, wanted_of
from .writing import add_items, hold, put_down, update_items

State, Outcome = BulkChange.State, BulkItem.Outcome
QUICK = 500
"""Cases that are changed within the request; of more a job does."""
AT_ONCE, COPIED_AT_ONCE = 2_500, 250
"""Cases of one transaction of a job; to copy one costs many rows."""

SELECT = """
UPDATE cases_bulkchange SET selected = picked.ids, total = cardinality(picked.ids)
FROM (SELECT ARRAY(SELECT DISTINCT found.id FROM ({cases}) found ORDER BY found.id) AS ids) picked
WHERE cases_bulkchange.id = %s RETURNING total
"""
NEXT = "SELECT selected[%s:%s] FROM cases_bulkchange WHERE id = %s"


def select(change: BulkChange, cases) -> int:
    """Keep which cases the change is of, a queryset as it is now; returns how many."""
    try:
        sql, params = cases.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(SELECT.format(cases=sql), [*params, change.pk])
        return cursor.fetchone()[0]


def lock_change(change_id) -> BulkChange | None:
    rows = BulkChange.objects.select_for_update(no_key=True, of=("self",)).defer("selected")
    return rows.filter(pk=change_id).first()


def do_all(change: BulkChange) -> None:
    """Within the transaction of the verb that asks for it."""
    while _take_batch(change):
        pass


def go_on(change_id) -> bool:
    """The next batch of a change in a transaction of its own; whether there may be more.

    Who asked must still be allowed to: raises Refused otherwise.
    """
    with transaction.atomic():
        change = lock_change(change_id)
        if change is None or not change.is_under_way:
            return False
        _require_doors(change)
        return _take_batch(change)


def give_up(change_id, reason: str) -> None:
    """End a change that cannot go on; what is done stays, and can be undone."""
    with transaction.atomic():
        change = lock_change(change_id)
        if change is not None and change.is_under_way:
            stop(change, reason)


def stop(change: BulkChange, reason: str) -> None:
    """End one that is locked and under way, wherever it is."""
    change.reason = reason
    _end(change, State.REFUSED)


def _require_doors(change):
    by = change.undone_by if change.is_being_undone else change.created_by
    keys = {change.project.key}
    if (target := wanted_of(change).copy_to) is not None:
        keys |= {*Project.objects.filter(pk=target).values_list("key", flat=True)}
    require_still_editor(by, *sorted(keys))


def _take_batch(change):
    wanted = wanted_of(change)
    size = COPIED_AT_ONCE if wanted.copy_to is not None else AT_ONCE
    if change.is_being_undone:
        return _take_back(change, wanted, size)
    ids = _next(change, size)
    if not ids:
        _end(change, State.DONE)
        return False
    change.state = State.RUNNING
    decisions = _change(change, wanted, ids)
    add_items(change, decisions)
    change.done += len(ids)
    change.changed += sum(one.outcome == Outcome.CHANGED for one in decisions)
    change.save(update_fields=["state", "done", "changed"])
    return True


def _next(change, size):
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [change.done + 1, change.done + size, change.pk])
        return cursor.fetchone()[0]


def _take_back(change, wanted, size):
    items = list(change.items.filter(outcome=Outcome.CHANGED).order_by("case_id")[:size])
    if not items:
        _end(change, State.UNDONE)
        return False
    update_items(change, _undo(change, wanted, items))
    change.done += len(items)
    change.save(update_fields=["done"])
    return True


def _end(change, state):
    change.state, change.finished_at = state, change.finished_at or timezone.now()
    change.save(update_fields=["state", "finished_at", "reason"])


def _change(change, wanted: Wanted, ids) -> list[Decision]:
    if wanted.copy_to is not None:
        return copy_batch(change, wanted, ids)
    if wanted.archive is not None:
        return shelve(ids, archive=wanted.archive)
    rules = rules_of(change.project, wanted)
    held = hold(ids)
    decisions = [change_of(case, rules) for case in held]
    note = note_of(change)
    put_down(change.project, held, decisions, by=change.created_by, note=note)
    return decisions


def _undo(change, wanted: Wanted, items) -> list[Decision]:
    if wanted.copy_to is not None:
        return take_copies_back(change, wanted, items)
    if wanted.archive is not None:
        return unshelve(items, archived=wanted.archive)
    return _put_back(change, {item.case_id: item for item in items})


def _put_back(change, items) -> list[Decision]:
    project = change.project
    fits = former_fits(project, items.values())
    former = {item.before["suite_id"] for item in items.values() if item.before.get("suite_id")}
    suites = project.suites.select_for_update(no_key=True, of=("self",)).order_by("pk")
    kept = suites.filter(pk__in=former, archived_at=None) if former else []
    there = {suite.pk for suite in kept}
    held = hold(list(items))
    decisions = [undoing_of(case, items[case.id], suites=there, fits=fits) for case in held]
    put_down(
        project,
        held,
        decisions,
        by=change.undone_by,
        note=f"Undone: {change.said}",
        undoes_since=change.created_at,
    )
    return decisions


def rules_of(project, wanted: Wanted) -> Rules:
    """Held for one batch: the suite cannot go, the definitions of custom fields stay as they are.

    Raises Refused where the suite is gone, the owner has left, or a value fits its field no more.
    """
    custom = wanted.set.get("custom", {})
    if custom:
        share_fields(project)
    project.refresh_from_db(fields=["review_required", "review_again"])
    values = {name: wanted.set[name] for name in wanted.set if name not in ("owner", "custom")}
    if "owner" in wanted.set:
        values["owner_id"] = member_id(project, wanted.set["owner"])
    if wanted.moves:
        suite = project.suites.model(pk=wanted.suite) if wanted.suite else None
        held = hold_suite(project, suite, field="move_to")
        require_in_use(held, field="move_to")
        values["suite_id"] = held.pk if held else None
    return Rules(
        review_required=project.review_required,
        review_again=project.review_again,
        values=values,
        custom=checked_values(project, custom) if custom else {},
        add_tags=frozenset(wanted.add_tags),
        remove_tags=frozenset(wanted.remove_tags),
    )


def member_id(project, email: str) -> int | None:
    """The key of the member with this address; None for an empty one. Raises Refused else."""
    if not email:
        return None
    found = members_of(project).filter(email__iexact=email).values_list("pk", flat=True).first()
    if found is None:
        raise Refused(
            f"{email} is no member of {project.key}; choose somebody who is.",
            field="owner",
            code="no_member",
        )
    return found


def note_of(change: BulkChange) -> str:
    """“Tagged smoke with 9,999 others”, as each version says."""
    others = change.total - 1
    if not others:
        return change.said
    return f"{change.said} with {others:,} {'other' if others == 1 else 'others'}"


def require_review_rule(project, wanted: Wanted) -> None:
    """Raises Refused where all would become ready past the review that the project asks for."""
    if asks_for_ready(wanted) and project.review_required:
        raise Refused(
            f"In {project.key} a case becomes ready by a review: send the cases to review, and "
            "somebody else approves each.",
            field="status",
            code="review_required",
        )
