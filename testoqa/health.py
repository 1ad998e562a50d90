"""Whether this instance lives, and whether it can do all its work; for balancers and alarms."""

import os
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.executions import partitions

HEARTBEAT = 20  # seconds; a worker beats every five


class NotReady(Exception):
    """Says what is missing."""


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 and `ok`, or 503 and what is missing: {"status", "checks": {name: sentence}}."""
    checks = {name: _outcome(check) for name, check in CHECKS.items()}
    ready = all(outcome in {"ok", "off"} for outcome in checks.values())
    answer = JsonResponse(
        {"status": "ok" if ready else "not ready", "checks": checks}, status=200 if ready else 503
    )
    # Django would log an error for each time that a balancer asks.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def _outcome(check: Callable[[], str]) -> str:
    try:
        return check()
    except NotReady as lack:
        return str(lack)
    except DatabaseError:
        return "The database does not answer."


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise NotReady(f"{len(missing)} migrations are missing: run manage.py migrate.")
    return "ok"


def _worker() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [HEARTBEAT],
        )
        (alive,) = cursor.fetchone()
    if alive:
        return "ok"
    if os.environ.get("TESTOQA_WORKER") == "0":
        return "off"  # jobs are left to other machines, none of which works now
    raise NotReady("No worker has given a sign of life for 20 seconds.")


def _partitions() -> str:
    if partitions.default_rows():
        raise NotReady(
            "The default partition of executions holds rows: run manage.py repair_partitions."
        )
    return "ok"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "worker": _worker,
    "partitions": _partitions,
}
