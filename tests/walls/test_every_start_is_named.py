"""A test that uses the database says from which rows it starts: @uses(...)."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
APART = TESTS / "testing"
"""Tests of the plugin itself, which bring databases of their own."""
DATABASE = {
    "db",
    "transactional_db",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
    "live_server",
}


def uses_the_database(item):
    return bool(item.get_closest_marker("django_db")) or not DATABASE.isdisjoint(item.fixturenames)


def test_every_test_says_which_rows_it_starts_from(request):
    silent = [
        item.nodeid
        for item in request.session.items
        if not item.path.is_relative_to(APART)
        and uses_the_database(item)
        and not item.get_closest_marker("ensure_data")
    ]
    assert not silent, "without @uses(...):\n" + "\n".join(silent)
