"""What every test stands on: settings of their own, and a PostgreSQL that nobody else uses."""

import os

import pytest
from django.conf import settings

from tests.database import TestServer

pytest_plugins = ["testoqa.testing"]
SERVER = pytest.StashKey[TestServer]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the server before pytest-django reads the settings, which name its socket.

    The workers of pytest-xdist inherit the addresses from the process that started them.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = "testoqa.settings"
    config.addinivalue_line("markers", "races(*verbs): tries these on two connections at once")
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        config.stash[SERVER] = TestServer()
        config.stash[SERVER].start()
    # Naming one also reads the settings, before which pytest-django does not set Django up.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        config.stash[SERVER].stop()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Every other connection ends before the database is dropped.

    That which sends hints of runs is asked to; those of servers that tests ran in threads, whose
    last request may still be under way, are ended.
    """
    yield
    from django.db import connection

    from apps.runs import live

    live.flusher.stop(patience=60)
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def project():
    """WEB of the cast, for tests that start from populate_cast."""
    from apps.projects.models import Project

    return Project.objects.get(key="WEB")


@pytest.fixture
def other_project():
    """OPS of the cast, which nobody of WEB sees."""
    from apps.projects.models import Project

    return Project.objects.get(key="OPS")


@pytest.fixture
def owner():
    return _person("owner")


@pytest.fixture
def manager():
    return _person("manager")


@pytest.fixture
def tester():
    return _person("tester")


@pytest.fixture
def viewer():
    return _person("viewer")


@pytest.fixture
def outsider():
    """Owns OPS, and sees nothing of WEB."""
    return _person("outsider")


def _person(name):
    from apps.accounts.models import User

    return User.objects.get(email=f"{name}@example.com")


@pytest.fixture
def run_jobs(transactional_db):
    """run_jobs() lets the real worker do what is queued; Procrastinate's tables are empty after.

    The flush that ends a committing test names only tables of Django's models.
    """
    from django.db import connection
    from procrastinate.contrib.django import app

    def work():
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            working.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    yield work
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE procrastinate_jobs, procrastinate_periodic_defers, procrastinate_workers, "
            "procrastinate_events"
        )
