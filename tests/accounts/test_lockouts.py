"""Guessing passwords: an account and an address are closed for a while, by an honest page."""

import re

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import InstanceActivity
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user

pytestmark = uses(populate_cast)
PASSWORD = "correct horse battery"
TYPED_OR_TOKEN = re.compile(r'value="[^"]*"|X-CSRFToken": "[^"]*"')


@pytest.fixture(autouse=True)
def fresh_limits():
    """allauth's own limits of requests, which live in this process."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def person():
    return make_user("mira@example.com", password=PASSWORD)


def try_to_enter(client, email, password="wrong", address="203.0.113.1", **headers):
    form = {"login": email, "password": password}
    return client.post(reverse("account_login"), form, REMOTE_ADDR=address, headers=headers)


def test_an_account_is_closed_to_every_address_after_tries_from_many(client, person):
    for number in range(4):
        answer = try_to_enter(client, person.email, address=f"203.0.113.{number}")
        assert answer.status_code == 200
    assert try_to_enter(client, "MIRA@example.com", address="203.0.113.9").status_code == 429
    closed = try_to_enter(client, person.email, PASSWORD, address="198.51.100.7")
    assert closed.status_code == 429
    assert int(closed["Retry-After"]) <= 15 * 60
    assert "for 15 minutes" in closed.content.decode()
    assert reverse("account_reset_password") in closed.content.decode()


def test_other_accounts_stay_open_while_one_is_closed(client, person, owner):
    owner.set_password(PASSWORD)
    owner.save()
    for _ in range(5):
        try_to_enter(client, person.email)
    assert try_to_enter(client, owner.email, PASSWORD).status_code == 302


def test_an_address_is_closed_after_tries_for_many_accounts(client, settings, person):
    settings.ACCOUNT_RATE_LIMITS = {"login": None}
    for number in range(24):
        assert try_to_enter(client, f"nobody{number}@example.com").status_code == 200
    assert try_to_enter(client, "nobody@example.com").status_code == 429
    closed = try_to_enter(client, person.email, PASSWORD)
    assert closed.status_code == 429
    assert "From your address" in closed.content.decode()
    elsewhere = try_to_enter(client, person.email, PASSWORD, address="198.51.100.7")
    assert elsewhere.status_code == 302


def test_an_address_that_the_client_writes_itself_changes_nothing(client, person):
    for number in range(5):
        try_to_enter(client, person.email, x_forwarded_for=f"192.0.2.{number}")
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"203.0.113.1"}
    closed = try_to_enter(client, person.email, PASSWORD, x_forwarded_for="192.0.2.77")
    assert closed.status_code == 429


def test_behind_a_trusted_proxy_the_address_that_it_adds_counts(client, settings, person):
    settings.TRUST_PROXY = True
    try_to_enter(client, person.email, x_forwarded_for="192.0.2.1, 198.51.100.20")
    assert AccessAttempt.objects.get().ip_address == "198.51.100.20"


def test_the_lock_out_ends_by_itself_and_is_not_drawn_out_by_further_tries(client, person):
    for _ in range(5):
        try_to_enter(client, person.email)
    before = AccessAttempt.objects.get().attempt_time
    assert try_to_enter(client, person.email).status_code == 429
    attempt = AccessAttempt.objects.get()
    assert (attempt.attempt_time, attempt.failures_since_start) == (before, 5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timezone.timedelta(minutes=16))
    assert try_to_enter(client, person.email, PASSWORD).status_code == 302


def test_signing_in_forgets_the_tries_for_that_account_alone(client, person):
    for email in (person.email, "nobody@example.com"):
        try_to_enter(client, email)
    try_to_enter(client, person.email, PASSWORD)
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["nobody@example.com"]


def test_a_new_password_by_the_link_opens_the_account_at_once(client, person):
    for _ in range(5):
        try_to_enter(client, person.email)
    key = [user_pk_to_url_str(person), default_token_generator.make_token(person)]
    form = client.get(reverse("account_reset_password_from_key", args=key), follow=True)
    new = {"password1": "a quite different one", "password2": "a quite different one"}
    client.post(form.request["PATH_INFO"], new)
    assert try_to_enter(client, person.email, "a quite different one").status_code == 302


def test_an_account_that_is_not_there_is_answered_as_one_that_is(client, person):
    codes, texts = {}, {}
    for email in (person.email, "nobody@example.com"):
        answers = [try_to_enter(client, email) for _ in range(6)]
        codes[email] = [answer.status_code for answer in answers]
        texts[email] = [TYPED_OR_TOKEN.sub("", answer.content.decode()) for answer in answers]
    assert codes[person.email] == codes["nobody@example.com"] == [200] * 4 + [429] * 2
    assert texts[person.email] == texts["nobody@example.com"]


def test_wrong_passwords_and_the_lock_out_are_in_the_trail_without_the_password(client, person):
    for _ in range(7):
        try_to_enter(client, person.email, "S3cret-and-wrong")
    rows = list(InstanceActivity.objects.filter(verb__startswith="sign_in.").order_by("id"))
    assert [row.verb for row in rows] == ["sign_in.fail"] * 5 + ["sign_in.lock_out"]
    assert {row.object_label for row in rows} == {person.email}
    assert {row.address for row in rows} == {"203.0.113.1"}
    assert rows[-1].after == {"of": "account"}
    attempt = AccessAttempt.objects.get()
    for kept in (*map(repr, map(vars, rows)), attempt.post_data, attempt.get_data):
        assert "S3cret" not in kept
        assert "csrf" not in kept or "****" in kept


def test_a_wrong_password_for_confirming_counts_as_well(client, person):
    client.force_login(person)
    for _ in range(4):
        answer = client.post(reverse("account_reauthenticate"), {"password": "wrong"})
        assert answer.status_code == 200
    answer = client.post(reverse("account_reauthenticate"), {"password": "wrong"})
    assert answer.status_code == 429


@pytest.mark.parametrize("email", ["mira@example.com", "nobody@example.com"])
def test_a_password_is_hashed_once_whether_there_is_an_account_or_not(
    client, person, email, monkeypatch
):
    hashed, encode = [], MD5PasswordHasher.encode

    def counted(self, password, salt):
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    try_to_enter(client, email)
    assert len(hashed) == 1


def test_the_longest_address_is_counted(client, person):
    assert try_to_enter(client, f"{'x' * 64}@{'y' * 240}.example").status_code == 200
