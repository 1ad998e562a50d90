import pytest
from shop.audit import acting


@pytest.fixture
def test_user(test_user):
    with acting(test_user):
        yield test_user
