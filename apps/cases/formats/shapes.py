"""Which kinds of JSON values our own file holds, and where one of another kind stands.

A shape is TEXT or YES, a list of the one shape that all its entries have, or an object with the
shapes of its members. A text may stand for any of them, and a member may be null or left out.
"""

from itertools import starmap
from typing import Any

TEXT, YES = (str, int, float), (str, int, float, bool)
NAMES = {
    dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number",
    TEXT: "a text", YES: "true or false",
}  # fmt: skip
STEP = {"action": TEXT, "expected": TEXT, "data": TEXT}
CASE = {
    **dict.fromkeys(
        ["key", "title", "kind", "status", "priority", "severity", "owner", "estimate_seconds",
         "preconditions", "description", "automation_key"],
        TEXT,
    ),
    "suite": [TEXT],
    "tags": [TEXT],
    "aliases": [TEXT],
    "steps": [{"shared": TEXT, **STEP}],
    "links": [{"title": TEXT, "url": TEXT}],
    "requirements": [{"name": TEXT, "url": TEXT}],
    "archived": YES,
}  # fmt: skip
EXTRAS: dict[str, Any] = {
    "suites": {
        "path": [TEXT], "description": TEXT, "owner": TEXT, "execution_order": TEXT,
        "timeout_seconds": TEXT, "parallel_safe": YES, "prerequisites": TEXT,
    },
    "shared_steps": {"title": TEXT, "steps": [STEP]},
    "fields": {"name": TEXT},
}  # fmt: skip


def misfit(value: Any, shape: Any, place: str = "", *, also_text: bool = True) -> str:
    """The first value that is of another kind, in a sentence; nothing where all fit."""
    kind, wanted = type(value), type(shape)
    if kind is list is wanted:
        parts = [(one, shape[0], f"{place}, entry {n}") for n, one in enumerate(value, 1)]
    elif kind is dict is wanted:
        parts = [
            (value[name], inner, f"{place}, {name}" if place else name)
            for name, inner in shape.items()
            if value.get(name) is not None
        ]
    elif (kind is str and also_text) or (wanted is tuple and kind in shape):
        return ""
    else:
        belongs = NAMES[shape if wanted is tuple else wanted]
        return f"{place} is {NAMES.get(kind, 'null')}, and {belongs} belongs there."
    return next(filter(None, starmap(misfit, parts)), "")
