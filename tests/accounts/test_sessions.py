"""Where somebody is signed in: listed, followed, and ended by themselves."""

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.lifecycle import end_other_sessions, end_session
from apps.accounts.models import InstanceActivity
from apps.accounts.sessions import SEEN, browser_of
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user
from tests.races import meet

pytestmark = uses(populate_cast)
PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def person():
    return make_user("mira@example.com", password=PASSWORD)


def signed_in(person, user_agent=FIREFOX, address="203.0.113.5"):
    client = Client(headers={"user-agent": user_agent}, REMOTE_ADDR=address)
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client):
    return client.get(reverse("projects:list")).status_code == 200


def test_the_key_that_somebody_had_before_signing_in_opens_nothing_after(person):
    client = Client()
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert not is_in(thief)


def test_a_signed_out_session_is_gone(person):
    client = signed_in(person)
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = client.session.session_key
    assert is_in(stolen)
    client.post(reverse("account_logout"))
    assert not is_in(stolen)
    assert InstanceActivity.objects.first().verb == "sign_out"


def test_each_browser_is_listed_and_one_is_ended(person):
    mine, other = signed_in(person), signed_in(person, "curl/8", "198.51.100.9")
    page = mine.get(reverse("accounts:security")).content.decode()
    assert "Firefox on Linux" in page
    assert "Another program" in page
    assert "198.51.100.9" in page
    assert "this browser" in page
    ended = UserSession.objects.get(ip="198.51.100.9")
    assert mine.post(reverse("accounts:end_session", args=[ended.pk])).status_code == 302
    assert (is_in(mine), is_in(other)) == (True, False)
    assert InstanceActivity.objects.first().before == {
        "sessions": ["Another program, 198.51.100.9"]
    }


def test_nobody_ends_the_session_of_somebody_else(person, owner, client):
    mine = signed_in(person)
    client.force_login(owner)
    row = UserSession.objects.get()
    assert client.post(reverse("accounts:end_session", args=[row.pk])).status_code == 404
    assert is_in(mine)


def test_all_others_are_ended_at_once(person):
    mine, *others = (signed_in(person) for _ in range(3))
    mine.post(reverse("accounts:end_other_sessions"))
    assert is_in(mine)
    assert not any(map(is_in, others))


def test_a_new_password_ends_the_others_and_keeps_this_one(person):
    mine, other = signed_in(person), signed_in(person)
    new = {"password1": "a quite different one", "password2": "a quite different one"}
    mine.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **new})
    assert (is_in(mine), is_in(other)) == (True, False)
    assert len(UserSession.objects.filter(user=person)) == 1
    assert "this browser" in mine.get(reverse("accounts:security")).content.decode()


def test_where_it_was_last_seen_is_kept_every_few_minutes_and_no_oftener(person):
    client = signed_in(person)
    before = UserSession.objects.get().last_seen_at
    client.get(reverse("projects:list"), REMOTE_ADDR="198.51.100.9")
    assert UserSession.objects.get().last_seen_at == before
    session = client.session
    session[SEEN] = int(timezone.now().timestamp()) - 600
    session.save()
    client.get(reverse("projects:list"), REMOTE_ADDR="198.51.100.9")
    row = UserSession.objects.get()
    assert row.last_seen_at > before
    assert row.ip == "198.51.100.9"


def test_a_session_that_has_run_out_is_not_listed(person):
    mine, other = signed_in(person), signed_in(person, "curl/8")
    Session.objects.filter(pk=other.session.session_key).update(expire_date=timezone.now())
    assert "Another program" not in mine.get(reverse("accounts:security")).content.decode()


def test_the_page_asks_as_often_for_one_session_as_for_ten(person):
    client = signed_in(person)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("accounts:security"))
        return len(queries)

    cost()
    one = cost()
    for _ in range(9):
        signed_in(person)
    assert cost() == one
    assert one <= 9


@pytest.mark.parametrize(
    ("user_agent", "called"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iOS",
        ),
        ("", "Another program"),
    ],
)
def test_a_browser_is_called_by_its_name(user_agent, called):
    assert browser_of(user_agent) == called


def test_pages_are_kept_by_no_cache_and_ask_for_no_device(client, person):
    client.force_login(person)
    for path in ("/", "/accounts/login/", "/accounts/security/", "/api/v1/projects/", "/nothing"):
        answer = client.get(path)
        assert "no-store" in answer["Cache-Control"], path
        assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.races("apps.accounts.lifecycle.end_session")
def test_a_session_that_two_end_at_once_is_noted_once(person):
    signed_in(person)
    row = UserSession.objects.get()
    meet(lambda: end_session(row, by=person), lambda: end_session(row, by=person))
    assert not UserSession.objects.exists()
    assert InstanceActivity.objects.filter(verb="session.end").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.races("apps.accounts.lifecycle.end_other_sessions")
def test_ending_all_and_ending_one_do_not_wait_for_each_other_for_ever(person):
    for _ in range(3):
        signed_in(person)
    row = UserSession.objects.order_by("-pk").first()
    meet(
        lambda: end_other_sessions(person, keep=None, by=person),
        lambda: end_session(row, by=person),
    )
    assert not UserSession.objects.exists()
    noted = InstanceActivity.objects.filter(verb="session.end").values_list("before", flat=True)
    assert sum(len(before["sessions"]) for before in noted) == 3
