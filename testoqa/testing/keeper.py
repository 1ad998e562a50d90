"""Looks after the database from test to test: what pytest knows, told to the test data."""

import importlib
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connections

from testoqa.testing import clock, databases, flags, seam, sequences
from testoqa.testing.cache import Cache
from testoqa.testing.registry import EnsureDataError, registry
from testoqa.testing.session import Choices, Names, TestData

ALIAS = "default"


class Keeper:
    """The test data of this process, and the test that runs."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.building: bool = config.option.ensure_data_build
        self.active = self.building
        self.item: pytest.Item | None = None
        self.items: list[pytest.Item] = []
        self.data: TestData | None = None
        self.failure: Exception | None = None
        self.template = ""
        self.class_seeds: dict[str, int] | None = None
        self.close: Callable[[], None] = lambda: None

    def collect(self, items: list[pytest.Item]) -> None:
        """Bring tests of one set together; nothing is touched unless a test asks for data."""
        self.items = items
        self.active = self.building or any(_marker(item) for item in items)
        if not self.active:
            return
        self.import_modules()
        order: dict[Names | None, int] = {None: 0}
        for item in items:
            order.setdefault(self.names(item), len(order))
        items.sort(key=lambda item: order[self.names(item)])
        self.close = seam.sew(self)

    def import_modules(self) -> None:
        for name in self.config.getini("ensure_data_modules"):
            importlib.import_module(name)

    def prepare(self) -> None:
        """Before the test databases are made: let them be copies of one template."""
        connection = connections[ALIAS]
        if connection.vendor != "postgresql":
            raise EnsureDataError(
                f"testoqa.testing needs PostgreSQL; the database {ALIAS!r} is {connection.vendor}."
            )
        test = connection.settings_dict["TEST"]
        option = self.config.option
        if option.reuse_db or option.nomigrations or test.get("TEMPLATE") or test.get("MIRROR"):
            return
        self.template = test["TEMPLATE"] = databases.template(ALIAS)

    def open(self) -> TestData:
        """The test data, found or made at the first test that uses the database.

        What went wrong there is told to every later test; nothing is built a second time.
        """
        if self.failure is not None:
            raise self.failure
        if self.data is None:
            try:
                self.data = self._opened()
            except Exception as error:
                self.failure = error
                raise
        return self.data

    def before(self, cls: Any) -> None:
        """Outside the test's transaction, though perhaps within that of its class."""
        if ALIAS not in cls._databases_names() or self.item is None:
            return
        names, test = self.names(self.item), self.item.nodeid
        if not connections[ALIAS].in_atomic_block:
            self.open().begin(names, test)
            return
        data = self.open()
        if (data.database.names or ()) != (names or ()):
            raise EnsureDataError(
                f"{test}: a TestCase class has one data set, set on the class; this method asks "
                "for another. Move it to its own class or use TransactionTestCase."
            )
        if names is not None:
            self._restart_within_class(data)
            data.present = list(names)

    def within(self, cls: Any) -> None:
        """In the transaction that will be rolled back: its writes leave no trace."""
        if self.data is not None and connections[ALIAS].in_atomic_block:
            self.data.database.raw.execute(flags.QUIET)

    def after(self, cls: Any) -> bool:
        """After a test that commits; False lets Django empty the database as ever."""
        if self.data is None or self.item is None or ALIAS not in cls._databases_names():
            return False
        if self.names(self.item) is None:
            self.data.database.forget()
            return False
        self.data.end(fresh_database=_isolation(self.item) == "database")
        return True

    def begin_class(self, node: pytest.Item | pytest.Collector) -> None:
        """Before the transaction of a TestCase class begins."""
        self.open().begin(self.names(node), node.nodeid)
        self.class_seeds = None

    def verify(self) -> None:
        """With --ensure-data-verify: once nothing of the test is left to roll back."""
        data, item = self.data, self.item
        if data is None or item is None or not data.choices.verify or _marker(item) is None:
            return
        if not connections[ALIAS].in_atomic_block:
            data.verify(item.nodeid)

    def names(self, node: Any) -> Names | None:
        """The functions whose rows the test wants, in order; None when it asks for none."""
        marker = _marker(node)
        if marker is None:
            return None
        base = self.config.getini("ensure_data_base")
        functions = registry.order(marker.args, base=base, asker=f"@uses of {node.nodeid}")
        return tuple(function.name for function in functions)

    def _restart_within_class(self, data: TestData) -> None:
        """Numbers that setUpTestData took stay taken; each test goes on behind them."""
        if self.class_seeds is None:
            self.class_seeds = sequences.following(data.database.raw, data.database.seeds)
        data.database.restart_sequences(self.class_seeds)

    def _opened(self) -> TestData:
        databases.sign(ALIAS)
        renew = partial(self._renew) if self.template else None
        data = TestData(ALIAS, registry, self._choices(), _warn, renew)
        registry.session = data
        wanted: dict[str, list[Any]] = {}
        for item in self.items:
            if marker := _marker(item):
                wanted.setdefault(item.nodeid.partition("::")[0], []).extend(marker.args)
        data.open(wanted)
        return data

    def _renew(self) -> None:
        databases.renew(ALIAS, self.template)
        databases.sign(ALIAS)

    def _choices(self) -> Choices:
        config, root = self.config, self.config.rootpath
        mode = "build" if self.building else config.option.ensure_data or "auto"
        return Choices(
            mode=mode,
            cache=Cache(root / config.option.ensure_data_dir),
            base=config.getini("ensure_data_base"),
            now=config.getini("ensure_data_now") if clock.available() else "real",
            modules=config.getini("ensure_data_modules"),
            sources=[
                path
                for pattern in config.getini("ensure_data_sources")
                for path in root.glob(pattern)
                if path.is_file()
            ],
            verify=config.option.ensure_data_verify,
        )


def _marker(node: Any) -> pytest.Mark | None:
    return node.get_closest_marker("ensure_data")


def _isolation(item: pytest.Item) -> str:
    marker = _marker(item)
    return marker.kwargs.get("isolation", "") if marker else ""


def _warn(sentence: str) -> None:
    warnings.warn(sentence, pytest.PytestWarning, stacklevel=2)
