"""Time stands still, for Python and for Django's queries; needs the extra time-machine."""

from datetime import UTC, datetime, timedelta

from data import populate_orders
from django.db.models.functions import Now
from django.utils import timezone
from shop.models import Order, Shelf

from testoqa.testing import uses

START = datetime(2026, 2, 3, 8, 1, 2, tzinfo=UTC)


@uses(populate_orders)
def test_the_build_ran_at_the_instant_at_which_tests_begin(test_clock):
    assert {order.made_at for order in Order.objects.all()} == {START}
    assert timezone.now() == datetime.now(UTC) == test_clock.now == START


@uses()
def test_it_is_moved(test_clock):
    test_clock.shift(hours=2)
    assert timezone.now() == START + timedelta(hours=2)
    test_clock.move_to(START + timedelta(days=3))
    assert timezone.now() == START + timedelta(days=3)


@uses()
def test_it_ticks_at_each_reading(test_clock):
    field = Order._meta.get_field("made_at")
    test_clock.ticker(1000)
    assert timezone.now() == START + timedelta(seconds=1)
    assert field.pre_save(Order(), add=True) == START + timedelta(seconds=2)


@uses("populate_shelves")
def test_queries_take_the_same_time(test_clock):
    shelf = Shelf.objects.annotate(at=Now()).first()
    assert shelf.at == START
    test_clock.shift(days=1)
    assert Shelf.objects.filter(pk=shelf.pk).annotate(at=Now()).get().at == START + timedelta(
        days=1
    )


def test_afterwards_time_is_real():
    assert timezone.now() > START + timedelta(days=30)
