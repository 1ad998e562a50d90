"""Cases as files: CSV, Excel, JSON, Markdown and the page to print."""

import csv
import io
import json
import zipfile
from xml.etree import ElementTree

import pytest
from django.test import AsyncClient

from apps.cases import lifecycle
from apps.cases.exports import FORMATS, choice, xlsx
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite

pytestmark = uses(populate_cast)

PAGE = "/projects/WEB/cases/export/"
API = "/api/v1/projects/WEB/cases/export/"
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=cmd|"/c calc"!A0', "'=1", "''-1"]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def viewing(client, viewer):
    client.force_login(viewer)
    return client


@pytest.fixture
def full(project, manager):
    """A case that says all that a case can."""
    project.custom_fields.create(name="Browser", kind="choice", options=["firefox", "chrome"])
    project.custom_fields.create(name="Level", kind="number", position=1)
    project.custom_fields.create(name="Title", kind="text", position=2)
    signing = [{"action": "Type the name", "expected": "It is there", "data": "ada"}]
    shared = project.shared_steps.create(title="Sign in", steps=signing)
    shop = make_suite(project, "Shop / Web", description="All of it", timeout_seconds=20)
    return make_case(
        project, "Pays by card", by=manager, suite=make_suite(project, "Pay", shop), owner=manager,
        status="ready", priority="P1", severity="major", estimate_seconds=90, kind="manual",
        preconditions="A basket", description="# No heading\n- no list\n1. no step",
        links=[{"title": "Issue", "url": "https://example.com/1"}],
        requirements=[{"name": "R1", "url": ""}], tags=["money", "web"], aliases=["old", "older"],
        custom={"Browser": "firefox", "Level": -3, "Title": "of its own"},
        automation_key="pay::card",
        steps=[
            {"action": "Open\nthe shop", "expected": "", "data": "guest"},
            {"shared": str(shared.pk)},
            {"action": "Pay <b>now</b>", "expected": "It is paid", "data": ""},
        ],
    )  # fmt: skip


def sent(client, kind, path=PAGE, **query):
    answer = client.get(path, {"format": kind, **query})
    assert answer.status_code == 200
    assert answer["Content-Type"] == FORMATS[kind]
    return b"".join(answer)


def rows_of_csv(data):
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def rows_of_workbook(data, sheet=1):
    """The cells of each row as a reader of the standard sees them; formulas are told as such."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        for name in book.namelist():
            ElementTree.fromstring(book.read(name))
        tree = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
    assert not list(tree.iter(f"{SHEET}f"))
    return [["".join(cell.itertext()) for cell in row] for row in tree.iter(f"{SHEET}row")]


def test_json_holds_all_that_a_case_says(viewing, full):
    told = json.loads(sent(viewing, "json"))
    assert (told["format"], told["version"], told["project"]) == ("testoqa-cases", 1, "WEB")
    top, below = told["suites"]
    assert (top["path"], below["path"]) == (["Shop / Web"], ["Shop / Web", "Pay"])
    assert (top["timeout_seconds"], top["description"]) == (20, "All of it")
    assert [field["name"] for field in told["fields"]] == ["Browser", "Level", "Title"]
    assert told["shared_steps"][0]["steps"][0]["data"] == "ada"
    (case,) = told["cases"]
    assert case == {
        "key": "WEB-1", "suite": ["Shop / Web", "Pay"], "title": "Pays by card", "kind": "manual",
        "status": "ready", "priority": "P1", "severity": "major", "owner": "manager@example.com",
        "estimate_seconds": 90, "preconditions": "A basket",
        "description": "# No heading\n- no list\n1. no step",
        "steps": [
            {"action": "Open\nthe shop", "expected": "", "data": "guest"},
            {"shared": "Sign in"},
            {"action": "Pay <b>now</b>", "expected": "It is paid", "data": ""},
        ],
        "tags": ["money", "web"], "links": [{"title": "Issue", "url": "https://example.com/1"}],
        "requirements": [{"name": "R1", "url": ""}], "automation_key": "pay::card",
        "aliases": ["old", "older"],
        "custom": {"Browser": "firefox", "Level": -3, "Title": "of its own"}, "archived": False,
    }  # fmt: skip


def test_json_without_cases_is_json_too(viewing):
    assert json.loads(sent(viewing, "json"))["cases"] == []


def test_a_narrowed_json_holds_what_its_cases_need_alone(viewing, project, full, manager):
    make_suite(project, "Empty")
    other = project.shared_steps.create(title="Sign out", steps=[{"action": "Leave"}])
    make_case(project, "Leaves", steps=[{"shared": str(other.pk)}], by=manager)
    told = json.loads(sent(viewing, "json"))
    assert ["Empty"] in [suite["path"] for suite in told["suites"]]
    assert len(told["shared_steps"]) == 2
    told = json.loads(sent(viewing, "json", priority="P1"))
    assert [case["key"] for case in told["cases"]] == ["WEB-1"]
    assert [suite["path"][-1] for suite in told["suites"]] == ["Shop / Web", "Pay"]
    assert [row["title"] for row in told["shared_steps"]] == ["Sign in"]


def test_csv_and_workbook_hold_a_row_for_each_case(viewing, full):
    (row,) = rows_of_csv(sent(viewing, "csv"))
    assert row["Steps"] == "1. Open\nthe shop\n2. Shared: Sign in\n3. Pay <b>now</b>"
    assert (row["Expected result"], row["Data"]) == ("1.\n2.\n3. It is paid", "1. guest\n2.\n3.")
    assert (row["Suite"], row["Estimate"], row["Tags"]) == (
        "Shop / Web / Pay",
        "1m 30s",
        "money, web",
    )
    assert (row["Level"], row["field.Title"], row["Links"]) == (
        "-3", "of its own", "Issue https://example.com/1"
    )  # fmt: skip
    head, cells = rows_of_workbook(sent(viewing, "xlsx"))
    assert dict(zip(head, cells, strict=True)) == row


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("path", [PAGE, API])
def test_no_cell_is_a_formula(viewing, project, manager, text, path):
    project.custom_fields.create(name="Level", kind="text")
    project.cases.filter(pk=make_case(project).pk).update(
        title=text, description=text, custom={"Level": text}
    )
    (row,) = rows_of_csv(sent(viewing, "csv", path))
    assert row["Title"] == row["Description"] == row["Level"] == f"'{text}"
    _, cells = rows_of_workbook(sent(viewing, "xlsx", path))
    for cell in [*row.values(), *cells]:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_workbook_takes_what_no_cell_and_no_xml_can_hold(viewing, project, monkeypatch):
    make_case(project, "bell \x07 _x0041_ & <x>", description="ä" * 40_000)
    head, cells = rows_of_workbook(sent(viewing, "xlsx"))
    told = dict(zip(head, cells, strict=True))
    assert told["Title"] == "bell _x0007_ _x005F_x0041_ & <x>"
    assert len(told["Description"]) == xlsx.LONGEST_CELL
    assert told["Description"].endswith(xlsx.CUT)
    monkeypatch.setattr(xlsx, "ROWS_OF_A_SHEET", 1)
    make_case(project, "Second")
    data = sent(viewing, "xlsx")
    assert len(rows_of_workbook(data)) == len(rows_of_workbook(data, sheet=2)) == 2


def test_markdown_is_written_by_suites_and_marks_up_nothing_by_itself(viewing, project, full):
    make_case(project, "Outside\nof all")
    text = sent(viewing, "md").decode()
    outside, inside = text.split("# Shop / Web / Pay\n")
    assert "## Outside of all\n" in outside
    lines = inside.splitlines()
    assert lines[1] == "## Pays by card"
    for line in ("- Key: WEB-1", "- Tags: money, web", "- Level: -3", "- Estimate: 1m 30s"):
        assert line in lines
    assert "\\# No heading\n\\- no list\n\\1. no step\n" in inside
    assert inside.endswith(
        "### Steps\n\n1. Open\n   the shop\n   - Data: guest\n2. Shared: Sign in\n"
        "3. Pay <b>now</b>\n   - Expected: It is paid\n\n"
    )


def test_the_page_to_print_has_no_script_and_runs_nothing(viewing, project, full):
    make_case(project, "<script>alert(1)</script>")
    answer = viewing.get(PAGE, {"format": "html"})
    assert "inline" in answer["Content-Disposition"]
    page = b"".join(answer).decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "2 cases" in page
    assert page.index("Outside every suite") < page.index("Shop / Web / Pay")
    assert "Type the name" in page
    assert page.endswith("</html>\n")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("path", [PAGE, API])
def test_filters_hold_and_archived_cases_are_asked_for(viewing, project, manager, kind, path):
    shop = make_suite(project, "shop")
    for title, suite in (("Kept one", shop), ("Left out", None), ("Archived one", shop)):
        case = make_case(project, title, suite=suite)
    lifecycle.archive_case(case, by=manager)
    read = rows_of_workbook if kind == "xlsx" else bytes.decode
    text = str(read(sent(viewing, kind, path, suite=shop.pk)))
    assert "Kept one" in text
    assert "Left out" not in text
    assert "Archived one" not in text
    assert "Archived one" in str(read(sent(viewing, kind, path, archived="true")))


@pytest.mark.parametrize("path", [PAGE, API])
def test_a_query_narrows_the_file_and_a_wrong_one_is_told(viewing, project, manager, path):
    make_case(project, "Pays by card", tags=["web"], priority="P0")
    make_case(project, "Pays by bill", tags=["web"])
    lifecycle.archive_case(make_case(project, "Pays by stamp", priority="P0"), by=manager)

    def keys(**query):
        return [case["key"] for case in json.loads(sent(viewing, "json", path, **query))["cases"]]

    assert keys(q="pays tag:web") == ["WEB-1", "WEB-2"]
    assert keys(q="priority:P0") == ["WEB-1"]
    assert keys(q="priority:P0 is:archived") == ["WEB-3"]
    assert keys(q="pays", archived="true") == ["WEB-3"]
    assert keys(q="-bill", tag="web") == ["WEB-1"]
    wrong = viewing.get(path, {"format": "json", "q": "tag:nobody"})
    if path == API:
        assert wrong.status_code == 400
        assert wrong.json()["errors"][0]["field"] == "q"
    else:
        assert wrong.url == "/projects/WEB/cases/?q=tag%3Anobody"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_of_many_parts_is_whole_and_costs_the_same_for_each(
    viewing, project, full, monkeypatch, kind, django_assert_max_num_queries
):
    monkeypatch.setattr(choice, "STEP", 3)
    for number in range(7):
        make_case(project, f"Case {number}", tags=["web"])
    read = rows_of_workbook if kind == "xlsx" else bytes.decode
    with django_assert_max_num_queries(12 + 3 * 6):
        text = str(read(sent(viewing, kind)))
    for number in range(7):
        assert text.count(f"Case {number}") == 1


def test_a_case_that_is_deleted_meanwhile_is_left_out(viewing, project, manager, monkeypatch):
    monkeypatch.setattr(choice, "STEP", 1)
    cases = [make_case(project, f"Case {number}") for number in range(3)]
    answer = viewing.get(PAGE, {"format": "csv"})
    pieces = iter(answer)
    first = next(pieces) + next(pieces)
    lifecycle.delete_case(cases[1], by=manager)
    rows = rows_of_csv(first + b"".join(pieces))
    assert [row["Key"] for row in rows] == ["WEB-1", "WEB-3"]


def test_there_are_five_formats_and_the_list_offers_them(viewing, project):
    assert viewing.get(PAGE, {"format": "pdf"}).status_code == 404
    assert viewing.get(PAGE).status_code == 404
    assert viewing.get(API, {"format": "pdf"}).status_code == 400
    make_case(project, "Pays")
    page = viewing.get("/projects/WEB/cases/", {"q": "Pays"}).text
    for kind in FORMATS:
        assert f"{PAGE}?q=Pays&amp;format={kind}" in page


@pytest.mark.parametrize("path", [PAGE, API])
def test_another_project_sees_nothing_of_it(client, outsider, project, full, path):
    client.force_login(outsider)
    assert client.get(path, {"format": "json"}).status_code == 404
    told = b"".join(client.get(path.replace("WEB", "OPS"), {"format": "json"}))
    assert b"Pays" not in told
    assert b"Browser" not in told


@pytest.mark.django_db(transaction=True)
async def test_it_is_streamed_under_asgi(viewer, project, full):
    client = AsyncClient()
    await client.aforce_login(viewer)
    answer = await client.get(PAGE, {"format": "json"})
    told = json.loads(b"".join([piece async for piece in answer]))
    assert [case["key"] for case in told["cases"]] == ["WEB-1"]
