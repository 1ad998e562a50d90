import pytest


@pytest.fixture
def post(client):
    """Post to a page as somebody: post(person, address, **data)."""

    def send(person, address, **data):
        client.force_login(person)
        return client.post(address, data)

    return send


@pytest.fixture
def importer(project, manager, run_jobs):
    """importer.take(data, name, **options): the whole way of an import, as the manager."""
    from .importing import Importer

    return Importer(project, manager, run_jobs)
