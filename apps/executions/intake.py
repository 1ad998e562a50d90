"""The one way in for results: files and batches, read now or by a job, each with its receipt."""

import hashlib
from dataclasses import asdict
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.cases.locks import share_cases
from apps.projects.environments import find_environment
from apps.projects.locks import lock_project
from apps.projects.refusals import Refused, Unprocessable
from apps.projects.trail import note
from apps.runs import lifecycle as runs
from apps.runs import live
from apps.runs.locks import lock_run
from apps.runs.models import Run
from apps.runs.shards import missing_shards

from .destination import Destination, clean_destination, find_run, open_run
from .formats import FileRefused, Reading, read_batch, read_results
from .models import Import
from .pipeline.copying import Spill, copy_results
from .pipeline.matching import make_unknown, match_known, name_ambiguous
from .pipeline.storing import TALLIED, store, store_long_texts
from .progress import Progress
from .repeats import first_import, same_body, wait_turn
from .tasks import ANALYZE_FROM, ask_for_statistics, read_import

READ_SIZE = 1024 * 1024
MOST_IN_A_BATCH = 10_000
WAITING = [Import.State.QUEUED, Import.State.READING]


class UploadRefused(Unprocessable):
    """The whole upload was refused; `receipt` is the Import that says why."""

    def __init__(self, sentence, receipt):
        super().__init__(sentence, field="file", code="file_refused")
        self.receipt = receipt


def import_file(project, file, *, by, filename, fields, anew=False, idempotency_key="") -> Import:
    """Take a result file in, `fields` being what was sent beside it.

    Small files are read now; larger ones wait for a job, and the Import says `queued`. A file that
    was taken in before answers its first Import, with `was_repeated` set; `anew` (new=1) reads it
    again into a run of its own.

    Raises Unprocessable for a field that is wrong, UploadRefused for a file that cannot be read,
    TransitionRefused for a run that is finished.
    """
    destination = clean_destination(fields)
    sha256, size = _sha256(file)
    filename = _shown(filename)
    arrival = Import(
        project=project,
        source=Import.Source.FILE,
        filename=filename,
        sha256=sha256,
        fields=asdict(destination),
        fields_sha256=destination.sha256,
        shard_index=destination.shard_index,
        shard_total=destination.shard_total,
        idempotency_key=idempotency_key,
        bytes_total=size,
        created_by=by,
    )
    if size > settings.QUICK_IMPORT:
        return _queue(arrival, file, destination, anew=anew)
    try:
        with transaction.atomic():
            if first := first_import(arrival, destination, anew=anew):
                return first
            _check(project, destination)
            arrival.state = Import.State.READING
            arrival.save()
            _note_arrival(arrival)
            return read_upload(arrival, file)
    except FileRefused as refusal:
        raise UploadRefused(str(refusal), refuse(arrival, str(refusal))) from None


@transaction.atomic
def record_results(run, body, *, by, content_type, idempotency_key="") -> Import:
    """Take a batch in: a JSON list or NDJSON of results, `body` being a binary file.

    The same key with the same body answers the first Import; with another body it is refused.
    Raises Unprocessable, FileRefused (the body is not JSON) or TransitionRefused.
    """
    project = run.project
    sha256, size = _sha256(body)
    if idempotency_key:
        wait_turn(project.pk, run.pk, idempotency_key)
        batches = run.imports.filter(source=Import.Source.BATCH)
        first = batches.filter(idempotency_key=idempotency_key).first()
        if first:
            return same_body(first, sha256)
    run.require(*Run.UNFINISHED)
    arrival = Import.objects.create(
        project=project,
        run=run,
        source=Import.Source.BATCH,
        state=Import.State.READING,
        sha256=sha256,
        fields_sha256=b"",
        idempotency_key=idempotency_key,
        bytes_total=size,
        created_by=by,
    )
    _note_arrival(arrival)
    reading = Reading()
    results = read_batch(body, content_type=content_type, reading=reading)
    results = _no_more_than_a_batch(results, reading)
    return _take_in(arrival, Destination(run=run.number), results, reading)


def _no_more_than_a_batch(results, reading):
    for result in results:
        if reading.received > MOST_IN_A_BATCH:
            break
        yield result
    if reading.received > MOST_IN_A_BATCH:
        raise FileRefused(f"A batch holds up to {MOST_IN_A_BATCH:,} results; send several.")


def read_upload(arrival, file, *, progress=None) -> Import:
    """Read the file of an Import into its run, within the caller's transaction."""
    destination = Destination(**arrival.fields)
    reading = Reading()
    results = read_results(file, filename=arrival.filename, reading=reading)
    if progress:
        results = progress.follow(results, reading)
    return _take_in(arrival, destination, results, reading)


def read_waiting(import_id):
    """Read an upload that waits for its job; what was read meanwhile is left as it is."""
    waiting = Import.objects.filter(pk=import_id, state__in=WAITING)
    if not waiting.update(state=Import.State.READING, bytes_read=0):
        return
    try:
        with transaction.atomic():
            # A worker taken for dead may still be at it.
            wait_turn(import_id)
            arrival = waiting.select_related("project", "created_by").first()
            if arrival is not None:
                arrival.project.require_open()
                with arrival.upload.open("rb") as file:
                    read_upload(arrival, file, progress=Progress(arrival))
    except (FileRefused, Refused) as refusal:
        refuse_waiting(import_id, str(refusal))


def refuse_waiting(import_id, reason):
    """Give up an upload that waits for its job, unless it was read meanwhile."""
    Import.objects.filter(pk=import_id, state__in=WAITING).update(
        state=Import.State.REFUSED, reason=reason, finished_at=timezone.now()
    )


def forget_upload(import_id):
    """Remove the file of an upload once it was read or refused."""
    read = Import.objects.filter(pk=import_id).exclude(state__in=WAITING).exclude(upload="")
    for arrival in read:
        upload, storage = arrival.upload.name, arrival.upload.storage
        Import.objects.filter(pk=import_id).update(upload="")
        storage.delete(upload)


@transaction.atomic
def refuse(arrival, reason) -> Import:
    """Keep an upload that could not be read, with the reason; nothing of it is stored."""
    refused = Import.objects.create(
        project=arrival.project,
        source=arrival.source,
        filename=arrival.filename,
        sha256=arrival.sha256,
        fields=arrival.fields,
        fields_sha256=arrival.fields_sha256,
        shard_index=arrival.shard_index,
        shard_total=arrival.shard_total,
        bytes_total=arrival.bytes_total,
        created_by=arrival.created_by,
        state=Import.State.REFUSED,
        reason=reason,
        finished_at=timezone.now(),
    )
    note(refused.project, "import.refuse", refused, by=refused.created_by, after={"reason": reason})
    return refused


def _note_arrival(arrival):
    sent = {"filename": arrival.filename, "bytes": arrival.bytes_total}
    note(arrival.project, "import.send", arrival, by=arrival.created_by, after=sent)


def _queue(arrival, file, destination, *, anew):
    project = arrival.project
    with transaction.atomic():
        if first := first_import(arrival, destination, anew=anew):
            return first
        _check(project, destination)
        file.seek(0)
        arrival.upload.save(arrival.filename or "upload", file, save=False)
        try:
            arrival.save()
            _note_arrival(arrival)
            read_import.defer(import_id=str(arrival.pk))
        except BaseException:
            arrival.upload.delete(save=False)
            raise
    return arrival


def _take_in(arrival, destination, results, reading):
    with Spill() as long_texts:
        return _store(arrival, destination, results, reading, long_texts)


def _store(arrival, destination, results, reading, long_texts):
    """Copy, match and store; the locks are taken after the file has been read."""
    project, by = arrival.project, arrival.created_by
    copied = copy_results(
        results,
        reading,
        project_key=project.key,
        configuration=destination.configuration,
        attempt=destination.attempt,
        long_texts=long_texts,
    )
    # No case that is found from here on can be deleted before its results are there.
    share_cases(project)
    matched = match_known(project, explicit_cases=copied.explicit_cases)
    if matched.unknown:
        make_unknown(project, by=by)
    name_ambiguous(project, matched)
    run, made_run = _open(project, destination, arrival, by)
    shard_again = _shard_was_there(run, arrival)
    stored = store(
        run,
        arrival,
        shard=arrival.shard_index,
        shard_again=shard_again,
        attempt=destination.attempt,
        tries=(destination.repeats or project.repeats) == "tries",
    )
    run.save(update_fields=[*TALLIED, "seq", "shards"])
    store_long_texts(run, long_texts, by=by)
    arrival.run, arrival.made_run = run, made_run
    _fill_receipt(arrival, reading, matched, stored, copied)
    _conclude(run, arrival, destination, by=by)
    return arrival


def _open(project, destination, arrival, by):
    """The run of the upload, locked and running; and whether it was made for it."""
    if destination.run_key:
        # One upload makes the run of the key, and the others find it.
        lock_project(project)
    run = _lock_the_run(project, destination)
    if run is None:
        run = open_run(project, destination, by=by, filename=arrival.filename)
        return lock_run(run), True
    if run.state == Run.State.CREATED:
        run = runs.start(run, by=by)
    run.require(Run.State.RUNNING)
    if arrival.shard_total and run.shards not in (None, arrival.shard_total):
        raise Unprocessable(
            f"Run #{run.number} expects {run.shards} shards, not {arrival.shard_total}.",
            field="shard",
            code="shards_differ",
        )
    run.shards = run.shards or arrival.shard_total
    return run, False


def _lock_the_run(project, destination):
    """The run that is meant, passing over one of a key that was finished meanwhile."""
    while found := find_run(project, destination):
        run = lock_run(found)
        if destination.run or not run.is_finished:
            return run
    return None


def _conclude(run, arrival, destination, *, by):
    """An upload finishes the run it made alone, or the run whose last shard it brings."""
    alone = arrival.made_run and not destination.run_key
    brings_shard = arrival.shard_total and destination.run_key
    last_shard = brings_shard and not missing_shards(run)
    if arrival.source == Import.Source.FILE and (alone or last_shard):
        duration = arrival.duration_ms if alone else None
        arrival.run = runs.finish(run, by=by, duration_ms=duration)
    else:
        transaction.on_commit(partial(live.run_changed, run), robust=True)
    if arrival.stored >= ANALYZE_FROM:
        ask_for_statistics(run.pk)


def _fill_receipt(arrival, reading, matched, stored, copied):
    refused = sorted([*reading.refused, *matched.refused], key=lambda item: item.get("index", 0))
    warnings = [*reading.warnings, *matched.warnings]
    if stored.further_instances:
        warnings.append(
            f"{stored.further_instances} results repeat a test of this run without saying that "
            "they are tries; each is kept as an instance of its own (#2, #3 …). Send "
            "repeats=tries if they are."
        )
    arrival.received = reading.received
    arrival.stored = stored.stored
    arrival.attempts = stored.attempts
    arrival.repeated = stored.repeated
    arrival.refused_count = len(refused)
    arrival.refused = refused
    arrival.warnings = warnings
    arrival.repaired = reading.repaired
    arrival.suite_errors = reading.suite_errors
    arrival.matched = stored.matched
    arrival.created_cases = stored.created_cases
    arrival.ambiguous = stored.ambiguous
    arrival.distinct_tests = stored.distinct_tests
    arrival.new_failures = stored.new_failures
    arrival.duration_ms = copied.duration_ms
    arrival.bytes_read = arrival.bytes_total
    arrival.state = Import.State.DONE
    arrival.finished_at = timezone.now()
    arrival.save()


def _check(project, destination):
    """Refuse an upload before it is read: into a finished run, or for an unknown environment."""
    find_environment(project, destination.environment, default="ci")
    run = find_run(project, destination)
    if run:
        run.require(*Run.UNFINISHED)


def _shard_was_there(run, arrival):
    if arrival.shard_index is None:
        return False
    earlier = run.imports.filter(
        state=Import.State.DONE,
        undone_at=None,
        shard_index=arrival.shard_index,
        shard_total=arrival.shard_total,
    )
    return earlier.exclude(pk=arrival.pk).exists()


def _sha256(file):
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(READ_SIZE):
        digest.update(piece)
        size += len(piece)
    file.seek(0)
    return digest.digest(), size


def _shown(filename):
    """A file's name without folders and control characters, short enough for a list."""
    name = str(filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in name if letter.isprintable())[-255:]
