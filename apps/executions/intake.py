"""The one way in for results: files and batches, read now or by a job, each with its receipt."""

import hashlib
from dataclasses import asdict
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from apps.projects.refusals import Unprocessable
from apps.runs import lifecycle as runs
from apps.runs.models import Run
from apps.runs.shards import missing_shards

from .destination import Destination, clean_destination, find_run, open_run
from .formats import FileRefused, Reading, read_batch, read_results
from .models import Import
from .pipeline.copying import copy_results
from .pipeline.matching import make_unknown, match_known, name_ambiguous
from .pipeline.storing import store, store_long_texts

SAME_FILE_IS_REPEATED_FOR = timedelta(hours=24)
READ_SIZE = 1024 * 1024


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
            if first := _first_import(arrival, destination, anew=anew):
                return first
            _check_run(project, destination)
            arrival.state = Import.State.READING
            arrival.save()
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
        _wait_turn(project.pk, run.pk, idempotency_key)
        first = run.imports.filter(project=project, idempotency_key=idempotency_key).first()
        if first:
            return _same_body(first, sha256)
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
    reading = Reading()
    results = read_batch(body, content_type=content_type, reading=reading)
    return _take_in(arrival, Destination(run=run.number), results, reading)


def read_upload(arrival, file, *, progress=None) -> Import:
    """Read the file of an Import into its run, within the caller's transaction."""
    destination = Destination(**arrival.fields)
    reading = Reading()
    results = read_results(file, filename=arrival.filename, reading=reading)
    if progress:
        results = progress.follow(results, reading)
    return _take_in(arrival, destination, results, reading)


def refuse(arrival, reason) -> Import:
    """Keep an upload that could not be read, with the reason; nothing of it is stored."""
    now = timezone.now()
    if not arrival._state.adding and Import.objects.filter(pk=arrival.pk).exists():
        Import.objects.filter(pk=arrival.pk).update(
            state=Import.State.REFUSED, reason=reason, finished_at=now, run=None
        )
        return Import.objects.get(pk=arrival.pk)
    return Import.objects.create(
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
        finished_at=now,
    )


def _queue(arrival, file, destination, *, anew):
    from .tasks import read_import

    project = arrival.project
    with transaction.atomic():
        if first := _first_import(arrival, destination, anew=anew):
            return first
        _check_run(project, destination)
        file.seek(0)
        arrival.upload.save(arrival.filename or "upload", file, save=False)
        try:
            arrival.save()
            read_import.defer(import_id=str(arrival.pk))
        except BaseException:
            arrival.upload.delete(save=False)
            raise
    return arrival


def _take_in(arrival, destination, results, reading):
    """Copy, match and store; the locks are taken after the file has been read."""
    project, by = arrival.project, arrival.created_by
    copied = copy_results(
        results,
        reading,
        project_key=project.key,
        configuration=destination.configuration,
        attempt=destination.attempt,
    )
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
        tries=(destination.repeats or project.repeats) == "tries",
    )
    run.save(update_fields=[*_COUNTERS, "seq", "shards"])
    store_long_texts(run, copied.long_texts, by=by)
    copied.long_texts.close()
    arrival.run, arrival.made_run = run, made_run
    _fill_receipt(arrival, reading, matched, stored, copied)
    _conclude(run, arrival, destination, by=by)
    return arrival


_COUNTERS = (
    "total",
    "passed",
    "failed",
    "error",
    "skipped",
    "blocked",
    "pending",
    "flaky",
    "new_failures",
)


def _open(project, destination, arrival, by):
    """The run of the upload, locked and running; and whether it was made for it."""
    if destination.run_key:
        runs.lock_project(project)
    run = find_run(project, destination)
    if run is None:
        run = open_run(project, destination, by=by, filename=arrival.filename)
        return runs.lock(run), True
    run = runs.lock(run)
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


def _conclude(run, arrival, destination, *, by):
    """An upload finishes the run it made alone, or the run whose last shard it brings."""
    alone = arrival.made_run and not destination.run_key
    last_shard = run.shards and destination.run_key and not missing_shards(run)
    if arrival.source == Import.Source.FILE and (alone or last_shard):
        duration = arrival.duration_ms if alone else None
        arrival.run = runs.finish(run, by=by, duration_ms=duration)
    else:
        runs.announce(run)


def _fill_receipt(arrival, reading, matched, stored, copied):
    refused = [*reading.refused, *matched.refused]
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
    arrival.matched = stored.matched
    arrival.created_cases = stored.created_cases
    arrival.ambiguous = stored.ambiguous
    arrival.distinct_tests = stored.matched + stored.created_cases + stored.ambiguous
    arrival.new_failures = stored.new_failures
    arrival.duration_ms = copied.duration_ms
    arrival.bytes_read = arrival.bytes_total
    arrival.state = Import.State.DONE
    arrival.finished_at = timezone.now()
    arrival.save()


def _first_import(arrival, destination, *, anew):
    """The import that took this very file in before; whoever comes at the same time waits."""
    project, sha256 = arrival.project, arrival.sha256
    if arrival.idempotency_key:
        _wait_turn(project.pk, arrival.idempotency_key)
        keyed = project.imports.filter(
            source=Import.Source.FILE, idempotency_key=arrival.idempotency_key
        ).first()
        if keyed:
            return _same_body(keyed, sha256 + destination.sha256)
    _wait_turn(project.pk, sha256.hex())
    if anew:
        return None
    same = project.imports.filter(
        sha256=sha256,
        source=Import.Source.FILE,
        undone_at=None,
        shard_index=destination.shard_index,
    ).exclude(state=Import.State.REFUSED)
    alike = Q(fields_sha256=destination.sha256)
    if run := find_run(project, destination):
        same = same.filter(Q(run=run) | Q(run=None) & alike)
    else:
        recent = timezone.now() - SAME_FILE_IS_REPEATED_FOR
        same = same.filter(alike, created_at__gte=recent)
    first = same.order_by("id").first()
    if first:
        first.was_repeated = True
    return first


def _check_run(project, destination):
    """Refuse an upload into a finished run before it is read."""
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


def _same_body(first, sha256):
    if bytes(first.sha256) + bytes(first.fields_sha256) != sha256:
        raise Unprocessable(
            f"The Idempotency-Key {first.idempotency_key!r} was used for another body; take a new one.",
            field="Idempotency-Key",
            code="key_reused",
        )
    first.was_repeated = True
    return first


def _wait_turn(*parts):
    """Hold a lock named by these parts until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["/".join(map(str, parts))]
        )


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
