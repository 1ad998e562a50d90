"""What each socket answers to each person and token, written by hand."""

import re

import pytest
from websockets.exceptions import ConnectionClosed

from apps.runs.lifecycle import add_guest
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_member, make_run, make_token, make_user

from .permissions.addresses import sockets
from .permissions.row import GUESTS, PEOPLE, SCOPES, TOKENS

pytestmark = uses(populate_cast)

OPEN = 0
RUN = "ws/projects/<str:key>/runs/<int:number>/"
TABLE = {
    RUN: (
        [OPEN, OPEN, OPEN, OPEN, 4404, 4404, 4401, OPEN, OPEN],
        [OPEN, OPEN, 4404, 4401, OPEN, OPEN],
    )
}
"""Of PEOPLE and GUESTS, then of TOKENS and SCOPES."""


@pytest.fixture
def nightly(live_site, project):
    return make_run(project)


def path_of(address, run):
    values = {"key": run.project.key, "number": run.number}
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), address)


def answer(socket):
    """OPEN after a first frame, else the code with which the site closed."""
    try:
        socket.recv(timeout=10)
    except ConnectionClosed as closed:
        return closed.rcvd.code
    return OPEN


@pytest.fixture
def people(nightly, owner, manager, tester, viewer, outsider):
    return {
        "owner": owner,
        "manager": manager,
        "tester": tester,
        "viewer": viewer,
        "outsider": outsider,
        "superuser": make_user(is_superuser=True),
        "anonymous": None,
        "guest": invited(nightly, owner, may_execute=False),
        "executor": invited(nightly, owner, may_execute=True),
    }


def invited(run, by, *, may_execute):
    person = make_user()
    add_guest(run, person.email, may_execute=may_execute, by=by)
    return person


@pytest.fixture
def secrets(owner, project, other_project):
    make_member(other_project, "owner", owner)
    revoked = make_token(owner, project, "owner", name="revoked")
    project.tokens.filter(name="revoked").update(revoked_at="2026-01-01T00:00Z")
    return {
        "confined": make_token(owner, project, "owner"),
        "narrowed": make_token(owner, project, "viewer"),
        "foreign": make_token(owner, other_project, "owner"),
        "revoked": revoked,
        "reading": make_token(owner, project, "owner", scope="read"),
        "sending": make_token(owner, project, "owner", scope="results"),
    }


@pytest.mark.parametrize("address", TABLE)
def test_each_person_gets_what_the_table_says(address, people, nightly, watch):
    found = {}
    for who, person in people.items():
        with watch(nightly, user=person, path=path_of(address, nightly)) as socket:
            found[who] = answer(socket)
    assert found == dict(zip([*PEOPLE, *GUESTS], TABLE[address][0], strict=True))


@pytest.mark.parametrize("address", TABLE)
def test_each_token_gets_what_the_table_says(address, secrets, nightly, watch):
    found = {}
    for kind, secret in secrets.items():
        with watch(nightly, token=secret, path=path_of(address, nightly)) as socket:
            found[kind] = answer(socket)
    assert found == dict(zip([*TOKENS, *SCOPES], TABLE[address][1], strict=True))


def test_every_socket_has_a_row():
    assert set(TABLE) == sockets()
