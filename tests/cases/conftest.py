import pytest


@pytest.fixture
def post(client):
    """Post to a page as somebody: post(person, address, **data)."""

    def send(person, address, **data):
        client.force_login(person)
        return client.post(address, data)

    return send
