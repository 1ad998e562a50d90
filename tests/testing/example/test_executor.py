"""asgiref runs what async code hands over in a thread that outlives a test, with a connection."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from data import populate_items
from django.db import connection, connections
from shop.models import Item

from testoqa.testing import uses

# All commit: pytest-django puts such tests after the others, whose order it keeps.
pytestmark = pytest.mark.django_db(transaction=True)


def in_the_thread(call):
    async def hand_over():
        return await sync_to_async(call)()

    return asyncio.run(hand_over())


@uses(populate_items)
def test_it_starts_from_the_rows():
    assert in_the_thread(Item.objects.count) == 20


@uses(populate_items, isolation="database")
def test_between_which_the_database_is_renewed():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop_item DROP COLUMN price")


@uses(populate_items)
def test_it_starts_from_the_rows_again():
    try:
        assert in_the_thread(Item.objects.count) == 20
    finally:
        in_the_thread(connections.close_all)  # for the database to be dropped
