"""Exact versions of everything installed are kept in pyproject.toml."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


# What makes an environment may lie in it, and is none of the product's.
MAKERS = {"pip", "setuptools", "uv", "wheel"}


def test_every_installed_version_is_pinned():
    pinned = set(tomllib.loads(PYPROJECT.read_text())["tool"]["uv"]["constraint-dependencies"])
    installed = {
        (re.sub(r"[-_.]+", "-", found.name).lower(), found.version) for found in distributions()
    }
    loose = {f"{name}=={version}" for name, version in installed if name not in MAKERS} - pinned
    assert loose == set()
