"""People of one project, and an outsider.

The factories are imported by the fixtures: this file is read before the settings are.
"""

import pytest


@pytest.fixture
def project(db):
    from tests.factories import make_project

    return make_project("WEB")


@pytest.fixture
def manager(project):
    from tests.factories import make_member

    return make_member(project, "manager")


@pytest.fixture
def tester(project):
    """Sees the project, and may not edit cases."""
    from tests.factories import make_member

    return make_member(project, "tester")


@pytest.fixture
def outsider(db):
    """Owns another project."""
    from tests.factories import make_project, make_user

    person = make_user()
    make_project("OPS", owner=person)
    return person


@pytest.fixture
def post(client):
    """Post to a page as somebody: post(person, address, **data)."""

    def send(person, address, **data):
        client.force_login(person)
        return client.post(address, data)

    return send
