"""The people of the test data: the one whom tests are about, and what their passwords cost."""

import time
from typing import Any

from django.apps import apps

from testoqa.testing.registry import EnsureDataError
from testoqa.testing.scripts import Script

NAME = "unit-test-user"
SLOW = 0.01
"""Seconds to hash one password, beyond which it is worth a sentence."""


def find(name: str, base: str) -> Any:
    """The user of this natural key; raises with what to write when there is none."""
    from django.contrib.auth import get_user_model

    users: Any = get_user_model()._default_manager
    try:
        return users.get_by_natural_key(name)
    except users.model.DoesNotExist as error:
        raise EnsureDataError(
            f"test_user: no user {name!r} is among the data of this test. Let "
            f"{base or 'a populate function that the test uses'} create it, or name another in "
            "the ini name ensure_data_user."
        ) from error


def slow(function: str, script: Script) -> str:
    """What to tell somebody whose function spends its time on the hashes of passwords."""
    if not apps.is_installed("django.contrib.auth"):
        return ""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import get_hasher

    hasher = get_hasher()
    change = script.get(get_user_model()._meta.db_table)
    if change is None or f"\t{hasher.algorithm}$".encode() not in change.rows:
        return ""
    begun = time.perf_counter()
    hasher.encode("password", hasher.salt())
    seconds = time.perf_counter() - begun
    if seconds < SLOW:
        return ""
    return (
        f"{function} makes users with passwords, each hashed in {seconds * 1000:.0f} ms by "
        f"{type(hasher).__name__}. Name a fast one first in the settings of tests: "
        'PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"].'
    )
