"""Second factors: set up, asked for at sign-in, and taken away, each told to the trail."""

import re

import pytest
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.test import RequestFactory
from django.urls import reverse

from apps.accounts.models import InstanceActivity
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user

pytestmark = uses(populate_cast)
PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def person():
    return make_user("mira@example.com", password=PASSWORD)


def code_of(secret, later=0):
    counter = next(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(secret, counter + later))


def enter(client, person, password=PASSWORD):
    form = {"login": person.email, "password": password}
    return client.post(reverse("account_login"), form)


def verbs():
    return list(InstanceActivity.objects.order_by("id").values_list("verb", flat=True))


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_after_showing_that_it_is_oneself(client, person):
    enter(client, person)
    begin = client.get(reverse("mfa_activate_totp"))
    assert begin.url.startswith(reverse("account_reauthenticate"))
    page = client.post(begin.url, {"password": PASSWORD}, follow=True).content.decode()
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)[1]
    assert 'src="data:image/svg+xml;base64,' in page
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "This code is wrong or used up" in wrong.content.decode()
    done = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}, follow=True)
    codes = re.findall(r"<code>(\d{8})</code>", done.content.decode())
    assert len(codes) == 10
    assert {row.type for row in Authenticator.objects.filter(user=person)} == {
        "totp",
        "recovery_codes",
    }
    assert verbs()[-2:] == ["second_factor.add"] * 2
    assert any(message.to == [person.email] for message in mail.outbox)
    download = client.get(reverse("mfa_download_recovery_codes"))
    assert all(code in download.content.decode() for code in codes)
    assert "no-store" in download["Cache-Control"]
    kept = repr([vars(row) for row in InstanceActivity.objects.all()])
    assert secret not in kept
    assert not any(code in kept for code in codes)


def test_the_code_is_asked_for_after_the_password_and_works_once(client, person):
    totp.TOTP.activate(person, SECRET)
    assert enter(client, person).url == reverse("mfa_authenticate")
    assert client.get(reverse("projects:list")).status_code == 302
    wrong = client.post(reverse("mfa_authenticate"), {"code": "12"})
    assert "This code is wrong or used up" in wrong.content.decode()
    code = code_of(SECRET)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert client.get(reverse("projects:list")).status_code == 200
    assert verbs() == [*verbs()[:-2], "second_factor.fail", "sign_in"]
    assert InstanceActivity.objects.first().after == {"by": ["password", "totp"]}
    client.post(reverse("account_logout"))
    enter(client, person)
    again = client.post(reverse("mfa_authenticate"), {"code": code})
    assert "This code is wrong or used up" in again.content.decode()


def test_a_passkey_is_asked_for_only_where_there_is_one(client, person):
    totp.TOTP.activate(person, SECRET)
    enter(client, person)
    page = client.get(reverse("mfa_authenticate")).text
    assert "Second step" in page
    assert "passkey" not in page


def test_codes_are_not_guessed_without_end(client, person):
    totp.TOTP.activate(person, SECRET)
    enter(client, person)
    for _ in range(6):
        answer = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "Too many failed login attempts" in answer.content.decode()
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)})
    assert "Too many" in answer.content.decode()


def test_a_recovery_code_stands_in_once(client, person):
    totp.TOTP.activate(person, SECRET)
    code = RecoveryCodes.activate(person).get_unused_codes()[0]
    enter(client, person)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert client.get(reverse("projects:list")).status_code == 200
    client.post(reverse("account_logout"))
    enter(client, person)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_removing_it_takes_the_password_again_and_is_noted(client, person):
    totp.TOTP.activate(person, SECRET)
    client.force_login(person)
    ask = client.post(reverse("mfa_deactivate_totp"))
    assert ask.url.startswith(reverse("account_reauthenticate"))
    client.post(ask.url, {"password": PASSWORD}, follow=True)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=person).exists()
    assert verbs()[-1] == "second_factor.remove"


def test_a_service_account_signs_in_by_nothing(client, person):
    person.set_unusable_password()
    person.is_service = True
    person.save()
    assert enter(client, person, "").status_code == 200
    request = RequestFactory().get("/")
    request.session = client.session
    with context.request_context(request):
        answer = perform_login(request, Login(user=person))
    assert answer.url == reverse("account_inactive")


def test_the_security_page_says_what_is_set_up_and_shows_no_secret(client, person):
    client.force_login(person)
    page = client.get(reverse("accounts:security"))
    assert "A password alone protects this account" in page.content.decode()
    totp.TOTP.activate(person, SECRET)
    page = client.get(reverse("accounts:security")).content.decode()
    assert "A password alone" not in page
    assert SECRET not in page


def test_an_administrator_sees_no_secret_and_removes_a_lost_factor(client, person):
    lost = totp.TOTP.activate(person, SECRET).instance
    client.force_login(make_user("root@example.com", is_superuser=True))
    page = client.get(f"/admin/mfa/authenticator/{lost.pk}/change/")
    assert page.status_code == 200
    assert SECRET not in page.content.decode()
    client.post(f"/admin/mfa/authenticator/{lost.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.exists()
    row = InstanceActivity.objects.first()
    assert (row.verb, row.who, row.object_type) == (
        "admin.delete",
        "root@example.com",
        "authenticator",
    )
