"""Where Django's test classes are sewn to the test data.

pytest-django's `db`, `transactional_db` and `live_server` stand on the same classes, so these
methods are all that is replaced, for tests of every style.
"""

from collections.abc import Callable
from typing import Any, Protocol


class Keeper(Protocol):
    """Whoever looks after the database from test to test."""

    def before(self, cls: type) -> None: ...

    def within(self, cls: type) -> None: ...

    def after(self, cls: type) -> bool: ...

    def verify(self) -> None: ...


def sew(keeper: Keeper) -> Callable[[], None]:
    """Replace how a test finds and leaves its database; returns what undoes this."""
    from django.test import TransactionTestCase

    base: Any = TransactionTestCase
    set_up = vars(base)["_pre_setup"]
    clear = vars(base)["_fixture_teardown"]
    tear_down = vars(base)["_post_teardown"]

    def _pre_setup(cls: type) -> None:
        keeper.before(cls)
        set_up.__func__(cls)
        keeper.within(cls)

    def _fixture_teardown(self: Any) -> None:
        if not keeper.after(type(self)):
            clear(self)

    def _post_teardown(self: Any) -> None:
        tear_down(self)
        keeper.verify()

    def undo() -> None:
        base._pre_setup = set_up
        base._fixture_teardown = clear
        base._post_teardown = tear_down

    base._pre_setup = classmethod(_pre_setup)
    base._fixture_teardown = _fixture_teardown
    base._post_teardown = _post_teardown
    return undo


def rolls_back(cls: type) -> bool:
    """Whether it is a class of tests that Django rolls back, in a transaction of the class."""
    from django.test import TestCase

    return issubclass(cls, TestCase)
