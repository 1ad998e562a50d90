"""Sockets: foreign runs, foreign pages, members who are removed, and floods."""

import time
from contextlib import contextmanager

import pytest
from django.conf import settings
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from apps.memberships.lifecycle import remove_member
from apps.runs import live
from testoqa.testing import uses
from tests.factories import owner_of
from tests.live.sockets import change, close_code, frame
from tests.walls.permissions.addresses import sockets

from .addresses import filled, parameters, values_of
from .data import populate_two_teams

pytestmark = uses(populate_two_teams)

REFUSED = {4401, 4404}


@contextmanager
def opened(teams, attacker, path, **options):
    cookies = "; ".join(f"{name}={value}" for name, value in attacker.cookies.items())
    headers = {"Cookie": cookies} if cookies else {}
    if attacker.token:
        headers["Authorization"] = f"Bearer {attacker.token}"
    options.setdefault("origin", teams.site)
    with connect(
        teams.site.replace("http", "ws", 1) + path,
        additional_headers=headers,
        ping_interval=None,
        close_timeout=1,
        compression=None,
        **options,
    ) as socket:
        yield socket


def run_path(things):
    return f"/ws/projects/{things.project.key}/runs/{things.run.number}/"


def test_no_socket_of_the_second_team_says_anything(teams):
    """Its runs under its own key and under that of the first team, to each who must not watch."""
    foreign = values_of(teams.foreign.project, values_of(teams.mine.project).numbers)
    for attacker in teams.everybody():
        for address in sockets():
            theirs = [foreign.of(*one)[-4:] for one in parameters(address)]
            real = [[teams.foreign.run.number] for _ in theirs]
            own_key = filled(address, [teams.mine.project.key], *theirs)
            for path in [*filled(address, [foreign.key], *real), *own_key]:
                with opened(teams, attacker, path) as socket:
                    with pytest.raises(ConnectionClosed) as closed:
                        socket.recv(timeout=10)
                    assert closed.value.rcvd.code in REFUSED, f"{path} by {attacker}"
                    assert teams.canary not in closed.value.rcvd.reason


def test_a_change_of_the_second_team_reaches_no_socket_of_the_first(teams):
    attacker = teams.attacker("viewer")
    with opened(teams, attacker, run_path(teams.mine)) as socket:
        assert frame(socket)["seq"] == teams.mine.run.seq
        for _ in range(5):
            live.run_changed(teams.foreign.run)
        change(teams.mine.run)
        assert frame(socket)["seq"] == teams.mine.run.seq
        with pytest.raises(TimeoutError):
            frame(socket, timeout=0.5)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:1", "null", "http://localhost", ""]
)
def test_no_page_of_another_site_opens_a_socket(teams, origin):
    with (
        pytest.raises(InvalidStatus) as refused,
        opened(teams, teams.attacker("owner"), run_path(teams.mine), origin=origin),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_removed_member_is_cut_off_within_ten_seconds_while_others_flood(teams):
    """With the settings that the site is served with, and not with shorter ones."""
    member, flooder = teams.attacker("tester"), teams.attacker("viewer")
    path = run_path(teams.mine)
    with (
        opened(teams, member, path) as leaving,
        opened(teams, flooder, path) as talking,
        opened(teams, flooder, path, max_size=2**26) as shouting,
        opened(teams, flooder, path) as staying,
    ):
        frame(leaving), frame(staying)
        project = teams.mine.project
        remove_member(project.memberships.get(user=teams.people["tester"]), by=owner_of(project))
        began = time.monotonic()
        for _ in range(2000):
            talking.send("x")
        shouting.send("x" * 100_000)
        assert close_code(shouting) == 1009
        assert close_code(leaving, timeout=12) == 4403
        assert time.monotonic() - began < 10
        change(teams.mine.run)
        assert frame(staying)["seq"] == teams.mine.run.seq
    assert settings.LIVE_CHECK < 10


def test_a_hundred_sockets_of_one_person_leave_room_for_others(teams):
    greedy, other = teams.attacker("viewer"), teams.attacker("owner")
    path, held = run_path(teams.mine), []
    try:
        for _ in range(100):
            held.append(opened(teams, greedy, path))
            held[-1].__enter__()
        with opened(teams, other, path) as socket:
            assert frame(socket)["seq"] == teams.mine.run.seq
            assert other.get("/projects/WEB/runs/").status == 200
    finally:
        for one in held:
            one.__exit__(None, None, None)
