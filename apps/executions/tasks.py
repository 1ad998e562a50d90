from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from apps.projects.refusals import Refused

from . import partitions
from .formats import FileRefused

ATTEMPTS = 3


@app.task(
    name="read_import",
    queue="imports",
    retry=RetryStrategy(max_attempts=ATTEMPTS, wait=2),
    pass_context=True,
)
def read_import(context, import_id):
    """Read an upload that was too large for its request; running it again changes nothing."""
    from .intake import read_upload, refuse
    from .models import Import
    from .progress import Progress

    arrival = Import.objects.select_related("project", "created_by").filter(pk=import_id).first()
    if arrival is None or arrival.state not in (Import.State.QUEUED, Import.State.READING):
        return
    Import.objects.filter(pk=arrival.pk).update(state=Import.State.READING, bytes_read=0)
    try:
        with transaction.atomic(), arrival.upload.open("rb") as file:
            read_upload(arrival, file, progress=Progress(arrival))
    except (FileRefused, Refused) as refusal:
        refuse(arrival, str(refusal))
    except Exception:
        if context.job.attempts + 1 >= ATTEMPTS:
            refuse(arrival, "The file could not be read because of an error of this site.")
        raise
    Import.objects.get(pk=arrival.pk).upload.delete()


@app.periodic(cron="17 2 * * *")
@app.task(name="make_partitions", queueing_lock="make_partitions")
def make_partitions(timestamp):
    """Keep three months of partitions ahead."""
    partitions.make_partitions()
