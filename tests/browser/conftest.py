"""Pages in a real browser, Debian's chromium, against the site as it is served."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from tests.live_site import live_site

__all__ = ["live_site"]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    """What is stored by a test goes with it."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def work(run_jobs):
    """Do what is queued, in a thread that has no event loop as Playwright's has."""

    def in_a_thread():
        try:
            run_jobs()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        yield lambda: threads.submit(in_a_thread).result(60)


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium")
    if path is None:
        reason = "chromium is not installed"
        if os.environ.get("TESTOQA_TEST_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread, so it ends with the module: others run their
    # own. Rows are still made between its calls.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Complaints(list):
    """What a page must not do: errors, breaches of the policy, requests to other hosts."""

    def watch(self, page, host):
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.append(f"script: {error}"))
        page.on("request", lambda request: self.request(request, host))

    def console(self, message):
        if message.type in ("error", "warning"):
            self.append(f"console: {message.text}")

    def request(self, request, host):
        address = urlsplit(request.url)
        if address.scheme != "data" and address.netloc != host:
            self.append(f"request: {request.url}")


@pytest.fixture
def sign_in(chromium, live_site):
    """sign_in(user) is a page of a browser of its own; it fails the test when it complains."""
    complaints, contexts = Complaints(), []

    def open_page(user, **options):
        client = Client()
        client.force_login(user)
        context = chromium.new_context(base_url=live_site, **options)
        contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": live_site}])
        page = context.new_page()
        complaints.watch(page, urlsplit(live_site).netloc)
        return page

    open_page.complaints = complaints
    yield open_page
    for context in contexts:
        context.close()
    assert not complaints
