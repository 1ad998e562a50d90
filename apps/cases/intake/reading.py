"""What the job of an import does: count the rows, then take them in batch by batch.

Each batch is a transaction of its own that moves `rows_read` with what it stores. After a kill the
job is run again, passes over so many rows, and goes on.
"""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.db import transaction
from django.utils import timezone

from apps.artifacts.reading.notes import FileRefused
from apps.projects import trail
from apps.projects.refusals import Refused

from ..formats import Reading, Table, open_file
from ..models import CaseImport
from .drafts import Plan, drafts_of, groups_of
from .extras import lend_shared, make_missing
from .files import forget_upload
from .finding import Finder
from .storing import Batch, Overtaken
from .uploads import plan_of, source_of
from .wanted import Draft

State = CaseImport.State
WAITING = [State.QUEUED, State.READING]
BATCH = 2_000
COUNTS = ("created", "updated", "unchanged", "refused")


def read_waiting(import_id) -> None:
    """Take in an import that waits; one that is done is left as it is."""
    arrivals = CaseImport.objects.select_related("project", "created_by")
    arrival = arrivals.filter(pk=import_id, state__in=WAITING).first()
    if arrival is None:
        return
    CaseImport.objects.filter(pk=import_id, state=State.QUEUED).update(state=State.READING)
    try:
        with arrival.upload.open("rb") as file:
            _read(arrival, file)
    except Overtaken:
        return
    except (FileRefused, Refused) as refusal:
        give_up(import_id, str(refusal))


def give_up(import_id, reason: str) -> None:
    """End an import that cannot go on; what it has stored stays, and the reason says so."""
    with transaction.atomic():
        waiting = CaseImport.objects.select_for_update(no_key=True, of=("self",))
        arrival = waiting.filter(pk=import_id, state__in=WAITING).first()
        if arrival is None:
            return
        if (rows := arrival.rows_read) and not arrival.is_dry_run:
            reason += f" {rows:,} row{' before was' if rows == 1 else 's before were'} taken in."
        _finish(arrival, State.REFUSED, reason)
    forget_upload(import_id)


def _read(arrival: CaseImport, file) -> None:
    plan = plan_of(arrival)
    if not arrival.rows_total:
        # The whole file once before anything is stored: one that is broken stores nothing.
        total = sum(1 for _ in groups_of(_open(arrival, file, Reading()).rows, plan))
        CaseImport.objects.filter(pk=arrival.pk).update(rows_total=total)
    reading = Reading()
    table = _open(arrival, file, reading)
    if arrival.is_dry_run:
        warnings = lend_shared(plan, table.extras)
    else:
        warnings = make_missing(arrival, plan, table.extras) if table.extras else []
    plan.skipped = 0
    batch = Batch(arrival, plan, source_of(arrival))
    drafts = _without_repeats(
        drafts_of(table.rows, plan), Finder(arrival.project, batch.source, arrival.pk)
    )
    done = arrival.rows_read
    for _ in itertools.islice(drafts, done):
        pass
    for some in _read_ahead(drafts):
        batch.store(some, done=done)
        done += len(some)
    _conclude(arrival.pk, [*reading.warnings, *warnings, *_skipped(plan)])


def _open(arrival, file, reading) -> Table:
    return open_file(file, arrival.filename, arrival.format, dict(arrival.options), reading)


def _read_ahead(drafts: Iterator[Draft]) -> Iterator[list[Draft]]:
    """Batches of drafts. The next one is read, without the database, while that takes the last."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(_next, drafts)
        while some := coming.result():
            coming = reader.submit(_next, drafts)
            yield some


def _next(drafts):
    return list(itertools.islice(drafts, BATCH))


def _without_repeats(drafts: Iterator[Draft], finder: Finder) -> Iterator[Draft]:
    """Two rows of one id would overwrite each other, in this import and in each that follows."""
    seen: dict[tuple[str, str], int] = {}
    for draft in drafts:
        number = finder.number_of(draft)
        identity = ("", str(number)) if number else finder.origin_of(draft)
        if identity and not draft.problem:
            first = seen.setdefault(identity, draft.row)
            if first != draft.row:
                said = draft.key if number else identity[1]
                draft.refuse("", f"It has the id {said[:80]}, as row {first:,} has.")
        yield draft


def _skipped(plan: Plan) -> list[str]:
    if not plan.skipped or not plan.tool:
        return []
    return [f"Rows that are no cases in {plan.tool.label} were passed over: {plan.skipped:,}."]


@transaction.atomic
def _conclude(import_id, warnings) -> None:
    waiting = CaseImport.objects.select_for_update(no_key=True, of=("self",))
    arrival = waiting.filter(pk=import_id, state=State.READING).first()
    if arrival is None:
        return
    known = list(arrival.warnings)
    arrival.warnings = known + [warning for warning in warnings if warning not in known]
    arrival.save(update_fields=["warnings"])
    _finish(arrival, State.CHECKED if arrival.is_dry_run else State.DONE)


def _finish(arrival: CaseImport, state, reason="") -> None:
    """The end, with the one line that the trail keeps of all rows."""
    arrival.state, arrival.reason, arrival.finished_at = state, reason, timezone.now()
    # What was shown of the file is of no use any more.
    if state != State.CHECKED:
        arrival.options.pop("sample", None)
    arrival.save(update_fields=["state", "reason", "finished_at", "options"])
    counts = {name: getattr(arrival, name) for name in COUNTS}
    verb = {State.DONE: "finish", State.CHECKED: "check", State.REFUSED: "refuse"}[state]
    after = counts | ({"reason": reason} if reason else {})
    trail.note(arrival.project, f"case_import.{verb}", arrival, by=arrival.created_by, after=after)
