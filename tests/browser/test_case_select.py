"""Rows of the list selected by boxes and by the box in the head, and the bar that counts them."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from testoqa.testing import uses
from tests.browser.waiting import until
from tests.data import populate_cast
from tests.factories import make_case

pytestmark = uses(populate_cast)


@pytest.fixture
def page(sign_in, project, manager):
    for number in range(1, 6):
        make_case(project, f"Pays {number}", tags=["smoke"] if number < 4 else [])
    page = sign_in(manager)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("cases:list", args=["WEB"]))
    return page


def everything(page):
    return page.get_by_label("Select all cases of this page")


def selected(page):
    chosen = page.locator("[data-select]:checked")
    return [int(box.get_attribute("value")) for box in chosen.all()]


def counted(page):
    """What the bar says, as the browser reads it out: CSS counts, so no text holds the number."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    bar = next(one for one in nodes if one.get("name", {}).get("value") == "Selected cases")
    inside = {bar["nodeId"]}
    said = []
    for node in nodes:
        if node.get("parentId") in inside:
            inside.add(node["nodeId"])
            if node["role"]["value"] == "StaticText":
                said.append(node["name"]["value"])
    return " ".join(" ".join(said).split())


def test_the_box_in_the_head_selects_all_and_none(page):
    bar = page.get_by_role("toolbar", name="Selected cases")
    everything(page).check()
    assert selected(page) == [1, 2, 3, 4, 5]
    assert everything(page).is_checked()
    assert counted(page).startswith("5 selected")
    page.get_by_label("Select WEB-2").uncheck()
    assert not everything(page).is_checked()
    assert everything(page).evaluate("box => box.indeterminate")
    everything(page).check()
    assert selected(page) == [1, 2, 3, 4, 5]
    everything(page).uncheck()
    assert selected(page) == []
    expect(bar).to_be_hidden()


def test_clearing_the_selection_clears_the_box_in_the_head(page):
    everything(page).check()
    page.get_by_role("button", name="Clear the selection").click()
    assert selected(page) == []
    expect(everything(page)).not_to_be_checked()
    page.get_by_label("Select WEB-1").check()
    page.get_by_role("button", name="Clear the selection").click()
    until(page, "!document.querySelector('[data-select-all]').indeterminate")


def test_rows_that_a_query_brought_are_selected_all_the_same(page):
    everything(page).check()
    page.keyboard.press("/")
    page.keyboard.type("tag:smoke")
    page.keyboard.press("Enter")
    until(page, "document.querySelectorAll('#cases tbody tr').length === 3")
    assert selected(page) == []
    everything(page).check()
    assert selected(page) == [1, 2, 3]
    assert counted(page).startswith("3 selected")
    page.get_by_role("button", name="Priority").click()
    page.get_by_role("dialog").get_by_text("3 cases").wait_for()
    page.keyboard.press("Escape")
    everything(page).uncheck()
    assert selected(page) == []


def test_leaving_one_out_is_no_longer_all_that_match(page, project):
    for number in range(6, 53):
        make_case(project, f"Pays {number}")
    page.reload()
    page.get_by_label("Select WEB-1", exact=True).check()
    page.get_by_label("All that match").check()
    assert len(selected(page)) == 50
    expect(everything(page)).to_be_checked()
    page.get_by_label("Select WEB-7", exact=True).uncheck()
    expect(page.get_by_label("All that match")).not_to_be_checked()
    page.get_by_role("button", name="Priority").click()
    page.get_by_role("dialog").get_by_text("49 cases").wait_for()
