"""The list of cases under the hands of a reader: keys, the pane beside it, a session that ends."""

import re

import pytest
from django.conf import settings
from django.urls import reverse

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case

pytestmark = uses(populate_cast)


@pytest.fixture
def cases(sign_in, project, viewer):
    """The list of two cases, open in a browser."""
    make_case(project, "Pays by card")
    make_case(project, "Pays by voucher")
    page = sign_in(viewer)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("cases:list", args=["WEB"]))
    return page


def open_second(page):
    for key in ["j", "j", "Space"]:
        page.keyboard.press(key)
    page.locator("#peek h2").get_by_text("Pays by voucher").wait_for()


def test_space_opens_the_pane_and_escape_closes_it(cases):
    open_second(cases)
    assert cases.url.endswith("/cases/?peek=WEB-2")
    assert cases.locator("tr[aria-selected=true]").count() == 1
    cases.keyboard.press("Escape")
    cases.locator("#peek").get_by_text("No case is open").wait_for()
    assert cases.url.endswith("/cases/")
    assert cases.locator("tr[aria-selected=true]").count() == 0
    cases.go_back()
    cases.locator("#peek h2").get_by_text("Pays by voucher").wait_for()


def test_the_open_pane_follows_the_row_and_e_edits_nothing_for_a_viewer(cases):
    cases.keyboard.press("j")
    cases.wait_for_timeout(300)
    cases.locator("#peek").get_by_text("No case is open").wait_for()
    cases.keyboard.press("k")
    open_second(cases)
    steps = cases.evaluate("history.length")
    cases.keyboard.press("k")
    cases.locator("#peek h2").get_by_text("Pays by card").wait_for()
    assert cases.url.endswith("/cases/?peek=WEB-1")
    assert cases.evaluate("history.length") == steps
    assert cases.locator("tr[aria-selected=true] .key").inner_text() == "WEB-1"
    for key in ["e", "x", "Shift+X"]:
        cases.keyboard.press(key)
    cases.wait_for_timeout(200)
    assert cases.url.endswith("/cases/?peek=WEB-1")


def test_a_late_answer_takes_nothing_from_the_case_that_was_clicked(cases, project):
    make_case(project, "Pays by invoice")
    cases.reload()
    open_second(cases)

    def late(route):
        cases.wait_for_timeout(400)
        route.continue_()

    cases.route("**/cases/?*peek=WEB-1*", late)
    cases.keyboard.press("k")
    cases.wait_for_timeout(250)
    cases.get_by_text("Pays by invoice").click()
    cases.locator("#peek h2").get_by_text("Pays by invoice").wait_for()
    cases.wait_for_timeout(600)
    assert cases.locator("#peek h2").inner_text() == "Pays by invoice"
    assert cases.url.endswith("?peek=WEB-3")


def test_who_may_change_nothing_selects_nothing(cases):
    assert cases.locator("#cases input[type=checkbox]").count() == 0
    assert cases.get_by_role("toolbar", name="Selected cases").count() == 0
    assert cases.locator("#cases thead th").count() == cases.locator("tr:first-child > td").count()


def test_e_edits_the_case_that_is_shown(cases, sign_in, manager):
    page = sign_in(manager)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("cases:list", args=["WEB"]))
    page.get_by_text("Pays by card").click()
    page.locator("#peek h2").get_by_text("Pays by card").wait_for()
    page.get_by_label("Select WEB-2").check()  # the focus is in another row than what is shown
    page.keyboard.press("e")
    page.wait_for_url("**/cases/1/edit/")
    page.go_back()
    page.locator("#peek h2").get_by_text("Pays by card").wait_for()
    for key in ["j", "j", "e"]:  # at once: it edits what the pane is about to show
        page.keyboard.press(key)
    page.wait_for_url("**/cases/2/edit/")


def test_a_session_that_ended_asks_the_whole_window_to_sign_in(cases):
    cases.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    cases.get_by_text("Pays by card").click()
    cases.wait_for_url(re.compile("/accounts/login/"))
    assert cases.locator("#peek").count() == 0
    assert cases.url.endswith(f"?next={reverse('cases:list', args=['WEB'])}")


def test_the_list_of_keys_tells_those_of_the_tree_and_of_selected_cases(cases):
    cases.keyboard.press("?")
    sheet = cases.get_by_role("dialog", name="Keyboard shortcuts")
    keys = {
        section: sheet.locator("section", has=cases.get_by_role("heading", name=section))
        .locator("dt")
        .all_text_contents()
        for section in ["Suites", "Selected cases"]
    }
    assert keys == {
        "Suites": ["↑↓", "→←", "F2", "Insert", "Alt↑↓", "Alt→←"],
        "Selected cases": ["x", "Shiftx", "m", "t", "p"],
    }
