"""The pages of signing in, each in the site's own dress."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user

pytestmark = uses(populate_cast)
PASSWORD = "correct horse battery"


def page(answer):
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'class="card"' in text
    return text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("account_login", "Sign in"),
        ("account_signup", "Accounts are made by invitation"),
        ("account_reset_password", "Forgot the password?"),
        ("account_reset_password_done", "Look into your mail"),
        ("account_reset_password_from_key_done", "The password is set"),
        ("account_inactive", "This account is inactive"),
    ],
)
def test_a_visitor_sees_a_calm_card(client, name, words):
    assert words in page(client.get(reverse(name)))


def test_signing_in_promises_an_account_only_where_people_may_make_one(client, settings):
    for signup, words in (("closed", "Who can make me an account?"), ("open", "Sign up</a>")):
        settings.SIGNUP = signup
        text = page(client.get(reverse("account_login")))
        assert words in text
        assert f'href="{reverse("account_signup")}"' in text
        assert ("No account yet" in text) is (signup == "open")


def test_a_wrong_password_is_said_above_the_fields(client):
    make_user("mira@example.com", password=PASSWORD)
    answer = client.post(reverse("account_login"), {"login": "mira@example.com", "password": "no"})
    assert 'role="alert"' in page(answer)
    assert "This address and password do not fit together" in page(answer)


def test_a_forgotten_password_is_chosen_anew_by_the_link_in_the_mail(client, run_jobs):
    person = make_user("mira@example.com", password=PASSWORD)
    answer = client.post(reverse("account_reset_password"), {"email": "MIRA@example.com"})
    assert answer["Location"] == reverse("account_reset_password_done")
    assert not mail.outbox
    run_jobs()
    [message] = mail.outbox
    link = re.search(r"https?://\S+?(/\S+)", message.body)[1]
    form = client.get(link, follow=True)
    assert "Choose a new password" in page(form)
    new = {"password1": "a quite different one", "password2": "a quite different one"}
    assert client.post(form.request["PATH_INFO"], new).status_code == 302
    person.refresh_from_db()
    assert person.check_password("a quite different one")


def test_a_used_link_says_so_and_offers_another(client):
    link = reverse("account_reset_password_from_key", args=["1", "spent-link"])
    assert "This link no longer works" in page(client.get(link))


def test_a_person_changes_their_own_password(client):
    person = make_user("mira@example.com", password=PASSWORD)
    client.force_login(person)
    assert "Change the password" in page(client.get(reverse("account_change_password")))
    new = {"password1": "a quite different one", "password2": "a quite different one"}
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **new})
    person.refresh_from_db()
    assert person.check_password("a quite different one")


def test_the_administration_is_entered_by_the_same_page(client):
    answer = client.get("/admin/runs/run/?q=a", follow=True)
    assert 'name="login"' in page(answer)
    administrator = make_user("admin@example.com", password=PASSWORD, is_superuser=True)
    form = {"login": administrator.email, "password": PASSWORD}
    answer = client.post(f"{answer.request['PATH_INFO']}?{answer.request['QUERY_STRING']}", form)
    assert (answer.status_code, answer.url) == (302, "/admin/runs/run/?q=a")
    assert client.get("/admin/login/?next=/admin/runs/").url == "/admin/runs/"
    for elsewhere in ("", "?next=https://evil.example/"):
        assert client.get(f"/admin/login/{elsewhere}").url == "/admin/"


def test_the_administration_is_guessed_at_as_rarely_as_the_site(client):
    administrator = make_user("admin@example.com", password=PASSWORD, is_superuser=True)
    wrong = {"username": administrator.email, "login": administrator.email, "password": "wrong"}
    for _ in range(6):
        assert client.post("/admin/login/", wrong).url.startswith("/accounts/login/")
        answer = client.post("/accounts/login/?next=/admin/", wrong)
    assert "Too many" in answer.content.decode()
    answer = client.post("/accounts/login/?next=/admin/", wrong | {"password": PASSWORD})
    assert answer.status_code == 429
    assert client.get("/admin/").status_code == 302


def test_who_is_no_administrator_is_refused_by_the_administration(client, owner):
    client.force_login(owner)
    assert client.get("/admin/", follow=True).status_code == 403
    assert client.post("/admin/login/", {}).status_code == 403
