#!/usr/bin/env python
"""Every command of TestoQA, with the embedded database running for those that need it."""

import os
import sys
from contextlib import AbstractContextManager, nullcontext

# These never ask the database; all others get it.
WITHOUT_DATABASE = {
    *("collectstatic", "compilemessages", "diffsettings", "help"),
    *("makemessages", "startapp", "startproject", "version"),
}


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "testoqa.settings")
    command = arguments[1] if len(arguments) > 1 else "help"
    if command == "up":
        # The supervisor stays without Django, which would cost the tree another 60 MB.
        from testoqa.supervisor import up

        sys.exit(up(arguments[2:]))
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from testoqa.data_folder import CannotStart

    try:
        with _database(command, arguments):
            try:
                execute_from_command_line(arguments)
            finally:
                _close_pools()
    except (CannotStart, ImproperlyConfigured) as refusal:
        sys.exit(str(refusal))


def _close_pools() -> None:
    """The threads of an open connection pool would hold up the end of the process."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()


def _database(command: str, arguments: list[str]) -> AbstractContextManager[None]:
    asks_for_help = command.startswith("-") or {"-h", "--help"} & set(arguments)
    if command in WITHOUT_DATABASE or asks_for_help:
        return nullcontext()
    from testoqa import data_folder, environment, postgres

    if (named := environment.database("DATABASE_URL")) is None:
        return postgres.running(data_folder.chosen())
    with postgres.reach(named):  # else each command would wait for it, and then show a traceback
        return nullcontext()


if __name__ == "__main__":
    main(sys.argv)
