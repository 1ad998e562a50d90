"""Single sign-on against a real OpenID provider, which runs beside the tests on loopback."""

from urllib.parse import quote, urljoin, urlsplit

import httpx2
import oidc_provider_mock
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.urls import reverse

from apps.accounts.models import InstanceActivity, User
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user

pytestmark = uses(populate_cast)
BEGIN = reverse("openid_connect_login", args=["sso"])
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def provider():
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def configured(provider, settings):
    cache.clear()
    settings.OIDC_ISSUER = provider
    settings.OIDC_NAME = "Example ID"
    app = {
        "provider_id": "sso",
        "name": "Example ID",
        "client_id": "testoqa",
        "secret": "of the tests",
        "settings": {"server_url": provider},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    }


def sign_on(client, provider, email="mira@example.com", begin=BEGIN, **claims):
    """As a browser goes: to the provider, which is told who it is, and back; the last answer."""
    claims = {"email": email, "name": "Mira Lang", **claims}
    known = httpx2.put(f"{provider}/users/{quote(email)}", json=claims)
    assert known.status_code == 204
    away = client.get(begin)
    assert away.status_code == 302, away.content.decode()
    assert away.url.startswith(provider)
    back = httpx2.post(away.url, data={"sub": email})
    assert back.status_code == 302
    path = urlsplit(back.headers["location"])
    return client.get(f"{path.path}?{path.query}")


def signed_in_as(client):
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


def test_the_page_to_sign_in_offers_it_only_where_it_is_set_up(client, settings):
    link = f'href="{BEGIN}"'
    page = client.get(reverse("account_login")).content.decode()
    assert link in page
    assert "Sign in by Example ID" in page
    settings.OIDC_ISSUER = ""
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    assert link not in client.get(reverse("account_login")).content.decode()
    assert client.get(BEGIN).status_code == 404


def test_an_account_is_found_by_the_address_that_the_provider_has_verified(client, provider):
    person = make_user("mira@example.com", password=PASSWORD)
    sign_on(client, provider, email_verified=True)
    assert signed_in_as(client) == person
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert SocialAccount.objects.get().user == person
    assert InstanceActivity.objects.filter(verb="sign_in.link", user=person).exists()
    last = InstanceActivity.objects.get(verb="sign_in")
    assert last.after == {"by": ["socialaccount"]}


@pytest.mark.parametrize("verified", [False, "false", None])
def test_an_address_that_is_not_verified_opens_no_account(client, provider, settings, verified):
    settings.SIGNUP = "open"
    make_user("mira@example.com", password=PASSWORD)
    claims = {} if verified is None else {"email_verified": verified}
    sign_on(client, provider, **claims)
    assert signed_in_as(client) is None
    assert not SocialAccount.objects.exists()


def test_the_linked_account_is_found_whatever_its_address_is_later(client, provider):
    person = make_user("mira@example.com")
    sign_on(client, provider, email_verified=True)
    client.post(reverse("account_logout"))
    person.email = "mira.lang@example.com"
    person.save()
    sign_on(client, provider, email_verified=True)
    assert signed_in_as(client) == person


def test_the_second_factor_is_asked_for_as_well(client, provider):
    person = make_user("mira@example.com")
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    assert sign_on(client, provider, email_verified=True).url == reverse("mfa_authenticate")
    assert signed_in_as(client) is None


def test_nobody_new_comes_in_where_signing_up_is_closed(client, provider, settings):
    settings.SIGNUP = "closed"
    answer = sign_on(client, provider, email_verified=True)
    assert answer.status_code == 200
    assert not User.objects.filter(email="mira@example.com").exists()


def test_an_invitation_lets_in_its_own_address_alone(client, provider, settings):
    settings.SIGNUP = "invited"
    sign_on(client, provider, email_verified=True)
    assert signed_in_as(client) is None
    session = client.session
    session["account_verified_email"] = "mira@example.com"
    session.save()
    sign_on(client, provider, "eve@example.com", email_verified=True)
    assert signed_in_as(client) is None
    sign_on(client, provider, email_verified=True)
    assert signed_in_as(client).email == "mira@example.com"
    assert not User.objects.filter(email="eve@example.com").exists()


def test_anybody_comes_in_where_signing_up_is_open(client, provider, settings):
    settings.SIGNUP = "open"
    sign_on(client, provider, email_verified=True)
    person = signed_in_as(client)
    assert (person.email, person.name) == ("mira@example.com", "Mira Lang")
    assert not person.has_usable_password()
    assert EmailAddress.objects.get(user=person).verified


def test_somebody_new_whose_address_is_not_verified_confirms_it_first(client, provider, settings):
    settings.SIGNUP = "open"
    answer = sign_on(client, provider, email_verified=False)
    assert answer.url == reverse("account_email_verification_sent")
    assert signed_in_as(client) is None


def test_an_account_made_by_somebody_else_for_that_address_loses_its_password(
    client, provider, settings
):
    settings.SIGNUP = "open"
    form = {"email": "mira@example.com", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), form)
    person = User.objects.get(email="mira@example.com")
    assert not EmailAddress.objects.get(user=person).verified
    sign_on(client, provider, email_verified=True)
    person.refresh_from_db()
    assert not person.has_usable_password()


def test_a_link_is_made_and_ended_by_the_person(client, provider):
    person = make_user("mira@example.com", password=PASSWORD)
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    answer = sign_on(client, provider, "elsewhere@example.org", f"{BEGIN}?process=connect")
    client.post(answer.url, {"password": PASSWORD}, follow=True)
    account = SocialAccount.objects.get(user=person)
    assert "Unlink" in client.get(reverse("accounts:security")).content.decode()
    client.post(reverse("accounts:unlink", args=[account.pk]))
    assert not SocialAccount.objects.exists()
    verbs = set(InstanceActivity.objects.values_list("verb", flat=True))
    assert {"sign_in.link", "sign_in.unlink"} <= verbs


def test_the_only_way_in_is_not_ended(client, provider, settings):
    settings.SIGNUP = "open"
    sign_on(client, provider, email_verified=True)
    account = SocialAccount.objects.get()
    client.post(reverse("accounts:unlink", args=[account.pk]))
    assert SocialAccount.objects.exists()


def test_an_answer_that_was_not_asked_for_is_refused(client, provider):
    away = client.get(BEGIN)
    back = httpx2.post(away.url, data={"sub": "mira@example.com"})
    path = urlsplit(back.headers["location"])
    client.cookies.clear()
    answer = client.get(f"{path.path}?{path.query}")
    assert answer.status_code == 401
    assert "Single sign-on failed" in answer.content.decode()


def test_a_page_of_somebody_else_sends_nobody_to_the_provider(client):
    answer = client.get(BEGIN, headers={"sec-fetch-site": "cross-site"})
    assert answer.url == reverse("account_login")


def test_it_leads_back_to_where_one_wanted_to_go_and_nowhere_else(client, provider):
    make_user("mira@example.com")
    answer = sign_on(client, provider, begin=f"{BEGIN}?next=/projects/WEB/", email_verified=True)
    assert answer.url == "/projects/WEB/"
    client.post(reverse("account_logout"))
    evil = f"{BEGIN}?next={quote('https://evil.example/')}"
    answer = sign_on(client, provider, begin=evil, email_verified=True)
    assert urlsplit(urljoin("http://testserver/", answer.url)).netloc == "testserver"
