"""Cases selected in the list: a range, a change of all of them, and its undoing."""

import pytest
from django.urls import reverse

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case

pytestmark = uses(populate_cast)


@pytest.fixture
def project(live_site, project):
    for number in range(1, 6):
        make_case(project, f"Pays {number}")
    return project


def priorities(project):
    return list(project.cases.order_by("number").values_list("priority", flat=True))


def test_a_range_gets_a_priority_and_is_undone(project, manager, sign_in):
    page = sign_in(manager)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("cases:list", args=["WEB"]))
    page.get_by_label("Select WEB-2").check()
    page.get_by_label("Select WEB-4").click(modifiers=["Shift"])
    bar = page.get_by_role("toolbar", name="Selected cases")
    bar.get_by_role("button", name="Priority").click()
    dialog = page.get_by_role("dialog", name="Priority")
    dialog.get_by_text("3 cases").wait_for()
    dialog.get_by_label("Priority").select_option("P0")
    dialog.get_by_role("button", name="Set the priority").click()
    page.get_by_text("Set priority to P0: 3 cases.").wait_for()
    assert priorities(project) == ["P2", "P0", "P0", "P0", "P2"]
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Put back 3 cases.").wait_for()
    assert page.url.endswith(reverse("cases:list", args=["WEB"]))
    assert priorities(project) == ["P2"] * 5

    page.get_by_label("Select WEB-1", exact=True).check()
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog", name="Tags")
    dialog.get_by_label("Add").fill("smoke, money")
    page.keyboard.press("Enter")
    page.get_by_text("Tagged money, smoke: 1 case.").wait_for()
    assert project.casetags.count() == 2


def test_without_script_the_same_is_a_page(project, manager, sign_in):
    page = sign_in(manager, java_script_enabled=False)
    page.goto(reverse("cases:list", args=["WEB"]))
    page.get_by_label("Select WEB-2").check()
    page.get_by_label("Select WEB-3").check()
    page.get_by_role("button", name="Archive").click()
    page.get_by_text("2 cases").wait_for()
    page.get_by_role("button", name="Archive").click()
    page.get_by_text("Archived: 2 cases.").wait_for()
    assert project.cases.active().count() == 3
