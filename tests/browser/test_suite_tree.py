"""The tree of suites under the hands of a manager: by the keyboard alone, then by dragging."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.cases import lifecycle, searching
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite

pytestmark = uses(populate_cast)


@pytest.fixture
def cases(sign_in, project, manager):
    make_suite(project, "app")
    page = sign_in(manager)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("cases:list", args=["WEB"]))
    return page


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def add(page, name):
    page.locator("[data-tree-new]").focus()
    press(page, "Enter")
    page.get_by_label("Name of a new suite").wait_for()
    page.keyboard.type(name)
    press(page, "Enter")
    focused(page, name).wait_for()


def focused(page, name):
    return page.locator("[role=treeitem]:focus").filter(has_text=name)


def told(page, text):
    page.locator("[data-tree-status]").get_by_text(text).wait_for()


def paths(project):
    return list(project.suites.order_by("path").values_list("path", flat=True))


def test_a_tree_is_built_by_the_keyboard_and_rearranged_by_dragging(cases, project):
    add(cases, "cart")
    add(cases, "pay")
    told(cases, "pay is 3 of 3 at the top.")
    press(cases, "Alt+ArrowUp")
    told(cases, "pay is 2 of 3 at the top.")
    press(cases, "Alt+ArrowUp")
    told(cases, "pay is 1 of 3 at the top.")
    press(cases, "End", "Alt+ArrowRight")
    told(cases, "cart is 1 of 1 in app.")
    assert paths(project) == ["app", "app / cart", "pay"]

    press(cases, "Insert")
    cases.get_by_label("Name of a new suite in cart").wait_for()
    cases.keyboard.type("coupons")
    press(cases, "Enter")
    told(cases, "coupons is 1 of 1 in cart.")
    press(cases, "F2")
    cases.keyboard.type("vouchers")
    press(cases, "Enter")
    told(cases, "vouchers is 1 of 1 in cart.")
    press(cases, "ArrowLeft", "ArrowLeft")
    focused(cases, "cart").wait_for()
    assert not cases.get_by_role("treeitem", name="vouchers").is_visible()
    press(cases, "ArrowRight", "ArrowRight")
    focused(cases, "vouchers").wait_for()
    press(cases, "Alt+ArrowLeft")
    told(cases, "vouchers is 2 of 2 in app.")

    cases.reload()
    closed = cases.get_by_role("treeitem", name="app")
    assert closed.get_attribute("aria-expanded") == "false"
    closed.locator(".tw").click()
    cases.get_by_role("treeitem", name="vouchers").wait_for()
    assert cases.url.endswith("/cases/")
    cases.get_by_role("treeitem", name="vouchers").drag_to(
        cases.get_by_role("treeitem", name="pay"), target_position={"x": 60, "y": 3}
    )
    told(cases, "vouchers is 1 of 3 at the top.")
    cases.get_by_role("treeitem", name="pay").drag_to(
        cases.get_by_role("treeitem", name="cart"), target_position={"x": 60, "y": 14}
    )
    told(cases, "pay is 1 of 1 in cart.")
    cases.get_by_role("treeitem", name="cart").drag_to(cases.get_by_text("All cases"))
    told(cases, "cart is 3 of 3 at the top.")
    assert paths(project) == ["app", "cart", "cart / pay", "vouchers"]


def test_of_very_many_cases_the_counts_come_after_the_page(cases, project, monkeypatch):
    monkeypatch.setattr(searching, "LARGE", 0)
    make_case(project, suite=make_suite(project, "cart", project.suites.get()))
    make_case(project)
    cases.reload()
    expect(cases.locator("[data-total]")).to_have_text("2")
    expect(cases.locator("[data-outside]")).to_have_text("1")
    app = cases.get_by_role("treeitem", name="app")
    expect(app.locator(".n")).to_have_text("1")
    app.focus()
    press(cases, "ArrowRight")
    expect(cases.get_by_role("treeitem", name="cart").locator(".n")).to_have_text("1")
    press(cases, "F2")
    cases.keyboard.type("shop")
    press(cases, "Enter")
    expect(cases.get_by_role("treeitem", name="shop").locator(".n")).to_have_text("1")


def test_more_of_a_long_level_comes_by_the_keyboard(cases, project):
    lifecycle.find_or_create_suites(project, [(f"s{n:03}",) for n in range(205)])
    lifecycle.find_or_create_suites(project, [("s000", f"t{n:03}") for n in range(201)])
    cases.goto(make_suite(project, "zebra").get_absolute_url())
    lines = cases.locator("nav[data-tree] [role=treeitem]")
    assert lines.count() == 202, "two hundred, the selected one, and the line that shows more"
    lines.filter(has_text="app").focus()
    press(cases, "ArrowDown", "ArrowRight")
    cases.get_by_text("t199").wait_for()
    lines.filter(has_text="Show more suites").first.click()
    focused(cases, "t200").wait_for()
    assert lines.count() == 202 + 201
    press(cases, "End", "Alt+ArrowUp", "F2", "Enter")
    focused(cases, "s199").wait_for()
    press(cases, "End")
    expect(lines.last).to_contain_text("zebra")
    assert lines.count() == 207 + 201, "nothing stands there twice"
    press(cases, "Alt+ArrowUp")
    told(cases, "zebra is 206 of 207 at the top.")
    focused(cases, "zebra").wait_for()


def refused(page):
    return page.locator("nav[data-tree] [role=alert]")


def test_a_name_that_is_refused_stays_with_the_reason(cases, project, sign_in):
    make_suite(project, "pay", project.suites.get())
    cases.reload()
    cases.get_by_role("treeitem", name="app").focus()
    press(cases, "ArrowRight")
    cases.get_by_role("treeitem", name="pay").wait_for()
    press(cases, "ArrowRight", "F2")
    field = cases.get_by_label("New name of pay")
    field.fill("shop")
    cases.context.set_offline(True)
    press(cases, "Enter")
    refused(cases).get_by_text("The server cannot be reached.").wait_for()
    sign_in.complaints.clear()  # the browser tells of the request that failed
    cases.context.set_offline(False)
    assert field.input_value() == "shop"
    press(cases, "Enter")
    told(cases, "shop is 1 of 1 in app.")
    assert refused(cases).count() == 0

    press(cases, "Home", "Insert")
    field = cases.get_by_label("Name of a new suite in app")
    field.fill("shop")
    press(cases, "Enter")
    refused(cases).get_by_text("There is a suite of this name here already.").wait_for()
    sign_in.complaints.clear()  # of the refusal, too
    expect(field).to_be_focused()
    expect(field).to_have_value("shop")
    press(cases, "s", "Enter")
    told(cases, "shops is 2 of 2 in app.")

    press(cases, "F2")
    cases.keyboard.type("nothing")
    press(cases, "Escape")
    focused(cases, "shops").wait_for()
    assert paths(project) == ["app", "app / shop", "app / shops"]


def test_a_name_that_is_left_stays_and_is_saved_before_the_page_changes(cases, project, sign_in):
    cases.get_by_role("treeitem", name="app").focus()
    press(cases, "F2")
    field = cases.get_by_label("New name of app")
    field.fill("shop")
    cases.get_by_role("heading", name="Cases", exact=True).click()
    expect(field).to_have_value("shop")
    with cases.expect_event("dialog") as asked:
        cases.evaluate("setTimeout(() => location.reload())")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(field).to_have_value("shop")
    cases.get_by_role("link", name="New case").first.click()
    cases.wait_for_url("**/cases/new/")
    assert paths(project) == ["shop"]

    make_suite(project, "pay")
    cases.goto(reverse("cases:list", args=["WEB"]))
    cases.get_by_role("treeitem", name="shop").focus()
    press(cases, "F2")
    cases.keyboard.type("pay")
    cases.get_by_role("link", name="New case").first.click()
    refused(cases).get_by_text("There is a suite of this name here already.").wait_for()
    sign_in.complaints.clear()  # the browser tells of the refusal
    assert cases.url.endswith("/cases/")
    press(cases, "Escape")
    cases.get_by_role("treeitem", name="shop").wait_for()


def test_a_name_that_is_being_written_is_saved_before_another_suite_is_touched(cases, project):
    make_suite(project, "pay")
    cases.reload()
    for key in ["Insert", "Alt+ArrowUp"]:
        cases.get_by_role("treeitem", name="app").focus()
        press(cases, "F2")
        cases.get_by_label("New name of app").fill(f"apps {key}")
        cases.get_by_role("treeitem", name="pay").focus()
        press(cases, key)
        if key == "Insert":
            cases.get_by_label("Name of a new suite in pay").wait_for()
            press(cases, "Escape")
        else:
            told(cases, "pay is 1 of 2 at the top.")
        assert project.suites.filter(name=f"apps {key}").exists()
        project.suites.filter(name=f"apps {key}").update(name="app", path="app")
        cases.reload()


def test_what_is_clicked_while_a_name_is_written_happens_once_it_is_saved(cases, project):
    make_suite(project, "cart", make_suite(project, "pay"))
    lifecycle.find_or_create_suites(project, [(f"s{n:03}",) for n in range(201)])
    cases.reload()
    address = cases.url
    cases.get_by_role("treeitem", name="app").focus()
    press(cases, "F2")
    cases.get_by_label("New name of app").fill("apps")
    cases.get_by_role("treeitem", name="pay").locator(".tw").click()
    cases.get_by_role("treeitem", name="cart").wait_for()
    assert paths(project)[0] == "apps"

    cases.get_by_role("treeitem", name="apps").focus()
    press(cases, "F2")
    cases.get_by_label("New name of apps").fill("app")
    cases.get_by_role("treeitem", name="Show more suites").click()
    cases.get_by_role("treeitem", name="s200").wait_for()
    assert (paths(project)[0], cases.url) == ("app", address)
