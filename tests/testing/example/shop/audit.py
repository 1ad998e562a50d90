"""Who acts: what a project's audit trail asks for."""

from contextlib import contextmanager
from contextvars import ContextVar

current = ContextVar("current", default=None)


@contextmanager
def acting(user):
    token = current.set(user)
    try:
        yield
    finally:
        current.reset(token)
