"""Where things stand on narrow pages, and what must not cover what."""

import pytest
from django.urls import reverse

from testoqa.testing import uses
from tests.cases.importing import upload
from tests.data import populate_cast
from tests.factories import make_case

pytestmark = uses(populate_cast)


@pytest.fixture
def page(sign_in, manager):
    return sign_in(manager, permissions=["clipboard-read", "clipboard-write"])


def box(locator):
    return locator.bounding_box()


@pytest.mark.parametrize("width", [390, 1440])
def test_the_form_of_an_import_stands_where_it_is_seen_at_once(project, manager, page, width):
    for _ in range(25):
        upload(project, "Name\nPays\n", by=manager)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(reverse("cases:imports", args=["WEB"]))
    send = box(page.get_by_role("button", name="Read the file"))
    assert send["y"] + send["height"] < 844
    panels = [box(panel) for panel in page.locator(".cols > .panel").all()]
    if width == 390:
        assert panels[0]["y"] + panels[0]["height"] < panels[1]["y"]
    else:
        assert panels[0]["y"] == panels[1]["y"]
        assert panels[1]["x"] < panels[0]["x"]


def test_a_step_that_expects_nothing_says_so_by_nothing(project, page):
    steps = [{"action": "Open"}, {"action": "Pay", "expected": "Paid"}]
    make_case(project, steps=steps)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(reverse("cases:detail", args=["WEB", 1]))
    said = [
        one.evaluate("it => getComputedStyle(it, '::before').content")
        for one in page.locator(".steps .exp").all()
    ]
    assert said == ["none", '"Expect: "']


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_toasts_stand_above_the_bar_of_the_selected(project, page, width):
    for number in range(52):
        make_case(project, f"Pays {number}")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(reverse("cases:list", args=["WEB"]))
    page.get_by_label("Select WEB-1", exact=True).check()
    page.get_by_label("All that match").check()
    for key in ["j", "y"]:
        page.keyboard.press(key)
    page.get_by_text("The link of WEB-1 is copied.").wait_for()
    bar = box(page.get_by_role("toolbar", name="Selected cases"))
    toast = box(page.locator(".toast"))
    assert toast["y"] + toast["height"] <= bar["y"]
    if width > 700:
        assert bar["height"] < 40, "one line"
