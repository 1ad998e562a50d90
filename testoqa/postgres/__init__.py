"""The PostgreSQL that TestoQA brings along, for use when DATABASE_URL is unset."""

from testoqa.postgres.account import installed_programs as programs
from testoqa.postgres.fitness import connect, reach, require_fit
from testoqa.postgres.layout import connection_settings
from testoqa.postgres.server import Server, running

__all__ = [
    "Server",
    "connect",
    "connection_settings",
    "programs",
    "reach",
    "require_fit",
    "running",
]
