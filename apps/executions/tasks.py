from uuid import UUID

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from . import partitions

RETRIES = 3
ANALYZE_FROM = 5_000
"""Results stored at once from which on the planner's statistics no longer fit."""


@app.task(
    name="read_import",
    queue="imports",
    retry=RetryStrategy(max_attempts=RETRIES, wait=2),
    pass_context=True,
)
def read_import(context, import_id: str):
    """Read an upload that was too large for its request; running it again changes nothing."""
    from .intake import forget_upload, read_waiting, refuse_waiting

    try:
        read_waiting(import_id)
    except Exception:
        if context.job.attempts < RETRIES:
            raise
        refuse_waiting(import_id, "The file could not be read because of an error of this site.")
        forget_upload(import_id)
        raise
    forget_upload(import_id)


@app.periodic(cron="17 2 * * *")
@app.task(name="make_partitions", queueing_lock="make_partitions")
def make_partitions(timestamp: int):
    """Keep three months of partitions ahead."""
    partitions.make_partitions()


@app.task(name="analyze_partition")
def analyze_partition(partition: str):
    """Renew the planner's statistics of one month's executions."""
    partitions.analyze(partition)


def ask_for_statistics(run_id: UUID):
    """Have the partition of a run analysed after this transaction, once for all who ask meanwhile.

    The last statement of a transaction: another one that asks for the same waits for its end.
    """
    partition = partitions.partition_of(run_id)
    job = analyze_partition.configure(queueing_lock=f"analyze {partition}")
    try:
        with transaction.atomic():
            job.defer(partition=partition)
    except AlreadyEnqueued:
        pass
