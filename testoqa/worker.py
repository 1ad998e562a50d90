"""The worker process of `up`: runs jobs, and takes back those of workers that were killed."""

import argparse
import asyncio
import logging
import os
import signal

import django
from procrastinate import App, psycopg_connector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import UniqueViolation

from testoqa.processes import await_serve, end_with_supervisor

logger = logging.getLogger(__name__)

CONCURRENCY = 2
STOP = 10  # seconds for jobs under way
HEARTBEAT = 5
STALLED = 20  # seconds without a heartbeat after which a worker is taken for dead
MOST_ATTEMPTS = 10

STALLED_JOBS = """
SELECT job.id, job.attempts
  FROM procrastinate_jobs job
  LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
 WHERE job.status = 'doing'
   AND (job.worker_id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(age)s))
"""
# Stalled is asked again under the lock, so that two workers never take back the same job.
OF_ONE = f"WITH stalled AS ({STALLED_JOBS} AND job.id = %(id)s FOR UPDATE OF job SKIP LOCKED)"
TAKE_BACK = f"""
{OF_ONE}
SELECT CASE WHEN attempts < %(most)s
            THEN procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL)
            ELSE procrastinate_finish_job_v1(id, 'failed', false) END
  FROM stalled
"""
FORGET = f"{OF_ONE} SELECT procrastinate_finish_job_v1(id, 'aborted', true) FROM stalled"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--alone", action="store_true", help="no other worker is on the database")
    options = parser.parse_args()
    django.setup()
    await_serve(options.control)
    end_with_supervisor(options.control)
    asyncio.run(work(alone=options.alone))
    # A job that outlived the stop runs in a thread that nothing else would end.
    os._exit(0)


async def work(*, alone: bool) -> None:
    """Run jobs until SIGTERM; those not done in time are left for the next worker.

    One that is `alone` knows without waiting that whoever had a job before it is gone.
    """
    from procrastinate.contrib.django import app as django_app

    connector = psycopg_connector.PsycopgConnector(
        kwargs=connector_params(), min_size=1, max_size=CONCURRENCY + 3
    )
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    with django_app.replace_connector(connector) as app:
        async with app.open_async():
            if alone:
                await take_back_stalled_jobs(app, age=0)
            await _work_until(stop, app)


async def _work_until(stop: asyncio.Event, app: App) -> None:
    runs = asyncio.create_task(
        app.run_worker_async(
            concurrency=CONCURRENCY,
            install_signal_handlers=False,
            delete_jobs="successful",
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED,
        )
    )
    takes_back = asyncio.create_task(_take_back_now_and_then(app))
    stops = asyncio.create_task(stop.wait())
    await asyncio.wait([runs, takes_back, stops], return_when=asyncio.FIRST_COMPLETED)
    takes_back.cancel()
    runs.cancel()
    done, _ = await asyncio.wait([runs], timeout=STOP)
    if not done:
        # Procrastinate would call these jobs aborted and never run them again.
        os._exit(0)
    if not stop.is_set():
        os._exit(1)  # the supervisor starts us again


async def _take_back_now_and_then(app: App) -> None:
    while True:
        await take_back_stalled_jobs(app, age=STALLED)
        await asyncio.sleep(HEARTBEAT)


async def take_back_stalled_jobs(app: App, *, age: int) -> None:
    """Queue again what workers without a heartbeat for so many seconds were doing.

    A job that keeps killing them fails.
    """
    for job in await app.connector.execute_query_all_async(STALLED_JOBS, age=age):
        await _take_back(app, job["id"], age)


async def _take_back(app: App, job: int, age: int) -> None:
    values = {"id": job, "age": age}
    try:
        done = await app.connector.execute_query_all_async(TAKE_BACK, most=MOST_ATTEMPTS, **values)
    except UniqueViolation:
        # One of the same queueing lock waits already: what was left will be done by that.
        done = await app.connector.execute_query_all_async(FORGET, **values)
    if done:
        logger.warning("Job %s was left by a worker that is gone; taken back.", job)


if __name__ == "__main__":
    main()
