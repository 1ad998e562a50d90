"""From where the act of this moment comes, for whoever writes it down.

The person is an argument of every verb; what surrounds them is the same for the whole request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Actor:
    """The address, the token's name and the request; all empty in commands and jobs."""

    address: str | None = None
    token: str = ""
    request_id: str = ""


NOBODY_ELSE = Actor()
_acting: ContextVar[Actor] = ContextVar("acting", default=NOBODY_ELSE)


def acting() -> Actor:
    return _acting.get()


@contextmanager
def acts(actor: Actor) -> Iterator[None]:
    """What happens within is this actor's."""
    before = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(before)


def by_token(label: str) -> None:
    """From here on the request is known to come from this token."""
    _acting.set(replace(acting(), token=label))
