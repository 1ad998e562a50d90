"""Tests of a Django project on PostgreSQL that all start from the same real data.

Turned on by `pytest -p testoqa.testing`, or by `pytest_plugins = ["testoqa.testing"]`.
"""

from testoqa.testing.registry import EnsureDataError, created_in_test, ensure_data, uses

__all__ = ["EnsureDataError", "created_in_test", "ensure_data", "uses"]

pytest_plugins = ["testoqa.testing.plugin"]
