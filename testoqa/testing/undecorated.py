"""Functions that look like test data but are not decorated: nothing would record them."""

import inspect
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from types import CodeType, FunctionType

from testoqa.testing.registry import EnsureDataError, where


def suspicion(modules: Iterable[str]) -> str:
    """Who probably wrote rows that no function's transaction did."""
    found = [f"{function.__name__}() ({where(function)})" for function in _seen_in(modules)]
    return f"Probably {' or '.join(found)}, called but not decorated." if found else ""


@contextmanager
def refused(modules: Iterable[str], caller: str) -> Iterator[None]:
    """Within, whoever calls one that these modules define is told to decorate it.

    Python itself tells of the call, however the function was imported.
    """
    names = set(modules)
    by_code = {f.__code__: f for f in _seen_in(names) if f.__module__ in names}
    watching = sys.monitoring
    tool = next((n for n in reversed(range(5)) if watching.get_tool(n) is None), None)
    if not by_code or tool is None:
        yield
        return

    def refuse(code: CodeType, offset: int) -> None:
        name = code.co_name
        raise EnsureDataError(
            f"{caller} calls {name}() from its body, though {name} is not decorated "
            f"({where(by_code[code])}): its rows would be those of {caller} alone. Add "
            f"@ensure_data above it and declare it: @ensure_data({name!r}) above {caller}. If it "
            "only helps, give it a name that does not begin with populate_."
        )

    started = watching.events.PY_START
    watching.use_tool_id(tool, "testoqa.testing")
    watching.register_callback(tool, started, refuse)
    for code in by_code:
        watching.set_local_events(tool, code, started)
    try:
        yield
    finally:
        for code in by_code:
            watching.set_local_events(tool, code, watching.events.NO_EVENTS)
        watching.register_callback(tool, started, None)
        watching.free_tool_id(tool)


def _seen_in(modules: Iterable[str]) -> list[FunctionType]:
    """What these modules define or import."""
    found = [vars(module).values() for name in modules if (module := sys.modules.get(name))]
    return [
        value
        for value in chain.from_iterable(found)
        if inspect.isfunction(value) and value.__name__.startswith("populate_")
    ]
