"""The API documentation comes from this host alone, under the policy of every other page."""

import os
from pathlib import Path

import pytest

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user
from tests.live_site import live_site

__all__ = ["live_site"]

pytestmark = uses(populate_cast)

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
FLAGS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture
def browser_path():
    if not CHROMIUM.exists() and not os.environ.get("TESTOQA_TEST_ALL"):
        pytest.skip(f"needs a browser at {CHROMIUM}")
    return str(CHROMIUM)


def test_the_documentation_is_for_people_who_are_signed_in(client, viewer):
    assert client.get("/api/docs/").status_code == 302
    client.force_login(viewer)
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert b"<style" not in page.content and b" style=" not in page.content
    assert b"<script>" not in page.content and b" onload=" not in page.content
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_browser_draws_the_documentation_without_breaking_the_policy(
    theme, live_site, client, settings, browser_path
):
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    client.force_login(make_user(theme=theme))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path, args=FLAGS)
        context = browser.new_context()
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_site}]
        )
        page = context.new_page()
        said, asked, bad = [], [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.on("response", lambda answer: bad.append(answer.url) if answer.status > 399 else None)
        page.goto(f"{live_site}/api/docs/")
        page.get_by_text("/api/v1/projects/", exact=True).first.click()
        page.get_by_role("button", name="Try it out").first.click()
        page.get_by_role("button", name="Execute").first.click()
        answered = page.locator(".live-responses-table .highlight-code")
        playwright.expect(answered.first).to_contain_text('"results"')
        if folder := os.environ.get("TESTOQA_SHOTS"):
            page.screenshot(path=f"{folder}/api-docs-{theme}.png")
        browser.close()
    assert said == [] and bad == []
    foreign = [url for url in asked if not url.startswith((live_site, "data:", "blob:"))]
    assert foreign == []
