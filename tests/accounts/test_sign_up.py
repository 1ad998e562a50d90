"""Signing up by oneself: the address is confirmed first, and nobody learns who has an account."""

import re

import pytest
from django.conf import settings as site
from django.contrib.auth.hashers import MD5PasswordHasher, identify_hasher, make_password
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import InstanceActivity, User
from testoqa import settings as served
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user

pytestmark = uses(populate_cast)
PASSWORD = "correct horse battery"
TYPED_OR_TOKEN = re.compile(r'value="[^"]*"|X-CSRFToken": "[^"]*"')


@pytest.fixture(autouse=True)
def open_to_all(settings):
    cache.clear()
    settings.SIGNUP = "open"


@pytest.fixture
def after_commit(django_capture_on_commit_callbacks):
    """with after_commit(): … does what waits for a commit at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def sign_up(client, email, password=PASSWORD):
    form = {"email": email, "password1": password, "password2": password}
    return client.post(reverse("account_signup"), form)


def sign_in(client, email, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_the_address_is_confirmed_before_anything_else(client, after_commit):
    sent = reverse("account_email_verification_sent")
    with after_commit():
        assert sign_up(client, "new@example.com").url == sent
    assert sign_in(client, "new@example.com").url == sent
    [message] = mail.outbox
    link = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", message.body)[1]
    page = client.get(link)
    assert "Is this your address?" in page.content.decode()
    client.post(link)
    assert sign_in(client, "new@example.com").status_code == 302
    assert client.get(reverse("projects:list")).status_code == 200
    verbs = InstanceActivity.objects.order_by("id").values_list("verb", flat=True)
    assert [verb for verb in verbs if "." not in verb or verb.startswith("email")] == [
        "sign_up",
        "email.confirm",
        "sign_in",
    ]


def test_an_address_that_has_an_account_is_answered_alike_and_told_by_mail(owner, after_commit):
    pages = []
    for email in ("new@example.com", owner.email):
        client = Client()
        with after_commit():
            page = client.get(sign_up(client, email).url).content.decode()
        pages.append(TYPED_OR_TOKEN.sub("", page).replace(email, "ADDRESS"))
    assert pages[0] == pages[1]
    assert [message.to for message in mail.outbox] == [["new@example.com"], [owner.email]]
    assert "confirm-email" not in mail.outbox[1].body
    assert User.objects.filter(email=owner.email).count() == 1


@pytest.mark.parametrize("email", ["new@example.com", "owner@example.com"])
def test_a_password_is_hashed_once_for_either(client, email, monkeypatch):
    hashed, encode = [], MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(1) or encode(self, password, salt),
    )
    sign_up(client, email)
    assert len(hashed) == 1


def test_asking_for_a_new_password_asks_no_more_of_the_database_for_an_account(
    client, owner, run_jobs
):
    def cost(email):
        with CaptureQueriesContext(connection) as queries:
            client.post(reverse("account_reset_password"), {"email": email})
        return len(queries)

    assert cost("nobody@example.com") == cost(owner.email)
    assert not mail.outbox
    run_jobs()
    assert [message.to for message in mail.outbox] == [[owner.email]]


def test_no_link_goes_to_who_may_not_sign_in(client, run_jobs):
    gone = make_user("gone@example.com", is_active=False)
    robot = make_user("robot@example.com", is_service=True)
    for person in (gone, robot):
        client.post(reverse("account_reset_password"), {"email": person.email})
    run_jobs()
    assert not mail.outbox


@pytest.mark.parametrize("signup", ["closed", "invited"])
def test_nobody_signs_up_where_it_is_not_open(client, settings, signup):
    settings.SIGNUP = signup
    sign_up(client, "new@example.com")
    assert not User.objects.filter(email="new@example.com").exists()


def test_an_invitation_confirms_its_address_and_no_other(client, settings):
    settings.SIGNUP = "invited"
    session = client.session
    session["account_verified_email"] = "new@example.com"
    session.save()
    sign_up(client, "other@example.com")
    assert not User.objects.filter(email="other@example.com").exists()
    assert sign_up(client, "new@example.com").status_code == 302
    assert client.get(reverse("projects:list")).status_code == 200


def test_a_person_made_by_an_administrator_has_nothing_to_confirm(client):
    make_user("new@example.com", password=PASSWORD)
    assert sign_in(client, "new@example.com").url == reverse("projects:list")


def test_passwords_are_hashed_by_argon2_and_older_ones_at_the_next_sign_in(client, settings):
    settings.PASSWORD_HASHERS = served.PASSWORD_HASHERS
    person = make_user("new@example.com", password=PASSWORD)
    assert identify_hasher(person.password).algorithm == "argon2"
    User.objects.filter(pk=person.pk).update(
        password=make_password(PASSWORD, hasher="pbkdf2_sha256")
    )
    assert sign_in(client, person.email).status_code == 302
    person.refresh_from_db()
    assert identify_hasher(person.password).algorithm == "argon2"
    assert site.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
