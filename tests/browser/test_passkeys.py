"""Passkeys in a real browser with a virtual authenticator, under the site's own policy."""

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user

pytestmark = uses(populate_cast)
PASSWORD = "correct horse battery"


@pytest.fixture
def person(live_site):
    cache.clear()
    return make_user("mira@example.com", password=PASSWORD)


@pytest.fixture
def page(chromium, live_site):
    """A page at the name localhost, since a passkey is bound to a name and never to an address."""
    context = chromium.new_context(base_url=live_site.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    page.breaches = []
    page.on("pageerror", lambda error: page.breaches.append(str(error)))
    page.on(
        "console",
        lambda said: page.breaches.append(said.text) if said.type == "error" else None,
    )
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield page
    context.close()
    assert not page.breaches


def enter(page):
    page.goto("/accounts/login/")
    page.fill("#id_login", "mira@example.com")
    page.fill("#id_password", PASSWORD)
    page.click("form button[type=submit]")


def add_passkey(page, *, passwordless):
    page.goto("/accounts/passkeys/add/")
    page.fill("#id_password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/accounts/passkeys/add/")
    page.fill("#id_name", "Laptop")
    if passwordless:
        page.check("#id_passwordless")
    page.click("#passkey_add")
    page.wait_for_url("**/accounts/second-factor/codes/")


def sign_out(page):
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)


def test_a_passkey_signs_in_without_a_password(person, page):
    enter(page)
    page.wait_for_url("**/")
    add_passkey(page, passwordless=True)
    assert Authenticator.objects.get(type="webauthn").user == person
    sign_out(page)
    page.goto("/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url(lambda url: not url.endswith("/login/"))
    page.goto("/accounts/security/")
    assert page.locator("h1").inner_text() == "Security"
    assert "signs in without a password" in page.locator("#passkeys").inner_text()


def test_a_security_key_is_the_second_step_after_the_password(person, page):
    enter(page)
    page.wait_for_url("**/")
    add_passkey(page, passwordless=False)
    sign_out(page)
    enter(page)
    page.wait_for_url("**/accounts/second-factor/")
    page.click("#passkey_authenticate")
    page.wait_for_url(lambda url: "second-factor" not in url)
    page.goto("/accounts/security/")
    assert page.locator("h1").inner_text() == "Security"


def test_a_passkey_that_is_not_given_is_said_and_nothing_is_sent(person, page):
    page.goto("/accounts/login/")
    page.click("#passkey_login")
    page.locator(".toast[data-level=error]").wait_for()
    assert page.url.endswith("/accounts/login/")
