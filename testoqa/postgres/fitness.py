"""Whether the database that DATABASE_URL names is one that TestoQA can use."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

from testoqa.data_folder import CannotStart
from testoqa.postgres.account import MAJOR

RIGHTS = """
SELECT current_user, current_database(),
       current_schema() IS NOT NULL AND has_schema_privilege(current_schema(), 'CREATE')
       AND has_database_privilege(current_database(), 'TEMPORARY')
"""


def require_fit(settings: Mapping[str, Any]) -> None:
    """Raise CannotStart, with one sentence, for a database that is away, too old or not ours."""
    with reach(settings) as connection:
        user, database, may_create = connection.execute(RIGHTS).fetchone() or ("", "", False)
    if not may_create:
        raise CannotStart(
            f"User {user} may not create tables in the database {database} that DATABASE_URL "
            f"names: make it the owner, as by ALTER DATABASE {database} OWNER TO {user}."
        )


@contextmanager
def reach(settings: Mapping[str, Any]) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Connect; raises CannotStart, with one sentence, for a database that is away or too old."""
    try:
        with connect(settings) as connection:
            version = connection.info.server_version // 10000
            if version < MAJOR:
                raise CannotStart(
                    f"The database that DATABASE_URL names is PostgreSQL {version}: TestoQA needs "
                    f"PostgreSQL {MAJOR} or newer."
                )
            yield connection
    except psycopg.OperationalError as error:
        raise CannotStart(
            f"The database that DATABASE_URL names cannot be reached ({_first_line(error)}): start "
            "it, or correct DATABASE_URL."
        ) from None


def connect(settings: Mapping[str, Any]) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect to the database of Django's settings."""
    names = {
        "HOST": "host",
        "PORT": "port",
        "USER": "user",
        "PASSWORD": "password",
        "NAME": "dbname",
    }
    parts = {names[key]: value for key, value in settings.items() if key in names and value}
    options = {k: v for k, v in settings.get("OPTIONS", {}).items() if k != "pool"}
    return psycopg.connect(**{"connect_timeout": 10, **options, **parts}, autocommit=True)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0].rstrip(":. ")
