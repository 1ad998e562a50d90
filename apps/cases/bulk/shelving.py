"""Archiving and restoring of a batch: the cases keep what they say, so there are no versions."""

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from ..models import BulkItem, Case, Suite
from .deciding import Decision

Outcome = BulkItem.Outcome


def shelve(ids, *, archive: bool) -> list[Decision]:
    """Archive these cases, or restore them; those that are so already are passed over."""
    rows = _hold(ids)
    now = timezone.now()
    moment = now if archive else None
    turned = [row for row in rows if row.is_archived != archive]
    stuck = set() if archive else _in_archived_suites(turned)
    _write([row for row in turned if row.pk not in stuck], moment, now)
    return [_shelved(row, archive, moment, row.pk in stuck) for row in rows]


def _shelved(row, archive, moment, is_stuck):
    if row.is_archived == archive:
        return Decision(row.pk, Outcome.SAME)
    if is_stuck:
        return Decision(row.pk, Outcome.SUITE)
    before = {"archived_at": _text(row.archived_at), "since": _text(moment)}
    return Decision(row.pk, Outcome.CHANGED, row.version, before)


def _text(moment):
    return moment and moment.isoformat()


def unshelve(items, *, archived: bool) -> list[Decision]:
    """Put back what was archived or restored, unless somebody did so since."""
    by_case = {item.case_id: item for item in items}
    rows = _hold(by_case)
    now = timezone.now()
    stuck = _in_archived_suites(rows) if archived else set()
    left, decisions = [], []
    for row in rows:
        before = by_case[row.pk].before
        if row.archived_at != (before["since"] and parse_datetime(before["since"])):
            decisions.append(Decision(row.pk, Outcome.ARCHIVED_SINCE))
        elif not archived and row.version != by_case[row.pk].version:
            decisions.append(Decision(row.pk, Outcome.CHANGED_SINCE))
        elif row.pk in stuck:
            decisions.append(Decision(row.pk, Outcome.SUITE))
        else:
            row.archived_at = before["archived_at"] and parse_datetime(before["archived_at"])
            row.updated_at = now
            left.append(row)
            decisions.append(Decision(row.pk, Outcome.UNDONE))
    if archived:
        _write(left, None, now)
    else:
        Case.objects.bulk_update(left, ["archived_at", "updated_at"])
    return decisions


def _hold(ids):
    """The suites first, which nobody archives or restores meanwhile."""
    suites = Suite.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    list(suites.filter(pk__in=Case.objects.filter(pk__in=list(ids)).values("suite")))
    rows = Case.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    return list(rows.only("version", "archived_at", "suite").filter(pk__in=list(ids)))


def _in_archived_suites(rows):
    """They come back with their suite."""
    suites = Suite.objects.filter(pk__in={row.suite_id for row in rows}, archived_at__isnull=False)
    archived = set(suites.values_list("pk", flat=True))
    return {row.pk for row in rows if row.suite_id in archived}


def _write(rows, moment, now):
    Case.objects.filter(pk__in=[row.pk for row in rows]).update(archived_at=moment, updated_at=now)
