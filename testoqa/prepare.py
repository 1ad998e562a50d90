"""What `up` does to the database before it serves, in a process of its own that then ends."""

import argparse
import logging
import os
import sys

import django

# Several machines that start at once on one database do this one after the other.
ADVISORY_LOCK = 0x7E570AA


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-demo", action="store_true")
    options = parser.parse_args()
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
        prepare(demo=not options.no_demo)
    except ImproperlyConfigured as refusal:
        print(refusal, file=sys.stderr, flush=True)
        return 1
    except Exception:
        logging.getLogger(__name__).exception("The database could not be prepared.")
        return 1
    return 0


def prepare(*, demo: bool) -> None:
    """Migrate, make the coming months' partitions, and on the first start all else."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from apps.executions.partitions import make_partitions
    from testoqa import first_start

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    make_partitions()
    first_start.begin(demo=demo)
    connection.close()


if __name__ == "__main__":
    code = main()
    # Threads of the connection pool have nothing left to do.
    sys.stdout.flush()
    os._exit(code)
