"""What a socket is sent, and that nothing is lost for good."""

import json
import time
from functools import partial

import psycopg
import pytest
from django.db import connection, transaction

from apps.runs import hub, lifecycle, live
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_project, make_token, owner_of
from tests.live.sockets import change, close_code, frame, frames_until

pytestmark = uses(populate_cast)


@pytest.fixture
def token(project):
    return make_token(owner_of(project))


@pytest.fixture
def watching(watch, nightly, token):
    return partial(watch, nightly, token=token, origin=None)


def ends_at(seq):
    return lambda message: message.get("seq") == seq


def test_two_watchers_are_told_of_each_verb(project, nightly, watching):
    by = owner_of(project)
    with watching() as one, watching() as other:
        assert frame(one)["status"] == frame(other)["status"] == "created"
        run = lifecycle.start(nightly, by=by)
        assert frame(one) == frame(other)
        run = lifecycle.cancel(run, by=by)
        told = frames_until(one, ends_at(run.seq))[-1]
        assert told == {"seq": run.seq, "counts": run.counts, "status": "cancelled"}
        assert frames_until(other, ends_at(run.seq))[-1] == told


def test_a_change_that_is_rolled_back_is_not_told(project, nightly, watching):
    with watching() as socket:
        before = frame(socket)
        with transaction.atomic():
            lifecycle.start(nightly, by=owner_of(project))
            transaction.set_rollback(True)
        with pytest.raises(TimeoutError):
            frame(socket, timeout=0.7)
        change(nightly)
        assert frame(socket) == {**before, "seq": before["seq"] + 1}


def test_only_the_watchers_of_a_run_are_told(project, nightly, watching, watch):
    other = lifecycle.create_run(
        make_project("APP", owner=owner_of(project)),
        by=owner_of(project),
        name="Smoke",
        environment=project.environments.model.objects.get(project__key="APP", name="ci"),
    )
    secret = make_token(owner_of(project))
    with watching() as mine, watch(other, token=secret, origin=None) as theirs:
        frame(mine), frame(theirs)
        change(nightly)
        assert frame(mine)["seq"] == nightly.seq
        with pytest.raises(TimeoutError):
            frame(theirs, timeout=0.7)


def test_many_changes_become_at_most_five_frames_a_second_and_end_at_the_last(nightly, watching):
    with watching() as socket:
        frame(socket)
        began = time.monotonic()
        for _ in range(200):
            change(nightly)
            time.sleep(0.008)
        told = [message["seq"] for message in frames_until(socket, ends_at(nightly.seq))]
        spent = time.monotonic() - began
    assert told == sorted(set(told))
    assert 5 <= len(told) <= 5 * spent + 2


def test_hints_of_many_processes_become_at_most_five_frames_a_second(nightly, watching):
    with watching() as socket, connection.cursor() as cursor:
        frame(socket)
        times, last = [], nightly.seq + 150
        for seq in range(nightly.seq + 1, last + 1):
            nightly.seq = seq
            hint = live.write_hint(live.hint_of(nightly))
            cursor.execute("SELECT pg_notify(%s, %s)", [live.CHANNEL, hint])
            time.sleep(0.01)
            try:
                while frame(socket, timeout=0):
                    times.append(time.monotonic())
            except TimeoutError:
                continue
        frames_until(socket, ends_at(last))
    windows = [later - earlier for earlier, later in zip(times, times[5:], strict=False)]
    assert len(times) >= 5
    assert all(window > 0.8 for window in windows)


def test_a_hint_is_small_whatever_the_counts(nightly):
    for name in nightly.counts:
        setattr(nightly, name, 2**31 - 1)
    nightly.seq = 2**63 - 1
    assert len(live.write_hint(live.hint_of(nightly))) < 1000


def test_who_comes_back_is_told_where_the_run_stands(nightly, watching):
    with watching() as socket:
        seen = frame(socket)["seq"]
    for _ in range(3):
        change(nightly)
    with watching(query=f"?since={seen}") as socket:
        assert frame(socket)["seq"] == nightly.seq
        change(nightly)
        assert frame(socket)["seq"] == nightly.seq


@pytest.mark.parametrize("since", ["-1", "x", "9" * 5000, "1e3", "999999", "%F0", "٣", ""])
def test_a_since_that_does_not_fit_asks_for_everything_again(since, nightly, watching):
    with watching(query=f"?since={since}") as socket:
        assert frame(socket)["seq"] == nightly.seq
        if since:
            assert frame(socket) == {"resync": True}
        change(nightly)
        assert frame(socket)["seq"] == nightly.seq


def test_a_heartbeat_keeps_quiet_sockets_open(nightly, watching, settings):
    settings.LIVE_HEARTBEAT = 0.3
    with watching() as socket:
        frame(socket)
        beats = [json.loads(socket.recv(timeout=3)) for _ in range(3)]
    assert beats == [{"heartbeat": True}] * 3


def test_an_overflow_ends_with_a_resync_and_the_newest_frame(nightly, watching):
    with watching() as socket:
        frame(socket)
        flood(lambda found: [found.offer(seq, numbered(seq)) for seq in range(1000, 1100)])
        told = frames_until(socket, ends_at(1099))
    assert {"resync": True} in told
    assert len(told) <= 66
    assert [message["seq"] for message in told if "seq" in message][-1] == 1099


def test_a_client_that_takes_nothing_is_closed_and_others_go_on(
    nightly, watching, settings, monkeypatch
):
    settings.LIVE_CHECK = 0.3
    monkeypatch.setattr(hub, "PATIENCE", 1)
    with watching(max_queue=1, max_size=2**26) as slow:
        frame(slow)
        large = numbered(5000, padding="x" * 2**22)
        flood(lambda found: [found.offer(5000 + more, large) for more in range(8)])
        time.sleep(2)
        with watching() as other:
            assert frame(other)["seq"] == nightly.seq
            assert close_code(slow) == 1013
            change(nightly)
            assert frame(other)["seq"] == nightly.seq


def test_what_a_client_says_is_ignored_unless_it_is_too_much(nightly, watching):
    with watching() as socket:
        frame(socket)
        socket.send("hello")
        socket.send(b"\x00")
        change(nightly)
        assert frame(socket)["seq"] == nightly.seq
        socket.send("x" * 5000)
        assert close_code(socket) == 1009
    with watching() as socket:
        socket.send("x" * 100_000)
        assert close_code(socket) == 1009


def test_the_hub_survives_the_end_of_its_connection_and_catches_up(nightly, watching):
    with watching() as socket:
        frame(socket)
        change(nightly)
        assert frame(socket)["seq"] == nightly.seq
        assert terminate("testoqa hub") == 1
        nightly.seq += 1
        nightly.save(update_fields=["seq"])  # nobody hears of this one
        assert frame(socket)["seq"] == nightly.seq
        change(nightly)
        assert frame(socket)["seq"] == nightly.seq


def test_a_hint_that_was_lost_is_made_good_by_the_next_check(nightly, watching, settings):
    settings.LIVE_CHECK = 0.3
    with watching() as socket:
        frame(socket)
        nightly.seq += 1
        nightly.save(update_fields=["seq"])
        assert frame(socket)["seq"] == nightly.seq


def test_hints_survive_the_end_of_the_connection_that_sends_them(nightly, watching):
    with watching() as socket:
        frame(socket)
        change(nightly)
        assert frame(socket)["seq"] == nightly.seq
        assert terminate("testoqa hints") == 1
        change(nightly)
        assert frame(socket)["seq"] == nightly.seq


def test_what_others_notify_on_the_channel_does_no_harm(nightly, watching):
    with watching() as socket, connection.cursor() as cursor:
        frame(socket)
        for payload in ("", "x", "[]", "{}", '{"run": 1}', "null", f'{{"run": "{nightly.pk}"}}'):
            cursor.execute("SELECT pg_notify(%s, %s)", [live.CHANNEL, payload])
        change(nightly)
        assert frame(socket)["seq"] == nightly.seq


def test_a_verb_is_not_held_up_when_hints_cannot_be_sent(project, nightly, monkeypatch):
    def away(**options):
        time.sleep(0.5)
        raise psycopg.OperationalError("away")

    live.flusher.stop()
    monkeypatch.setattr(live.psycopg, "connect", away)
    began = time.monotonic()
    run = lifecycle.start(nightly, by=owner_of(project))
    assert time.monotonic() - began < 0.4
    assert run.status == "running"


def test_the_last_hints_of_a_process_are_sent_before_it_ends(nightly, watching):
    with watching() as socket:
        frame(socket)
        for _ in range(5):
            change(nightly)
        live.flusher.stop()
        assert frames_until(socket, ends_at(nightly.seq), timeout=1)[-1]["seq"] == nightly.seq


def numbered(seq, padding=""):
    return {"type": "websocket.send", "text": json.dumps({"seq": seq, "padding": padding})}


def flood(give):
    """Let the hub's own thread call `give` with the only socket, before any other frame is sent."""
    (loop,) = hub.hubs
    (found,) = (one for some in hub.hubs[loop].sockets.values() for one in some)
    loop.call_soon_threadsafe(give, found)


def terminate(name):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database()",
            [name],
        )
        return cursor.fetchone()[0]
