"""The PostgreSQL that TestoQA brings along, for use when DATABASE_URL is unset."""

from testoqa.postgres.fitness import require_fit
from testoqa.postgres.layout import connection_settings
from testoqa.postgres.server import Server, running

__all__ = ["Server", "connection_settings", "require_fit", "running"]
