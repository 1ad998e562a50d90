"""The test data of the example. Each body notes that it ran, so that a test can count."""

from pathlib import Path

from django.contrib.auth.models import User
from factories import make_items
from shop.models import Item, Order, Shelf

from testoqa.testing import ensure_data


def note(name):
    with Path("calls.log").open("a") as log:
        log.write(f"{name}\n")


@ensure_data
def populate_people():
    note("people")
    for name in ("ann", "bob", "cy"):
        User.objects.create(username=name)


@ensure_data
def populate_shelves():
    note("shelves")
    for name in ("books", "tools"):
        Shelf.objects.create(name=name)


@ensure_data(populate_shelves, "populate_people")
def populate_items():
    note("items")
    for shelf in Shelf.objects.all():
        items = make_items(shelf, 10)
        shelf.best = items[0]
        shelf.save()
    for item in Item.objects.all():
        item.liked_by.add(User.objects.get(username="ann"))
    User.objects.filter(username="ann").update(last_name="of the shop")


@ensure_data(populate_items)
def populate_orders():
    note("orders")
    for item in Item.objects.filter(price=1)[:5]:
        Order.objects.create(item=item)
