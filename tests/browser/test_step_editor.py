"""The editor of steps under the hands of a writer: a table is pasted, steps are moved by keys,
shared steps are inserted, and nothing that was typed is lost; and a row of the list is edited."""

import pytest
from django.urls import reverse

from apps.cases.content import content_of
from apps.cases.models import Case
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_shared_steps

pytestmark = uses(populate_cast)

PASTE = """
(area, [text, html]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  if (html) clipboardData.setData("text/html", html);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  return area.dispatchEvent(event);
}
"""
SHEET = (
    "Step\tExpected result\tTest data\n"
    'Open the cart\tIt is empty\t\n"Add\nan item"\tOne line\tA-7\nPay\tPaid\tcard=4242'
)
TABLE = """<meta charset="utf-8"><style>td {color: red}</style><table><tbody>
<tr><td style="color: red">1</td><td>Sign<br>out</td><td>The page\n  asks who I am</td></tr>
<tr><td>2</td><td>Close it</td><td></td></tr></tbody></table>"""


@pytest.fixture
def editor(project, manager, sign_in):
    make_shared_steps(project)
    page = sign_in(manager)
    page.goto(reverse("cases:create", args=["WEB"]))
    page.get_by_label("Title", exact=True).fill("Pays by card")
    return page


def action(page, place):
    return page.locator("[data-step]:not(.gone)").nth(place - 1).get_by_label("Action")


def actions(page):
    return page.locator("[data-step]:not(.gone) [name$=-action]").evaluate_all(
        "all => all.map(area => area.value)"
    )


def paste(area, text, html=""):
    """Whether the browser is left to paste it as it is."""
    return area.evaluate(PASTE, [text, html])


def test_steps_are_pasted_moved_and_shared_ones_inserted(editor, project):
    page = editor
    assert not paste(action(page, 1), SHEET)
    assert actions(page) == ["Open the cart", "Add\nan item", "Pay"]
    page.get_by_text("Pasted as 3 steps.").wait_for()
    action(page, 3).press("Alt+ArrowUp")
    assert actions(page) == ["Open the cart", "Pay", "Add\nan item"]
    action(page, 2).press("Alt+ArrowDown")
    action(page, 3).press("Control+Enter")
    assert not paste(action(page, 4), "1 Sign out", TABLE)
    assert actions(page)[3:] == ["Sign\nout", "Close it"]

    page.get_by_role("button", name="Remove this step").nth(4).click()
    assert len(actions(page)) == 4
    page.get_by_text("Step 5 is removed: Close it").wait_for()
    page.get_by_role("button", name="Undo", exact=True).click()
    assert len(actions(page)) == 5

    action(page, 1).focus()
    title = page.get_by_label("Title of shared steps")
    title.fill("Nothing")
    title.press("Enter")
    page.get_by_text("No shared steps are called “Nothing”.").wait_for()
    title.fill("Sign in")
    title.press("Enter")
    page.locator("[data-step].shared summary").get_by_text("Sign in").wait_for()
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_role("button", name="Make the case").click()
    page.get_by_text("WEB-1 is made.").wait_for()

    steps = content_of(Case.objects.with_content().get())["steps"]
    assert steps[0]["title"] == "Sign in"
    assert steps[1:] == [
        {"action": "Open the cart", "expected": "It is empty", "data": ""},
        {"action": "Add\nan item", "expected": "One line", "data": "A-7"},
        {"action": "Pay", "expected": "Paid", "data": "card=4242"},
        {"action": "Sign\nout", "expected": "The page asks who I am", "data": ""},
        {"action": "Close it", "expected": "", "data": ""},
    ]


def test_pasted_lines_are_steps_and_nothing_typed_is_lost(editor):
    page = editor
    action(page, 1).fill("Typed before")
    assert paste(action(page, 1), "one line")
    assert not paste(action(page, 1), "1. Open\n2. Pay\n\n")
    assert actions(page) == ["Typed before", "Open", "Pay"]
    page.locator("[data-steps-undo]").click()
    assert actions(page) == ["Typed before"]
    many = "\n".join(f"line {number}" for number in range(200))
    assert paste(action(page, 1), many)
    page.get_by_text("stands in this one, undivided").wait_for()
    assert actions(page) == ["Typed before"]
    assert paste(page.get_by_label("Expected").first, "It is empty\nand calm")


def test_shared_steps_become_plain_ones_of_the_case(project, manager, sign_in):
    shared = make_shared_steps(project)
    case = make_case(project, steps=[{"shared": shared.pk}, {"action": "Pay"}])
    page = sign_in(manager)
    page.goto(reverse("cases:edit", args=["WEB", case.number]))
    page.get_by_role("button", name="Turn into plain steps").click()
    assert actions(page)[:3] == ["Open the page", "Sign in", "Pay"]
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("WEB-1 is saved as version 2.").wait_for()
    saved = Case.objects.with_content().get()
    assert [step["action"] for step in content_of(saved)["steps"]] == [
        "Open the page",
        "Sign in",
        "Pay",
    ]


def test_a_row_of_the_list_is_edited_in_place(project, manager, sign_in):
    case = make_case(project, "Pays by card")
    make_case(project, "Pays by voucher")
    page = sign_in(manager)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("cases:list", args=["WEB"]))
    page.locator("tr:has(a[data-peek])").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("F2")
    editor = page.locator("tr.quick")
    editor.get_by_label("Title").fill("Pays at once")
    editor.get_by_label("Priority").select_option("P0")
    editor.get_by_label("Status").select_option("ready")
    page.keyboard.press("Enter")
    page.get_by_text("Saved WEB-1 as version 2.").wait_for()
    row = page.locator("tr:has(a[data-peek])").first
    assert "Pays at once" in row.inner_text()
    assert "P0" in row.inner_text()
    assert row.locator("small").inner_text() == ""
    page.get_by_text("Pays by voucher").dblclick()
    assert editor.get_by_label("Title").input_value() == "Pays by voucher"
    page.keyboard.press("Escape")
    assert editor.count() == 0
    case.refresh_from_db()
    assert (case.title, case.priority, case.status) == ("Pays at once", "P0", "ready")


def test_a_title_typed_in_its_row_is_saved_before_the_rows_are_replaced(project, manager, sign_in):
    case = make_case(project, "Pays by card")
    make_case(project, "Pays by voucher")
    page = sign_in(manager)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("cases:list", args=["WEB"]))
    editor = page.locator("tr.quick")

    page.get_by_text("Pays by card").dblclick()
    editor.get_by_label("Title").fill("A card pays")
    page.get_by_role("link", name="Title", exact=True).click()
    page.wait_for_url("**/cases/?sort=title")
    page.get_by_text("A card pays").wait_for()
    case.refresh_from_db()
    assert case.title == "A card pays"

    page.get_by_text("A card pays").dblclick()
    editor.get_by_label("Title").fill("")
    page.locator("[data-search]").fill("voucher")
    page.keyboard.press("Enter")
    editor.locator(".err").wait_for()
    sign_in.complaints.clear()  # the browser tells of the refusal
    editor.get_by_label("Title").fill("Cards pay")
    page.locator("[data-search]").press("Enter")
    page.get_by_text("Saved WEB-1 as version 3.").wait_for()
    page.get_by_text("Cards pay").wait_for(state="detached")
    assert page.url.endswith("q=voucher")


def test_a_link_that_is_followed_while_a_row_is_saved_waits_for_it(project, manager, sign_in):
    case = make_case(project, "Pays by card")
    page = sign_in(manager)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("cases:list", args=["WEB"]))
    sent = []

    def late(route):
        sent.append(route.request.method)
        if route.request.method == "POST":
            page.wait_for_timeout(400)
        route.continue_()

    page.route("**/quick/", late)
    page.get_by_text("Pays by card").dblclick()
    page.locator("tr.quick").get_by_label("Title").fill("A card pays")
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Reviews")
    link.click()
    link.click()
    page.wait_for_url("**/cases/review/")
    case.refresh_from_db()
    assert (case.title, case.version, sent) == ("A card pays", 2, ["GET", "POST"])
