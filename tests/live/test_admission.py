"""Who may open a socket, and who must leave it."""

import pytest
from django.contrib.sessions.models import Session
from websockets.exceptions import ConnectionClosed, InvalidStatus

from apps.memberships import lifecycle as memberships
from apps.memberships.models import ApiToken
from apps.runs import lifecycle
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import (
    make_member,
    make_project,
    make_run,
    make_token,
    make_user,
    owner_of,
)
from tests.live.sockets import change, close_code, frame

pytestmark = uses(populate_cast)


@pytest.fixture
def quick_check(settings):
    settings.LIVE_CHECK = 0.3


@pytest.mark.parametrize("role", ["owner", "manager", "tester", "viewer"])
def test_every_member_may_watch(role, request, nightly, watch):
    with watch(nightly, user=request.getfixturevalue(role)) as socket:
        assert frame(socket) == {
            "seq": nightly.seq,
            "counts": nightly.counts,
            "status": "created",
        }


def test_a_member_watches_and_an_outsider_and_a_stranger_do_not(viewer, outsider, nightly, watch):
    with watch(nightly, user=viewer) as socket:
        assert frame(socket)["status"] == "created"
    with watch(nightly, user=outsider) as socket:
        assert close_code(socket) == 4404
    with watch(nightly) as socket:
        assert close_code(socket) == 4401


def test_a_superuser_needs_a_membership_like_anybody(nightly, watch):
    with watch(nightly, user=make_user(is_superuser=True)) as socket:
        assert close_code(socket) == 4404


@pytest.mark.parametrize(
    "path",
    [
        "/ws/projects/WEB/runs/99/",
        "/ws/projects/WEB/runs/99999999999999999999/",
        "/ws/projects/NONE/runs/1/",
        "/ws/projects/%00/runs/1/",
        "/ws/projects/WEB/",
        "/ws/",
    ],
)
def test_an_address_without_a_run_is_closed_as_not_found(path, project, nightly, watch):
    with watch(nightly, user=owner_of(project), path=path) as socket:
        assert close_code(socket) == 4404


def test_a_token_opens_the_socket_without_an_origin(project, nightly, watch):
    secret = make_token(owner_of(project))
    with watch(nightly, token=secret, origin=None) as socket:
        assert frame(socket)["seq"] == nightly.seq


def test_a_token_of_another_project_finds_nothing(project, nightly, watch):
    person = owner_of(project)
    other = make_project("APP", owner=person)
    with watch(nightly, token=make_token(person, other, "viewer"), origin=None) as socket:
        assert close_code(socket) == 4404


def test_an_unknown_token_is_refused_even_beside_a_session(project, nightly, watch):
    with watch(nightly, user=owner_of(project), token="tqa_unknown") as socket:
        assert close_code(socket) == 4401


def test_a_token_in_the_address_is_refused(project, nightly, watch):
    person = owner_of(project)
    for query in (f"?token={make_token(person)}", f"?key={make_token(person)}", "?token=x"):
        with watch(nightly, user=person, query=query) as socket:
            assert close_code(socket) == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
def test_a_page_of_another_origin_is_refused(origin, project, nightly, watch):
    person = owner_of(project)
    with watch(nightly, user=person) as socket:
        assert frame(socket)["seq"] == nightly.seq
    with pytest.raises(InvalidStatus) as refused, watch(nightly, user=person, origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_a_session_counts_for_our_own_pages_alone(project, nightly, watch):
    person = owner_of(project)
    for known in ({"user": person}, {}):
        with watch(nightly, origin=None, **known) as socket, pytest.raises(ConnectionClosed) as end:
            socket.recv(timeout=5)
        assert end.value.rcvd.code == 4401
        assert "Authorization" in end.value.rcvd.reason


def test_a_trusted_origin_is_let_in(project, nightly, watch, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://qa.example"]
    with watch(nightly, user=owner_of(project), origin="https://qa.example") as socket:
        assert frame(socket)["seq"] == nightly.seq


def test_a_removed_member_is_cut_off_and_the_others_stay(
    quick_check, project, tester, nightly, watch
):
    other = make_token(owner_of(project))
    with (
        watch(nightly, user=tester) as leaving,
        watch(nightly, token=other, origin=None) as staying,
    ):
        assert frame(leaving) == frame(staying)
        membership = project.memberships.get(user=tester)
        memberships.remove_member(membership, by=owner_of(project))
        assert close_code(leaving, timeout=5) == 4403
        change(nightly)
        assert frame(staying)["seq"] == nightly.seq


def test_the_promise_of_ten_seconds_is_kept_by_the_setting(settings):
    assert settings.LIVE_CHECK < 10


def test_a_revoked_token_is_cut_off(quick_check, project, nightly, watch):
    secret = make_token(owner_of(project))
    with watch(nightly, token=secret, origin=None) as socket:
        frame(socket)
        memberships.revoke_token(ApiToken.objects.get(), by=owner_of(project))
        assert close_code(socket, timeout=5) == 4403


def test_who_signs_out_is_cut_off(quick_check, project, nightly, watch):
    with watch(nightly, user=owner_of(project)) as socket:
        frame(socket)
        Session.objects.all().delete()
        assert close_code(socket, timeout=5) == 4403


def test_a_new_password_ends_sockets_of_older_sessions(quick_check, project, nightly, watch):
    person = owner_of(project)
    with watch(nightly, user=person) as socket:
        frame(socket)
        person.set_password("another password")
        person.save(update_fields=["password"])
        assert close_code(socket, timeout=5) == 4403


def test_a_person_who_is_no_longer_active_is_cut_off(quick_check, viewer, nightly, watch):
    with watch(nightly, user=viewer) as socket:
        frame(socket)
        viewer.is_active = False
        viewer.save(update_fields=["is_active"])
        assert close_code(socket, timeout=5) == 4403


@pytest.fixture
def guest(nightly, owner):
    person = make_user("guest@example.com")
    lifecycle.add_guest(nightly, person.email, by=owner)
    return person


def test_a_guest_watches_the_run_and_no_other(guest, project, nightly, watch):
    with watch(nightly, user=guest) as socket:
        assert frame(socket)["seq"] == nightly.seq
    with watch(make_run(project), user=guest) as socket:
        assert close_code(socket) == 4404


def test_a_removed_guest_is_cut_off_and_members_stay(
    quick_check, guest, viewer, owner, nightly, watch
):
    secret = make_token(viewer)
    with (
        watch(nightly, user=guest) as leaving,
        watch(nightly, token=secret, origin=None) as staying,
    ):
        assert frame(leaving) == frame(staying)
        lifecycle.remove_guest(nightly.guests.get(), by=owner)
        assert close_code(leaving, timeout=5) == 4403
        change(nightly)
        assert frame(staying)["seq"] == nightly.seq


def test_guests_are_asked_with_one_query_more_however_many(
    project, owner, django_assert_num_queries
):
    from apps.runs.admission import Admission, still_admitted

    run = make_run(project)
    asked = set()
    for number in range(20):
        person = make_user()
        lifecycle.add_guest(run, person.email, by=owner)
        known = {"session": "none", "session_hash": "x", "as_guest": True}
        asked.add(Admission(person.pk, project.pk, str(run.pk), **known))
        asked.add(Admission(person.pk, project.pk, str(run.pk), token=1, as_guest=True))
        if number in (0, 19):
            with django_assert_num_queries(5):
                assert still_admitted(asked) == set()


def test_watchers_of_a_deleted_run_are_told(quick_check, project, nightly, watch):
    with watch(nightly, user=owner_of(project)) as socket:
        frame(socket)
        lifecycle.delete_run(nightly, by=owner_of(project))
        assert close_code(socket, timeout=5) == 4404


def test_memberships_are_asked_with_as_many_queries_for_twenty_as_for_one(
    project, django_assert_num_queries
):
    from apps.runs.admission import Admission, still_admitted

    people = [make_member(project, "viewer") for _ in range(20)]
    by_session = [
        Admission(person.pk, project.pk, "run", session="none", session_hash="x")
        for person in people
    ]
    by_token = [Admission(person.pk, project.pk, "run", token=1) for person in people]
    for number in (1, 20):
        with django_assert_num_queries(4):
            assert still_admitted({*by_session[:number], *by_token[:number]}) == set()
