"""The same tests as methods of Django's classes."""

import urllib.request

from data import populate_items
from django.test import LiveServerTestCase, TestCase, TransactionTestCase
from shop.models import Item, Shelf

from testoqa.testing import uses


class Common:
    def test_one(self):
        assert Item.objects.count() == 20
        assert Shelf.objects.create(name="x").pk == self.first
        Item.objects.filter(name="books 1").delete()

    def test_two(self):
        assert Item.objects.count() == 20
        assert Shelf.objects.create(name="y").pk == self.first
        Shelf.objects.update(best=None)


@uses(populate_items)
class TestRolledBack(Common, TestCase):
    first = 1_000_002


@uses(populate_items)
class TestWithClassData(Common, TestCase):
    first = 1_000_003

    @classmethod
    def setUpTestData(cls):
        cls.shelf = Shelf.objects.create(name="of the class")

    def test_three(self):
        assert self.shelf.pk == 1_000_002


@uses(populate_items)
class TestCommitted(Common, TransactionTestCase):
    first = 1_000_002


@uses(populate_items)
class TestLive(Common, LiveServerTestCase):
    first = 1_000_002

    def test_three(self):
        with urllib.request.urlopen(f"{self.live_server_url}/?sell=books%202") as answer:
            assert answer.read().decode().count(",") == 18


class TestWithoutData(TestCase):
    def test_empty(self):
        assert not Item.objects.exists()
