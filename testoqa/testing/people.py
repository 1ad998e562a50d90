"""The person whom tests are about, a row of the base data set."""

from typing import Any

from testoqa.testing.registry import EnsureDataError

NAME = "unit-test-user"


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
