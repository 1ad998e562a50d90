"""A spreadsheet of cases taken in: its mapping, a try, the import and the receipts."""

from django.urls import reverse

from testoqa.testing import uses
from tests.data import populate_cast

pytestmark = uses(populate_cast)

CASES = """Name;Folder;Importance;Step
Pays by card;Shop / Pay;High;1. Open the cart
Pays by coupon;Shop / Pay;Urgentest;1. Open the cart
;Shop;Low;
"""


def test_a_file_is_mapped_tried_and_taken_in(project, manager, sign_in, work):
    page = sign_in(manager)
    page.goto(reverse("cases:list", args=["WEB"]))
    page.get_by_role("link", name="Import", exact=True).click()
    file = {"name": "cases.csv", "mimeType": "text/csv", "buffer": CASES.encode("cp1252")}
    page.get_by_label("File of cases").set_input_files(file)
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("heading", name="cases.csv").wait_for()
    assert page.get_by_label("Folder").input_value() == "suite"
    page.get_by_label("Importance").select_option("priority")
    page.get_by_label("A word or person that is not known").select_option("refuse")

    page.get_by_role("button", name="Try it, store nothing").click()
    page.get_by_role("progressbar").wait_for()
    work()
    page.get_by_role("heading", name="What would become of the rows").wait_for()
    assert not project.cases.exists()
    page.get_by_role("link", name="Refused 2").click()
    page.locator("tbody[data-rows]").get_by_text("Urgentest").wait_for()
    assert page.locator("tbody[data-rows] tr").count() == 2

    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("progressbar").wait_for()
    work()
    page.get_by_role("heading", name="What became of the rows").wait_for()
    page.get_by_role("link", name="WEB-1 Pays by card").click()
    page.get_by_role("heading", name="Pays by card").wait_for()
    case = project.cases.get()
    assert (case.suite.path, case.priority) == ("Shop / Pay", "P1")
