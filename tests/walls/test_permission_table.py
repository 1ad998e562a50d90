"""The first wall: what each address answers to each person, written by hand.

A new address fails here until it has its rows in tests/walls/permissions/.
"""

import json
import re

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.messages import ERROR, get_messages
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from testoqa.testing import uses

from .permissions.addresses import addresses
from .permissions.row import GUESTS, PEOPLE, REFUSED, SCOPES, TOKENS, nowhere
from .permissions.setting import find_setting, populate_both_projects
from .permissions.table import TABLE

pytestmark = uses(populate_both_projects)

API_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
PAGE_METHODS = ["GET", "POST"]
"""A page takes any other method for GET; it changes something on POST alone."""

every_row = pytest.mark.parametrize("row", TABLE, ids=str)


@pytest.fixture
def setting():
    """What each request changes is taken back."""
    return find_setting()


def path_of(row, project, things):
    values = {"key": project.key, **row.where(things)}
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), row.address)
    assert "<" not in path
    assert "(" not in path
    return f"/{path}{row.query}"


def ask(client, row, path, things, **headers):
    """The response; whatever it changed is taken back, and no rate limit adds people up."""
    cache.clear()
    with transaction.atomic():
        sent = {"headers": {**row.headers, **headers}}
        response = client.generic(row.method, path, **body_of(row, things), **sent)
        read(response)
        if response.status_code < 400:
            connection.check_constraints()
        transaction.set_rollback(True)
    return response


def read(response):
    """Take a download to its end, which closes its file."""
    if response.streaming and response.is_async:
        async_to_sync(take_all)(response.streaming_content)
    elif response.streaming:
        b"".join(response.streaming_content)


async def take_all(content):
    async for _ in content:
        pass


def body_of(row, things):
    if row.json:
        return {"data": json.dumps(row.json(things)), "content_type": "application/json"}
    if row.upload or row.form:
        return encoded((row.upload or row.form)(things))
    return {}


def encoded(fields):
    return {"data": encode_multipart(BOUNDARY, fields), "content_type": MULTIPART_CONTENT}


def client_of(setting, who):
    client = Client()
    if setting.sessions[who]:
        client.cookies[settings.SESSION_COOKIE_NAME] = setting.sessions[who]
    return client


def answers(row, setting, things, *, people=PEOPLE, **headers):
    """{who: status code}"""
    path = path_of(row, setting.mine.project, things)
    return {
        who: checked(ask(client_of(setting, who), row, path, things, **headers), who, row)
        for who in people
    }


def checked(response, who, row):
    """The code; a redirect counts as allowed only where nothing was refused on the way."""
    code = response.status_code
    if code == 302 and who != "anonymous":
        errors = [
            str(message)
            for message in get_messages(response.wsgi_request)
            if message.level >= ERROR
        ]
        assert not errors, f"{row} by {who} was refused with a message: {errors}"
    if code == 302 and who == "anonymous" and not row.public:
        assert response.url.startswith(("/accounts/login/", "/admin/login/")), response.url
    return code


@every_row
def test_each_person_gets_what_the_table_says(row, setting):
    assert answers(row, setting, setting.mine) == row.expected()


@every_row
def test_each_guest_of_a_run_gets_what_the_table_says(row, setting):
    found = answers(row, setting, setting.mine, people=GUESTS)
    assert found == row.expected_of_guests()


@every_row
def test_no_row_is_met_by_a_fault(row):
    codes = set(row.expected().values()) | set(
        row.expected_of_tokens().values() if row.is_api else []
    )
    assert codes <= {200, 201, 202, 204, 302} | REFUSED


@pytest.mark.parametrize("row", [row for row in TABLE if row.is_api], ids=str)
def test_each_token_gets_what_the_table_says(row, setting):
    assert answers_to(TOKENS, row, setting) == row.expected_of_tokens()


@pytest.mark.parametrize("row", [row for row in TABLE if row.is_api], ids=str)
def test_each_scope_of_a_token_gets_what_the_table_says(row, setting):
    assert answers_to(SCOPES, row, setting) == row.expected_of_scopes()


def answers_to(kinds, row, setting):
    """{kind of token: status code}"""
    path = path_of(row, setting.mine.project, setting.mine)
    return {
        kind: ask(
            Client(), row, path, setting.mine, authorization=f"Bearer {setting.secrets[kind]}"
        ).status_code
        for kind in kinds
    }


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.method == "GET" and not row.is_api], ids=str
)
def test_a_partial_is_guarded_as_its_page_is(row, setting):
    assert answers(row, setting, setting.mine, hx_request="true") == row.expected()
    found = answers(row, setting, setting.mine, people=GUESTS, hx_request="true")
    assert found == row.expected_of_guests()


@pytest.mark.parametrize(
    "row",
    [row for row in TABLE if row.where is not nowhere and "<str:key>" in row.address],
    ids=str,
)
def test_what_lies_in_another_project_is_not_there(row, setting):
    """The owner of both asks for the other project's object under this project's address."""
    path = path_of(row, setting.mine.project, setting.foreign)
    client = client_of(setting, "owner")
    assert ask(client, row, path, setting.mine).status_code == 404


def test_every_address_has_a_row():
    missing = addresses() - {row.address for row in TABLE}
    assert not missing, "\n".join(sorted(missing))


def test_every_row_has_an_address():
    assert {row.address for row in TABLE} <= addresses()


@pytest.mark.parametrize(
    "address", sorted({row.address for row in TABLE if not row.address.startswith("admin/")})
)
def test_a_method_without_a_row_is_not_served(address, setting):
    rows = [row for row in TABLE if row.address == address]
    client = client_of(setting, "owner")
    path = path_of(rows[0], setting.mine.project, setting.mine)
    methods = API_METHODS if address.startswith("api/v1/") else PAGE_METHODS
    for method in set(methods) - {row.method for row in rows}:
        with transaction.atomic():
            assert client.generic(method, path).status_code == 405, method
            transaction.set_rollback(True)


def test_nobody_is_left_out(setting):
    assert list(setting.people) == [*PEOPLE, *GUESTS]
    assert list(setting.secrets) == [*TOKENS, *SCOPES]
