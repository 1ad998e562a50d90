"""What the demo project holds, read from the files beside this one."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def read(name: str) -> dict[str, Any]:
    """The content of manual_cases, automated_tests or runs."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text("utf-8"))


def manual_cases() -> list[dict[str, Any]]:
    return read("manual_cases")["case"]


def automated_classes() -> list[dict[str, Any]]:
    return read("automated_tests")["class"]


def path_of(suite: str) -> tuple[str, ...]:
    """The names from the top of “Cart / Coupons”."""
    return tuple(suite.split(" / "))


def suite_paths() -> set[tuple[str, ...]]:
    """Of every suite that holds a case."""
    return {path_of(one["suite"]) for one in [*manual_cases(), *automated_classes()]}
