"""Writing a case in a browser: by keys alone, with Markdown, pictures, and text that is kept."""

import re

import pytest
from django.urls import reverse

from apps.cases import lifecycle
from testoqa.testing import uses
from tests.browser.waiting import until
from tests.data import populate_cast
from tests.factories import make_case

pytestmark = uses(populate_cast)

PASTE = """
async (area, [name, type, width]) => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height: 2 });
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const data = new DataTransfer();
  data.items.add(new File([type === "image/png" ? blob : "<svg/>"], name, { type }));
  area.focus();
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}
"""  # noqa: E501
PNG = ["screen.png", "image/png", 3]


@pytest.fixture
def form(live_site, project, owner, manager, sign_in):
    """The form of a new case of a project that has a field of its own."""
    lifecycle.create_custom_field(
        project, by=owner, name="Browser", kind="choice", options=["Firefox", "Opera"]
    )
    page = sign_in(manager)
    page.goto(reverse("cases:create", args=["WEB"]))
    return page


def tab_to(page, label):
    """Press Tab until the field has the focus, as somebody without a mouse does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.get_by_label(label, exact=True).first.evaluate(
            "it => it === document.activeElement"
        ):
            return
    raise AssertionError(f"Tab does not lead to {label}")


def test_a_case_is_written_by_keys_alone(form, project):
    make_case(project, "Pays by card in a shop")
    form.keyboard.type("Pays by card in the shop")  # the title has the focus
    form.locator("#similar").get_by_text("WEB-1").wait_for()
    tab_to(form, "Description optional")
    form.keyboard.type("It is **urgent**.")
    form.keyboard.press("Shift+Tab")
    form.keyboard.press("ArrowRight")
    form.locator(".preview strong").get_by_text("urgent").wait_for()
    form.keyboard.press("ArrowLeft")
    tab_to(form, "Action")
    form.keyboard.type("Open the cart")
    tab_to(form, "Estimate optional")
    form.keyboard.type("1h 30m")
    tab_to(form, "Browser optional")
    form.keyboard.type("Op")
    for _ in range(20):
        form.keyboard.press("Tab")
        if form.evaluate("() => document.activeElement.textContent") == "Make the case":
            break
    form.keyboard.press("Enter")
    form.get_by_text("WEB-2 is made.").wait_for()
    case = project.cases.get(number=2)
    assert (case.title, case.description) == ("Pays by card in the shop", "It is **urgent**.")
    assert (case.estimate_seconds, case.custom) == (5400, {"Browser": "Opera"})
    assert [step.action for step in case.steps.all()] == ["Open the cart"]


def test_what_is_typed_and_pasted_survives_a_reload(form, project):
    form.get_by_label("Title", exact=True).fill("Pays at once")
    area = form.get_by_label("Description optional", exact=True)
    area.fill("Look: ")
    area.press("End")
    area.evaluate(PASTE, PNG)
    form.wait_for_function(
        "() => document.getElementById('id_description').value.includes('artifact:')"
    )
    form.get_by_label("Action").first.fill("Open the cart")
    form.get_by_label("Browser").select_option("Firefox")
    form.wait_for_timeout(600)
    form.reload()
    form.get_by_text("You have unsaved text of a moment ago.").wait_for()
    assert form.get_by_label("Title", exact=True).input_value() == ""
    form.get_by_role("button", name="Restore").click()
    form.wait_for_function("() => document.getElementById('id_title').value === 'Pays at once'")
    assert form.get_by_label("Action").first.input_value() == "Open the cart"
    form.get_by_role("tab", name="Preview").first.click()
    picture = form.locator(".preview img[alt='screen.png']")
    picture.wait_for()
    assert picture.evaluate("it => it.decode().then(() => it.naturalWidth)") == 3
    form.get_by_role("button", name="Make the case").click()
    form.get_by_text("WEB-1 is made.").wait_for()
    case = project.cases.get()
    assert case.custom == {"Browser": "Firefox"}
    assert case.files.get().artifact.name == "screen.png"
    assert form.evaluate("Object.keys(localStorage)") == []
    form.goto(reverse("cases:create", args=["WEB"]))
    assert form.get_by_text("You have unsaved text").count() == 0


def description(page):
    """The text that is written, each id of a picture as ID."""
    text = page.locator("#id_description").input_value()
    return re.sub(r"artifact:[0-9a-f-]{36}", "artifact:ID", text)


def stored(page, count):
    until(
        page,
        "(document.getElementById('id_description').value.match(/artifact:/g) ?? []).length"
        f" === {count} && !document.getElementById('id_description').value.includes('…')",
    )


def test_what_is_typed_after_a_pasted_picture_stands_behind_it(form, sign_in):
    area = form.get_by_label("Description optional", exact=True)
    area.fill("Look: ")
    area.press("End")
    area.evaluate(PASTE, PNG)
    stored(form, 1)
    form.keyboard.type(" and ")
    area.evaluate(PASTE, ["other.png", "image/png", 5])
    stored(form, 2)
    area.evaluate(PASTE, ["drawing.svg", "image/svg+xml", 1])
    form.locator(".toast[role=alert]").wait_for()
    sign_in.complaints.clear()  # the browser tells of the refusal
    stored(form, 2)
    form.keyboard.type("!")
    assert description(form) == ("Look: ![screen.png](artifact:ID) and ![other.png](artifact:ID)!")


def test_what_is_typed_while_a_picture_is_stored_stays_where_it_was(form):
    waiting = []
    form.route("**/cases/attach/", lambda route: waiting.append(route))
    area = form.get_by_label("Description optional", exact=True)
    with form.expect_request("**/cases/attach/"):
        area.evaluate(PASTE, PNG)
    form.keyboard.type(" below")
    area.press("Home")
    form.keyboard.type("Above ")
    waiting[0].continue_()
    stored(form, 1)
    form.keyboard.type("it ")
    assert description(form) == "Above it ![screen.png](artifact:ID) below"


def test_a_lost_connection_keeps_the_text_and_signing_out_drops_it(form, project, sign_in):
    form.get_by_label("Title", exact=True).fill("Pays offline")
    form.context.set_offline(True)
    form.get_by_role("button", name="Make the case").click()
    form.get_by_text("nothing is saved yet. All you typed is kept in this browser").wait_for()
    assert form.get_by_label("Title", exact=True).input_value() == "Pays offline"
    sign_in.complaints.clear()  # the browser tells of the request that failed
    form.context.set_offline(False)
    assert len(form.evaluate("Object.keys(localStorage)")) == 1
    form.get_by_role("button", name="Account").click()
    form.get_by_role("button", name="Sign out").click()
    form.wait_for_url("**/accounts/login/**")
    assert form.evaluate("Object.keys(localStorage)") == []
    assert not project.cases.exists()


def test_of_two_who_edit_one_case_the_second_sees_what_changed_and_chooses(
    live_site, project, owner, manager, sign_in
):
    case = make_case(project, "Pays", steps=[{"action": "Open the cart"}])
    mine, theirs = sign_in(manager), sign_in(owner)
    for page in (mine, theirs):
        page.goto(reverse("cases:edit", args=["WEB", case.number]))
    theirs.get_by_label("Title", exact=True).fill("Pays by card")
    theirs.get_by_label("Action").first.fill("Open the full cart")
    theirs.get_by_role("button", name="Save", exact=True).last.click()
    theirs.get_by_role("heading", name="Pays by card").wait_for()

    mine.get_by_label("Title", exact=True).fill("Pays at once")
    mine.get_by_label("Preconditions").fill("Signed in")
    mine.get_by_role("button", name="Save", exact=True).last.click()
    told = mine.get_by_role("alert")
    told.get_by_text("Below is theirs where you changed nothing").wait_for()
    assert told.locator("ins").all_inner_texts() == [" by card", " full"]
    assert mine.get_by_label("Title", exact=True).input_value() == "Pays at once"
    assert mine.get_by_label("Action").first.input_value() == "Open the full cart"
    assert project.cases.get().title == "Pays by card", "nothing is overwritten in silence"
    sign_in.complaints.clear()  # the browser tells of the 409

    mine.get_by_role("button", name="Save", exact=True).last.click()
    mine.get_by_role("heading", name="Pays at once").wait_for()
    case = project.cases.get()
    assert (case.title, case.preconditions, case.version) == ("Pays at once", "Signed in", 3)
    assert [step.action for step in case.steps.all()] == ["Open the full cart"]


def test_a_case_that_is_saved_offers_no_undoing_that_there_is_not(
    live_site, project, manager, sign_in
):
    case = make_case(project)
    page = sign_in(manager)
    page.goto(reverse("cases:edit", args=["WEB", case.number]))
    page.get_by_label("Title", exact=True).fill("Pays at once")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_text("WEB-1 is saved as version 2.").wait_for()
    assert page.get_by_role("button", name="Undo").count() == 0
