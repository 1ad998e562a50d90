"""Tests as functions: rolled back, with real commits, on a live server, and without data."""

import threading
import urllib.request

import pytest
from data import populate_items, populate_orders
from django.contrib.auth.models import User
from django.db import connection
from shop.models import Item, Order, Shelf

from testoqa.testing import created_in_test, uses

FIRST = 1_000_002  # two shelves lie there


@uses(populate_items)
@pytest.mark.parametrize("n", range(3))
def test_rolled_back(n):
    assert connection.in_atomic_block and Item.objects.count() == 20
    shelf = Shelf.objects.create(name="new")
    assert shelf.pk == FIRST and created_in_test(shelf)
    assert not created_in_test(Shelf.objects.get(name="tools"))
    Item.objects.all().delete()


@uses(populate_items)
@pytest.mark.parametrize("n", range(3))
def test_commits(transactional_db, n):
    assert not connection.in_atomic_block and Item.objects.count() == 20
    assert User.objects.get(username="ann").last_name == "of the shop"
    shelf = Shelf.objects.create(name="new")
    assert shelf.pk == FIRST and created_in_test(shelf)
    assert not created_in_test(User.objects.get(username="ann"))
    Item.objects.filter(name="books 1").delete()
    User.objects.update(first_name="x")


@uses(populate_items)
def test_live_server(live_server):
    address = f"{live_server.url}/?sell=tools%203"
    with urllib.request.urlopen(address) as answer:
        assert answer.read().decode().count(",") == 18

    def write():
        try:
            Shelf.objects.create(name="of a thread")
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert Shelf.objects.count() == 3


@uses(populate_items)
def test_after_the_live_server(transactional_db):
    assert Shelf.objects.count() == 2 and Item.objects.count() == 20


@uses(populate_items)
def test_calling_what_is_there_changes_nothing():
    populate_items()
    assert Item.objects.count() == 20


@uses(populate_items)
def test_calling_what_is_not_there_replays_it(transactional_db):
    populate_orders(), populate_orders()
    assert Order.objects.count() == 5


@uses(populate_items)
def test_and_it_is_gone(transactional_db):
    assert not Order.objects.exists()


@uses("populate_orders")
def test_another_set():
    assert Order.objects.count() == 5


@uses()
def test_only_the_base(db):
    assert User.objects.count() == 3 and not Shelf.objects.exists()


@pytest.mark.django_db
def test_without_data():
    assert not User.objects.exists() and not Shelf.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_without_data_commits():
    Shelf.objects.create(name="left by nobody")


@uses(populate_items)
def test_after_the_flush_of_a_test_without_data():
    assert Item.objects.count() == 20 and Shelf.objects.count() == 2


def test_without_a_database():
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        Shelf.objects.count()


@uses(populate_items, isolation="database")
@pytest.mark.parametrize("n", range(2))
def test_that_changes_the_schema(n):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE mine (id int); ALTER TABLE shop_item DROP COLUMN price")


@uses(populate_items)
def test_after_the_schema_changed(transactional_db):
    assert set(Item.objects.values_list("price", flat=True)) == {1}
    assert "mine" not in connection.introspection.table_names()
