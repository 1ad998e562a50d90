"""Finding cases by the keyboard alone: completion, a saved filter, the rows, the palette."""

import pytest
from django.urls import reverse

from testoqa.testing import uses
from tests.browser.waiting import until
from tests.data import populate_cast
from tests.factories import make_case, make_run

pytestmark = uses(populate_cast)

OPTIONS = "document.querySelectorAll('.suggest:not([hidden]) [role=option]').length"


@pytest.fixture
def page(sign_in, project, manager):
    for number in range(1, 5):
        make_case(project, f"Pays {number}", tags=["smoke"] if number < 4 else [], status="ready")
    make_case(project, "Signs in", tags=["smoke"])
    make_run(project, "Nightly")
    page = sign_in(manager, permissions=["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("cases:list", args=["WEB"]))
    return page


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def titles(page):
    return page.locator("#cases tbody .main-cell a").all_inner_texts()


def test_a_query_is_completed_found_and_saved(page, project):
    press(page, "/")
    page.keyboard.type("pays ta")
    until(page, f"{OPTIONS} === 1")
    press(page, "ArrowDown", "Tab")
    until(page, f"{OPTIONS} === 2")
    press(page, "ArrowDown", "Enter")
    assert page.locator("[data-search]").input_value() == "pays tag:smoke "
    press(page, "Enter")
    until(page, "document.querySelectorAll('#cases tbody tr').length === 3")
    assert page.url.endswith("?q=pays+tag%3Asmoke+")
    assert page.locator("[aria-label='In force'] a").all_inner_texts() == ["pays", "tag:smoke"]

    press(page, "End")
    page.keyboard.type("stats:x")
    press(page, "Enter")
    page.get_by_text("Column 16: there is no field “stats”. Did you mean status?").wait_for()
    assert titles(page) == []
    assert page.locator("[data-search]").get_attribute("aria-invalid") == "true"
    assert page.locator("[data-search]").input_value() == "pays tag:smoke stats:x"
    press(page, *["Backspace"] * 7, "Enter")
    until(page, "document.querySelectorAll('#cases tbody tr').length === 3")
    assert page.locator("[data-search]").get_attribute("aria-invalid") is None

    press(page, "Escape", "s")
    page.keyboard.type("Smoke of payments")
    press(page, "Tab", "Space", "Enter")
    page.locator("[aria-label='Saved filters'] [aria-current]").wait_for()
    saved = project.saved_filters.get()
    assert (saved.name, saved.query, saved.is_shared) == (
        "Smoke of payments", "pays tag:smoke", True
    )  # fmt: skip
    assert titles(page) == ["Pays 1", "Pays 2", "Pays 3"]


def test_rows_are_walked_selected_peeked_copied_and_opened(page):
    press(page, "j", "x", "j", "j", "Shift+X")
    chosen = page.locator("[data-select]:checked")
    assert [box.get_attribute("value") for box in chosen.all()] == ["1", "2", "3"]
    press(page, "x")
    assert chosen.count() == 2
    press(page, "y")
    page.get_by_text("The link of WEB-3 is copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith("/projects/WEB/cases/3/")
    press(page, "Space")
    page.locator("#peek h2").get_by_text("Pays 3").wait_for()
    press(page, "k", "e")
    page.wait_for_url("**/cases/2/edit/")
    page.go_back()
    press(page, "j", "Enter")
    page.wait_for_url("**/cases/1/")
    page.go_back()
    press(page, "c")
    page.wait_for_url("**/cases/new/")


def test_the_palette_goes_to_a_case_a_run_and_an_action(page):
    for typed, address in [
        ("signs", "**/cases/5/"),
        ("WEB-2", "**/cases/2/"),
        ("nightly", "**/runs/1/"),
        ("flaky", "**/cases/?q=is%3Aflaky"),
    ]:
        press(page, "Control+k")
        page.keyboard.type(typed)
        press(page, "Enter")  # at once: it opens what is typed by now
        page.wait_for_url(address)


def test_single_keys_rest_for_those_who_turned_them_off(page, manager):
    manager.shortcuts = False
    manager.save()
    page.reload()
    press(page, "j", "x", "c", "/")
    assert page.locator("[data-select]:checked").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.url.endswith("/cases/")
