"""Rows that arrived live are used just like those that were there when the page came."""

import pytest

from apps.executions.lifecycle import set_verdict
from testoqa.testing import uses
from tests.browser.waiting import until
from tests.data import populate_cast
from tests.factories import make_run, owner_of, send_results

pytestmark = uses(populate_cast)

FAILURES = ["fails 0", "fails 1", "fails 2"]


@pytest.fixture
def page(sign_in, project, viewer):
    """The page of a run that was empty, after three failures and two passes arrived."""
    nightly = make_run(project)
    page = sign_in(viewer)
    page.goto(nightly.get_absolute_url())
    page.locator("[data-pill]:not([hidden])").wait_for()
    page.evaluate("window.never_left = true")
    send_results(nightly, *({"name": name, "status": "failed"} for name in FAILURES))
    page.get_by_text(FAILURES[-1], exact=True).wait_for()
    send_results(nightly, "passes 0", "passes 1")
    page.get_by_text("passes 1", exact=True).wait_for()
    page.nightly = nightly
    return page


def assert_opened(page, title):
    page.locator("#detail h2.big").get_by_text(title, exact=True).wait_for()
    until(page, "document.querySelector('.row[aria-current] .ti') !== null")
    assert page.locator("[data-rows] .row[aria-current] .ti").inner_text() == title
    execution = page.nightly.executions.get(title=title)
    assert page.url.endswith(f"{page.nightly.get_absolute_url()}?x={execution.pk}")
    assert page.evaluate("window.never_left"), "the page was left"


def test_a_click_opens_the_drawer_and_escape_closes_it(page):
    for title in ["fails 1", "passes 1"]:
        page.locator("[data-rows]").get_by_text(title, exact=True).click()
        assert_opened(page, title)
    page.keyboard.press("Escape")
    page.get_by_text("No result is open").wait_for()
    assert page.url.endswith(page.nightly.get_absolute_url())


def test_n_opens_one_after_the_other(page):
    for title in [*FAILURES, FAILURES[0]]:
        page.keyboard.press("n")
        assert_opened(page, title)


def test_j_k_and_enter_open_a_row(page):
    for key in "jjjk":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    assert_opened(page, "fails 1")


def test_a_row_that_changed_opens_in_the_drawer(page, project):
    """Its place is taken by a new row, which a person's verdict puts into another group."""
    execution = page.nightly.executions.get(title="fails 2")
    set_verdict(execution, "passed", by=owner_of(project), note="A slow network.")
    page.locator("[data-group=rest]").get_by_text("fails 2", exact=True).click()
    assert_opened(page, "fails 2")
