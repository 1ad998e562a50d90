"""Result files are chosen or dropped, sent one by one, and each comes to its receipt."""

import pytest

from testoqa.testing import uses
from tests.data import populate_cast

pytestmark = uses(populate_cast)

GOOD = b"""<testsuite name="shop">
  <testcase classname="shop.Cart" name="adds" time="0.01"/>
  <testcase classname="shop.Cart" name="pays"><failure message="402"/></testcase>
</testsuite>"""
CUT = GOOD[:80]
# A drop as a person does it, with files made in the page.
DROP = """
(box, files) => {
  const moved = new DataTransfer();
  for (const [name, text] of files) moved.items.add(new File([text], name, {type: "text/xml"}));
  box.dispatchEvent(new DragEvent("drop", {dataTransfer: moved, bubbles: true, cancelable: true}));
}
"""


@pytest.fixture
def page(sign_in, tester):
    page = sign_in(tester)
    page.goto("/projects/WEB/imports/")
    return page


def lines(page):
    return page.locator("[data-queue] > li")


def test_two_files_are_sent_and_each_has_its_receipt(page, project):
    files = [
        {"name": name, "mimeType": "text/xml", "buffer": GOOD.replace(b"shop.", word)}
        for name, word in [("shop.xml", b"shop."), ("mail.xml", b"mail.")]
    ]
    page.set_input_files("input[type=file]", files)
    assert lines(page).count() == 2
    page.get_by_role("button", name="Import", exact=True).click()
    for number, name in enumerate(["shop.xml", "mail.xml"]):
        line = lines(page).nth(number)
        line.get_by_text("2 of 2 results stored").wait_for()
        receipt = project.imports.get(filename=name)
        assert line.locator("a.ti").get_attribute("href") == receipt.get_absolute_url()
        assert line.locator(".end a").get_attribute("href") == receipt.run.get_absolute_url()
    assert page.locator("form [data-said]").inner_text() == "2 of 2 files are imported."


def test_a_dropped_file_that_is_cut_is_refused_and_the_other_is_taken(sign_in, page, project):
    files = [["cut.xml", CUT.decode()], ["good.xml", GOOD.decode()]]
    page.locator("[data-drop]").evaluate(DROP, files)
    page.get_by_role("button", name="Import", exact=True).click()
    lines(page).nth(1).get_by_text("2 of 2 results stored").wait_for()
    assert lines(page).nth(0).locator("[data-s=failed]").count() == 1
    assert project.imports.get(state="done").filename == "good.xml"
    assert project.runs.get().total == 2
    # The browser itself reports the refusal, which is what the test is about.
    assert all("422" in complaint for complaint in sign_in.complaints)
    sign_in.complaints.clear()


def test_a_file_is_sent_without_script(sign_in, project, tester):
    page = sign_in(tester, java_script_enabled=False)
    page.goto("/projects/WEB/imports/")
    file = {"name": "shop.xml", "mimeType": "text/xml", "buffer": GOOD}
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="Results received").wait_for()
    assert page.url.endswith(project.imports.get().get_absolute_url())
