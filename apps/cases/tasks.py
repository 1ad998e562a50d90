from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

RETRIES = 5


@app.task(
    name="cases.copy_suite_cases",
    retry=RetryStrategy(max_attempts=RETRIES, wait=5),
)
def copy_suite_cases(change_id: str):
    """Copy the cases of a suite, a part in each transaction; after an interruption it goes on."""
    from .suite_copies import copy_next

    while copy_next(change_id):
        pass
