"""The whole way of a newcomer: asked in, the message's link, an account, the project."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail

from testoqa.testing import uses
from tests.browser.conftest import Complaints
from tests.data import populate_cast

pytestmark = uses(populate_cast)

PASSWORD = "Quiet-Harbour-12"


@pytest.fixture
def newcomer(chromium, live_site):
    """A page of somebody who was never here."""
    complaints = Complaints()
    context = chromium.new_context(base_url=live_site)
    page = context.new_page()
    complaints.watch(page, urlsplit(live_site).netloc)
    yield page
    context.close()
    assert not complaints


def test_somebody_who_is_invited_makes_an_account_and_is_in_the_project(
    sign_in, newcomer, project, owner, settings
):
    settings.SIGNUP = "invited"
    page = sign_in(owner)
    page.goto("/projects/WEB/members/")
    addresses = page.get_by_label("E-mail addresses")
    addresses.fill("eve@example.com\nadam")
    page.get_by_role("button", name="Invite", exact=True).click()
    page.get_by_text("Line 2: “adam” is not an e-mail address.").wait_for()
    page.locator("textarea:focus").wait_for()
    addresses.fill("eve@example.com\nadam@example.com")
    page.locator("#invite select").select_option("manager")
    page.get_by_role("button", name="Invite", exact=True).click()
    page.get_by_text("Invited: eve@example.com, adam@example.com.").wait_for()
    assert page.locator("#invitations tbody tr").count() == 2
    assert page.locator("#invitations .tag", has_text="Sent").count() == 2

    message = next(message for message in mail.outbox if message.to == ["eve@example.com"])
    newcomer.goto(re.search(r"http\S+/invitations/\S+/", message.body)[0])
    assert urlsplit(newcomer.url).path == "/invitations/opened/"
    assert newcomer.get_by_label("E-mail address").is_disabled()
    newcomer.get_by_label("Your name").fill("Eve")
    newcomer.get_by_label("Password", exact=True).fill(PASSWORD)
    newcomer.get_by_label("Password again").fill(PASSWORD)
    newcomer.get_by_role("button", name="Make my account and accept").click()
    newcomer.wait_for_url("**/projects/WEB/")
    assert project.memberships.get(user__email="eve@example.com").role == "manager"

    page.reload()
    assert page.locator("#invitations tbody tr").count() == 1
    page.get_by_role("button", name="Withdraw adam@example.com").click()
    page.locator("dialog[open]").get_by_role("button", name="Withdraw", exact=True).click()
    page.get_by_text("The invitation of adam@example.com is withdrawn.").wait_for()
    assert page.locator("#invitations").count() == 0


def test_an_owner_hands_over_by_typing_the_key(sign_in, project, owner, tester):
    page = sign_in(owner)
    page.goto("/projects/WEB/members/")
    page.get_by_role("button", name="Hand over").click()
    dialog = page.locator("#hand-over")
    assert dialog.locator("select").evaluate("field => field === document.activeElement")
    dialog.locator("select").select_option(label=tester.email)
    button = dialog.get_by_role("button", name="Hand over")
    assert button.is_disabled()
    dialog.get_by_label("to confirm").fill("WEB")
    button.click()
    page.get_by_text("owns Project WEB now").wait_for()
    roles = {row.user: row.role for row in project.memberships.all()}
    assert (roles[tester], roles[owner]) == ("owner", "manager")
