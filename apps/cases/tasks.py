from datetime import timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from apps.projects.refusals import Refused

from .bulk import work

RETRIES = 5
KEPT = timedelta(days=7)
"""How long a file waits for somebody to start its import."""


@app.task(
    name="cases.copy_suite_cases",
    retry=RetryStrategy(max_attempts=RETRIES, wait=5),
    pass_context=True,
)
def copy_suite_cases(context, change_id: str):
    """Copy the cases of a suite, a part in each transaction; after an interruption it goes on."""
    from .suite_copies import copy_next

    _carry_out(context, change_id, copy_next)


@app.task(
    name="cases.read_import",
    queue="imports",
    retry=RetryStrategy(max_attempts=RETRIES, wait=2),
    pass_context=True,
)
def read_case_import(context, import_id: str):
    """Take in a file of cases; after an interruption it goes on where it was."""
    from .intake.files import forget_upload
    from .intake.reading import give_up, read_waiting

    try:
        read_waiting(import_id)
    except Exception:
        if context.job.attempts < RETRIES:
            raise
        give_up(import_id, "The file could not be read because of an error of this site.")
        raise
    forget_upload(import_id)


@app.periodic(cron="37 3 * * *", periodic_id="cases.forget_imports")
@app.task(name="cases.forget_imports", queueing_lock="cases.forget_imports")
def forget_case_imports(timestamp: int):
    """Discard files that nobody started within a week."""
    from .intake.uploads import STARTABLE
    from .lifecycle import discard_case_import
    from .models import CaseImport

    old = CaseImport.objects.filter(state__in=STARTABLE, created_at__lt=timezone.now() - KEPT)
    for arrival in old.exclude(upload=""):
        discard_case_import(arrival, by=None)


@app.task(
    name="cases.change_many",
    retry=RetryStrategy(max_attempts=RETRIES, wait=2),
    pass_context=True,
)
def change_many(context, change_id: str):
    """Go through a change of many cases, or its undoing; after an interruption on from there."""
    _carry_out(context, change_id, work.go_on)


def _carry_out(context, change_id, take_part):
    """Part by part; what is refused, or fails to the last attempt, ends where it is."""
    try:
        while take_part(change_id):
            pass
    except Refused as refusal:
        work.give_up(change_id, str(refusal))
    except Exception:
        if context.job.attempts < RETRIES:
            raise
        work.give_up(change_id, "It could not be carried out because of an error of this site.")
        raise


@app.task(name="cases.tell_mentioned", retry=RetryStrategy(max_attempts=5, exponential_wait=6))
def tell_mentioned(mention_id: str, site: str):
    """Send somebody the comment that mentions them; `site` is the address that they know."""
    from .mention_mail import send_mention

    send_mention(mention_id, site)
