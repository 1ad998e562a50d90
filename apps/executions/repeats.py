"""Uploads and batches that came before: answered with the first receipt, and nothing changes."""

from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from apps.projects.refusals import Unprocessable

from .destination import Destination, find_run
from .models import Import

SAME_FILE_IS_REPEATED_FOR = timedelta(hours=24)


def first_import(arrival, destination, *, anew):
    """The import that took this very file in before; whoever comes at the same time waits."""
    project, sha256 = arrival.project, arrival.sha256
    if arrival.idempotency_key:
        wait_turn(project.pk, arrival.idempotency_key)
        keyed = project.imports.filter(
            source=Import.Source.FILE, idempotency_key=arrival.idempotency_key
        ).first()
        if keyed:
            return same_body(keyed, sha256 + destination.sha256)
    wait_turn(project.pk, sha256.hex())
    run = find_run(project, destination)
    if anew and run is None:
        return None
    same = project.imports.filter(
        sha256=sha256,
        source=Import.Source.FILE,
        undone_at=None,
        shard_index=destination.shard_index,
    ).exclude(state=Import.State.REFUSED)
    alike = Q(fields_sha256=destination.sha256)
    if run:
        same = same.filter(Q(run=run) | Q(run=None) & alike)
    else:
        recent = timezone.now() - SAME_FILE_IS_REPEATED_FOR
        same = same.filter(alike, created_at__gte=recent)
    for first in same.order_by("id"):
        if _is_of_the_same_job(first, destination):
            first.was_repeated = True
            return first
    return None


def _is_of_the_same_job(first, destination):
    """Jobs of a matrix, and a job run again, may well write the same bytes."""
    sent = Destination(**first.fields)
    return (sent.configuration, sent.attempt) == (destination.configuration, destination.attempt)


def same_body(first, sha256):
    if bytes(first.sha256) + bytes(first.fields_sha256) != sha256:
        raise Unprocessable(
            f"The Idempotency-Key {first.idempotency_key!r} was used for another body; "
            "take a new one.",
            field="Idempotency-Key",
            code="key_reused",
        )
    first.was_repeated = True
    return first


def wait_turn(*parts):
    """Hold a lock named by these parts until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["/".join(map(str, parts))]
        )
