"""The functions that describe test data, and the order in which they run."""

import functools
import inspect
import os
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import pytest


class EnsureDataError(Exception):
    """What is wrong with the test data, where, and what to do next."""


class Session(Protocol):
    """Whoever can bring the rows of a function into the test database."""

    def ensure(self, function: "Populate") -> None: ...

    def created(self, row: Any) -> bool: ...


class Populate:
    """A function decorated with @ensure_data: calling it makes sure that its rows are there."""

    def __init__(self, body: Callable[[], None], dependencies: tuple[Any, ...]) -> None:
        self.body = body
        self.dependencies = dependencies
        self.name = body.__name__
        functools.update_wrapper(self, body)

    def __call__(self, *arguments: Any, **named: Any) -> None:
        if arguments or named:
            raise EnsureDataError(
                f"{self.name}() takes no arguments: what it writes is recorded once and replayed."
            )
        if registry.session is None:
            raise EnsureDataError(
                f"{self.name}() was called before the test database was ready: name it in "
                "@uses(...) above the test, or in the dependencies of another function."
            )
        registry.session.ensure(self)

    def __repr__(self) -> str:
        return f"<ensure_data {self.name}>"

    @property
    def source(self) -> str:
        return self.body.__code__.co_filename


class Registry:
    """Every @ensure_data function by name; `session` replays them while tests run."""

    def __init__(self) -> None:
        self.functions: dict[str, Populate] = {}
        self.session: Session | None = None

    def add(self, function: Populate) -> None:
        known = self.functions.get(function.name)
        if known is not None and where(known.body) != where(function.body):
            raise EnsureDataError(
                f"two populate functions are called {function.name!r}: {where(known.body)} and "
                f"{where(function.body)}. Names must be unique: they name the scripts."
            )
        self.functions[function.name] = function

    def find(self, reference: Any, asker: str) -> Populate:
        """The function that `asker` named; a module may be imported twice, so by its name."""
        if isinstance(reference, Populate):
            return self.functions.setdefault(reference.name, reference)
        if callable(reference):
            raise EnsureDataError(
                f"{asker}: depends on {reference.__name__}, which is not decorated "
                f"({where(reference)}). Add @ensure_data above it; without it nothing is recorded."
            )
        if reference not in self.functions:
            known = ", ".join(self.functions) or "none"
            raise EnsureDataError(
                f"{asker}: depends on {reference!r}, which no @ensure_data function defines. "
                f"Known: {known}."
            )
        return self.functions[reference]

    def order(
        self, wanted: Iterable[Any], *, base: str = "", asker: str = "uses"
    ) -> list[Populate]:
        """The wanted functions and all that they depend on, each after its dependencies.

        What the function named `base` needs has no base of its own; everything else has.
        """
        ordered: dict[str, Populate] = {}
        path: list[str] = []
        beneath_base = {function.name for function in self.order([base])} if base else set()

        def visit(function: Populate) -> None:
            if function.name in ordered:
                return
            if function.name in path:
                loop = [*path[path.index(function.name) :], function.name]
                raise EnsureDataError(
                    f"dependency cycle: {' -> '.join(loop)}. First edge at {where(function.body)}"
                )
            path.append(function.name)
            implied = [base] if base and function.name not in beneath_base else []
            for dependency in [*implied, *function.dependencies]:
                visit(self.find(dependency, function.name))
            path.pop()
            ordered[function.name] = function

        for reference in [base, *wanted] if base else wanted:
            visit(self.find(reference, asker))
        return list(ordered.values())


registry = Registry()


def where(function: Any) -> str:
    """tests/data.py:12, relative to the working directory when it lies beneath it."""
    code = inspect.unwrap(function).__code__
    path = os.path.relpath(code.co_filename)
    return f"{code.co_filename if path.startswith('..') else path}:{code.co_firstlineno}"


def ensure_data(*dependencies: Any) -> Any:
    """Declare a function that writes test data, and what must be there before it runs.

    Used bare, or with the functions (or their names) that it depends on. The function takes no
    arguments and returns nothing. It runs once, in a transaction of its own; what it wrote is
    recorded, and replayed for every test that `uses` it.
    """
    if len(dependencies) == 1 and inspect.isfunction(dependencies[0]) and _bare(dependencies[0]):
        return _declare(dependencies[0], ())
    return lambda body: _declare(body, dependencies)


def _bare(function: Callable[..., Any]) -> bool:
    """Whether @ensure_data stands bare above the function, rather than naming it in brackets.

    A decorator runs while the lines of its function are read: the caller's line lies within them.
    """
    frame = inspect.currentframe()
    caller = frame.f_back.f_back if frame and frame.f_back else None
    code = function.__code__
    if caller is None or caller.f_code.co_filename != code.co_filename:
        return True
    last = max(line for *_, line in code.co_lines() if line is not None)
    return code.co_firstlineno <= caller.f_lineno <= last


def _declare(body: Callable[[], None], dependencies: tuple[Any, ...]) -> Populate:
    for dependency in dependencies:
        if not isinstance(dependency, (Populate, str)):
            registry.find(dependency, body.__name__)
    function = Populate(body, dependencies)
    registry.add(function)
    return function


def uses(*functions: Any, isolation: str = "") -> pytest.MarkDecorator:
    """Start a test, a class or a module (`pytestmark = uses(...)`) from exactly these rows.

    `isolation="database"` is for tests that change the schema: a fresh database follows them.
    """
    if isolation not in ("", "database"):
        raise EnsureDataError(
            f"uses(isolation={isolation!r}): the only other isolation is "
            '"database", a fresh copy of the database after the test.'
        )
    return pytest.mark.ensure_data.with_args(*functions, isolation=isolation)


def created_in_test(row: Any) -> bool:
    """Whether the test, or the code that it called, made this row: it is not of the data set."""
    if registry.session is None:
        raise EnsureDataError(
            "created_in_test() was called before the test database was ready: name what the test "
            "starts from in @uses(...) above it."
        )
    return registry.session.created(row)
