"""A thread in which an event loop runs, as Playwright's does, has connections of its own."""

import asyncio

import pytest
from data import populate_items
from django.db import connection
from shop.models import Item

from testoqa.testing import uses

# All three commit: pytest-django puts such tests after the others, whose order it keeps.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="class")
def loop(request):
    """It runs before the database is looked after, as Playwright's does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        asyncio._set_running_loop(asyncio.new_event_loop())
        yield
        if request.cls is TestAfter:
            connection.close()  # for the database to be dropped
        asyncio._get_running_loop().close()
        asyncio._set_running_loop(None)


@uses(populate_items)
@pytest.mark.usefixtures("loop")
class TestBefore:
    def test_it_starts_from_the_rows(self):
        assert Item.objects.count() == 20


@uses(populate_items, isolation="database")
def test_between_which_the_database_is_renewed():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop_item DROP COLUMN price")


@uses(populate_items)
@pytest.mark.usefixtures("loop")
class TestAfter:
    def test_it_starts_from_the_rows_again(self):
        assert Item.objects.count() == 20
