"""Messages about an account: in text and HTML, after the commit, and in nobody's way."""

import re

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import RequestFactory
from django.urls import reverse

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user

pytestmark = uses(populate_cast)
PASSWORD = "correct horse battery"
NOWHERE = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {"host": "127.0.0.1", "port": 1, "timeout": 2},
    }
}


@pytest.fixture(autouse=True)
def open_to_all(settings):
    cache.clear()
    settings.SIGNUP = "open"


@pytest.fixture
def person():
    return make_user("mira@example.com", password=PASSWORD)


@pytest.fixture
def after_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def sign_up(client, email):
    form = {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    return client.post(reverse("account_signup"), form)


def change_password(client, person):
    sign_in = {"login": person.email, "password": PASSWORD}
    client.post(reverse("account_login"), sign_in)
    new = {"password1": "a quite different one", "password2": "a quite different one"}
    return client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, **new},
        headers={"user-agent": "Firefox (see https://evil.example)"},
    )


def html_of(message):
    [alternative] = message.alternatives
    assert alternative.mimetype == "text/html"
    return alternative.content


def test_a_newcomer_confirms_by_text_or_html(client, after_commit):
    with after_commit():
        sign_up(client, "new@example.com")
        assert not mail.outbox
    [message] = mail.outbox
    link = re.search(r"http://testserver/accounts/confirm-email/\S+", message.body)[0]
    assert f'<a href="{link}"' in html_of(message)
    assert "for new@example.com at testserver" in message.body
    assert ">new@example.com</a> at testserver" in html_of(message)
    assert message.subject == "TestoQA: Confirm your e-mail address"
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_who_has_an_account_is_told_how_to_enter_it(client, person, after_commit):
    with after_commit():
        sign_up(client, person.email)
    [message] = mail.outbox
    for text in (message.body, html_of(message)):
        assert "There is one already" in text
        assert f"http://testserver{reverse('account_reset_password')}" in text


def test_a_change_is_told_with_the_browser_by_its_name(client, person, after_commit):
    with after_commit():
        change_password(client, person)
    [message] = mail.outbox
    for text in (message.body, html_of(message)):
        assert "Your password has been changed." in text
        assert "Browser: Firefox" in text and "evil" not in text
        assert "Address: 127.0.0.1" in text
        assert re.search(r"Time: \d+ \w+ \d{4}, \d\d:\d\d UTC", text)


def test_nothing_is_told_of_what_was_not_committed(person, after_commit):
    @transaction.atomic
    def tell_in_vain():
        get_adapter().send_mail("account/email/password_changed", person.email, {})
        raise LookupError("Something else was not possible.")

    request = RequestFactory().get("/")
    with after_commit(), context.request_context(request), pytest.raises(LookupError):
        tell_in_vain()
    assert not mail.outbox


def test_a_mail_server_that_does_not_answer_stops_nobody(
    client, person, after_commit, settings, caplog
):
    settings.MAILERS = NOWHERE
    with after_commit():
        answer = change_password(client, person)
    assert answer.url == reverse("accounts:security")
    person.refresh_from_db()
    assert person.check_password("a quite different one")
    assert "The message “TestoQA: Password Changed” is not sent: " in caplog.text
