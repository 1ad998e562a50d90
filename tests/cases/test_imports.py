"""Imports of cases: what becomes of the rows, and that the same file again changes nothing."""

import pytest
from django.core.files.storage import default_storage

from apps.cases import lifecycle
from apps.cases.content import content_of
from apps.cases.models import Case, CaseImport
from apps.memberships.lifecycle import issue_service_token, remove_member
from apps.projects.models import Activity
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite

from .importing import outcomes, told, upload, workbook

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]

FILE = """Id,Title,Section,Priority,Status,Tags,Estimate,Steps,Expected result
1,Pays by card,Shop > Checkout,High,Approved,"money, smoke",1h 30m,1. Open 2. x,
2,Signs in,,Low,,,,"1. Open the page
2. Type the password","1. It shows
2. You are in"
"""


def test_rows_become_cases_and_the_same_file_again_changes_nothing(importer):
    first = importer.take(FILE)
    assert (first.state, first.created, first.refused, first.rows_total) == ("done", 2, 0, 2)
    assert outcomes(first) == ["created", "created"]
    one, two = Case.objects.with_content().order_by("number")
    assert (one.key, one.suite.path, one.priority, one.status) == (
        "WEB-1", "Shop / Checkout", "P1", "ready",
    )  # fmt: skip
    assert (one.tags, one.estimate_seconds) == (["money", "smoke"], 5400)
    assert [step.action for step in two.steps.all()] == ["Open the page", "Type the password"]
    assert [step.expected for step in two.steps.all()] == ["It shows", "You are in"]
    version = one.versions.get()
    assert (version.content, version.note) == (content_of(one), "Imported from cases.csv")
    assert "Open the page" in two.steps_text
    again = importer.take(FILE)
    assert outcomes(again) == ["unchanged", "unchanged"]
    assert told(again)[0] == (2, "unchanged", "", "Found by its id, 1.")
    assert Case.objects.count() == 2 and one.versions.count() == 1


def test_a_refused_row_names_all_its_wrong_cells(importer, project):
    for place, (name, kind) in enumerate([("Level", "number"), ("Day", "date"), ("Team", "text")]):
        project.custom_fields.create(name=name, kind=kind, position=place, required=name != "Level")
    data = "Title,Prio,Estimate,Level,Day\n,Sometime,soon,x,x\nPays,P1,5m,3,\n"
    wrong, missing = told(importer.take(data, unknown="refuse"))
    assert wrong[:3] == (2, "refused", "Title")
    assert wrong[3].startswith("It has no title. Prio: “Sometime” is not known; known are P0")
    for said in ("Estimate: “soon” is no", "Level: “x” does not", "Day: “x” is no"):
        assert f" {said}" in wrong[3]
    assert missing == (3, "refused", "Day", "“Day” is required. “Team” is required.")


def test_the_first_sheet_with_a_title_is_read_and_another_may_be_chosen(importer):
    notes, cases = [["Author", "Date"], ["ada", "today"]], [["Title", "Prio"], ["Pays", "P1"]]
    names = ["Cover", "Notes", "Cases", "Old cases"]
    data = workbook([], sheets=names, others=[notes, cases, [["Titel"], ["Signs in"]]])
    sent = upload(importer.project, data, "cases.xlsx", by=importer.by)
    assert (sent.options["sheet"], sent.options["sheets"]) == ("Cases", names)
    assert importer.take(data, "cases.xlsx").created == 1
    importer.take(data, "cases.xlsx", sheet="Old cases")
    assert [case.title for case in Case.objects.order_by("number")] == ["Pays", "Signs in"]
    untitled = workbook([], sheets=["Cover", "Notes"], others=[notes])
    assert upload(importer.project, untitled, "cases.xlsx", by=importer.by).options["columns"] == [
        "Author", "Date",
    ]  # fmt: skip


def test_the_upload_goes_and_the_trail_keeps_one_line_with_counts(importer):
    sent = upload(importer.project, FILE, by=importer.by)
    name = sent.upload.name
    assert default_storage.exists(name)
    lifecycle.start_case_import(sent, by=importer.by)
    importer.run_jobs()
    arrival = CaseImport.objects.get()
    assert arrival.upload.name == "" and "sample" not in arrival.options
    assert not default_storage.exists(name)
    lines = Activity.objects.filter(verb__startswith="case_import.").order_by("id")
    assert [line.verb.partition(".")[2] for line in lines] == ["send", "start", "finish"]
    assert lines.last().after == {"created": 2, "updated": 0, "unchanged": 0, "refused": 0}
    assert not Activity.objects.filter(verb="case.create").exists()


def test_a_changed_row_makes_a_version_and_keeps_what_the_file_does_not_say(importer):
    importer.take(FILE)
    case = Case.objects.get(number=1)
    case.description = "By hand"
    case.save()
    changed = importer.take(FILE.replace("Pays by card", "Pays").replace("1. Open 2. x", "Pay"))
    assert outcomes(changed) == ["updated", "unchanged"]
    case = Case.objects.with_content().get(number=1)
    assert (case.title, case.description, case.version) == ("Pays", "By hand", 2)
    assert [step.action for step in case.steps.all()] == ["Pay"]
    assert case.versions.first().content == content_of(case)
    assert case.versions.first().created_by == importer.by


def test_cases_are_found_by_key_then_by_id_then_by_suite_and_title(importer, project):
    suite = make_suite(project, "Shop")
    one, two = make_case(project, "One", suite=suite), make_case(project, "Two", suite=suite)
    arrival = importer.take(
        f"Key,Title,Suite,Priority\n{one.key},New name,Shop,P1\n,Two,Shop,P3\nOPS-7,Three,Shop,\n"
    )
    assert told(arrival) == [
        (2, "updated", "", "Found by its key."),
        (3, "updated", "", "Found by suite and title."),
        (4, "created", "", ""),
    ]
    two.refresh_from_db()
    assert two.priority == "P3"
    again = importer.take("Key,Title,Suite\nOPS-7,Three,Shop\n")
    assert told(again)[0][1:] == ("unchanged", "", "Found by its id, OPS-7.")


def test_a_try_stores_receipts_alone(importer):
    tried = importer.take(FILE + "3,,x,,,,,,\n", dry_run=True)
    assert (tried.state, tried.created, tried.refused) == ("checked", 2, 1)
    assert told(tried)[2] == (4, "refused", "Title", "It has no title.")
    assert not Case.objects.exists() and not importer.project.suites.exists()
    assert importer.project.last_case_number == 0
    assert tried.upload.name


@pytest.mark.parametrize(
    ("column", "seconds"),
    [("Estimate", 5400), ("Estimate seconds", 90), ("estimate_seconds", 90)],
)
def test_a_number_alone_is_minutes_as_on_the_form_unless_its_column_says_seconds(
    importer, column, seconds
):
    importer.take(f"Title,{column}\nPays by card,90\n")
    assert Case.objects.get().estimate_seconds == seconds


def test_each_refusal_names_row_column_and_reason(importer, project):
    project.custom_fields.create(name="Browser", kind="choice", options=["Firefox"], required=True)
    arrival = importer.take(
        "Id,Title,Owner,Estimate,Browser,Priority\n"
        "1,A,nobody@example.com,,Firefox,\n"
        "2,B,,soon,Firefox,\n"
        "3,C,,,Netscape,\n"
        "4,D,,,,\n"
        "5,E,,,firefox,Sometime\n"
        "7,F,,,Firefox,\n"
        "7,F again,,,Firefox,\n"
        "6,G,,,Firefox,,too many\n",
        unknown="refuse",
    )
    columns = [column for _, _, column, _ in told(arrival)]
    assert columns == ["Owner", "Estimate", "Browser", "Browser", "Priority", "", "", ""]
    reasons = [reason for *_, reason in told(arrival)]
    assert "nobody in this project" in reasons[0] and "is no estimate" in reasons[1]
    assert reasons[2] == "“Netscape” does not fit. Choose one of Firefox."
    assert "is required" in reasons[3]
    assert "known are P0, P1, P2, P3" in reasons[4]
    assert arrival.refused == 7 and Case.objects.get().title == "F"
    assert reasons[6] == "It has the id 7, as row 7 has."
    assert reasons[7].startswith("It has 7 cells, 6 columns have a name.")


def test_a_required_field_of_a_known_case_is_not_emptied(importer, project):
    project.custom_fields.create(name="Level", kind="number", position=1)
    importer.take("Id,Title,Level\n1,A,1\n2,B,2\n3,C,\n")
    project.custom_fields.create(name="Browser", kind="text", required=True)
    Case.objects.filter(title="A").update(custom={"Level": 1, "Browser": "Firefox"})
    again = importer.take("Id,Title,Level,Browser\n1,A,1,\n2,B,3,\n3,C again,,\n", dry_run=True)
    assert told(again)[0][1:] == (
        "refused", "Browser", "“Browser” is required. Found by its id, 1.",
    )  # fmt: skip
    assert outcomes(again) == ["refused", "refused", "updated"]
    assert outcomes(importer.take("Id,Title,Level\n1,A,4\n2,B,3\n")) == ["updated", "refused"]
    assert Case.objects.get(title="A").custom == {"Level": 4, "Browser": "Firefox"}


def test_unknown_words_are_left_out_when_so_chosen_and_told(importer):
    arrival = importer.take("Title,Priority,Owner\nA,Sometime,ghost@example.com\n", unknown="leave")
    assert outcomes(arrival) == ["created"]
    assert "“Sometime” is not known" in told(arrival)[0][3]
    case = Case.objects.get()
    assert (case.priority, case.owner) == ("P2", None)


def test_an_account_of_a_token_owns_nothing(importer, project, owner):
    issue_service_token(project, name="nightly", role="tester", by=owner)
    account = project.memberships.get(user__is_service=True).user
    arrival = importer.take(f"Title,Owner\nA,{account.email}\n", unknown="refuse")
    assert told(arrival)[0][1:3] == ("refused", "Owner")


def test_addresses_stand_among_the_words_of_a_cell(importer):
    refs = "REQ-1, See http://[::1, HTTPS://example.com/a the spec"
    importer.take(f'Title,Refs,Link,Links\nA,"{refs}",https://b.c,Ask mailto:ada@example.com\n')
    case = Case.objects.get()
    assert case.requirements == [
        {"name": "REQ-1", "url": ""},
        {"name": "See http://[::1", "url": ""},
        {"name": "the spec", "url": "HTTPS://example.com/a"},
    ]
    assert case.links == [
        {"title": "", "url": "https://b.c"},
        {"title": "Ask", "url": "mailto:ada@example.com"},
    ]


def test_titles_of_one_suite_may_repeat_and_are_told_apart_by_their_order(importer):
    file = "Title,Steps\nSame,one\nSame,two\n"
    assert outcomes(importer.take(file)) == ["created", "created"]
    assert outcomes(importer.take(file)) == ["unchanged", "unchanged"]


def test_imported_cases_wait_for_a_review_where_the_project_asks_for_one(importer, project):
    project.review_required = project.review_again = True
    project.save()
    arrival = importer.take("Id,Title,Status\n1,A,ready\n2,B,draft\n")
    assert "waits for a review" in told(arrival)[0][3]
    case = Case.objects.get(title="A")
    assert (case.status, case.reviews.get().state) == ("in_review", "open")
    assert outcomes(importer.take("Id,Title,Status\n1,A,ready\n")) == ["unchanged"]
    Case.objects.filter(pk=case.pk).update(status="ready")
    case.reviews.update(state="approved", decided_at=case.created_at)
    changed = importer.take("Id,Title,Status\n1,A changed,ready\n")
    assert "It was ready and is changed" in told(changed)[0][3]
    assert Case.objects.get(pk=case.pk).status == "in_review"


def test_an_archived_case_is_not_changed(importer, project):
    case = make_case(project, "A")
    case.archived_at = case.created_at
    case.save()
    same, other = importer.take(f"Key,Title\n{case.key},A\n"), None
    other = importer.take(f"Key,Title\n{case.key},B\n")
    assert outcomes(same) == ["unchanged"]
    assert told(other)[0][1:] == (
        "refused", "", f"{case.key} is archived; restore it first. Found by its key.",
    )  # fmt: skip


def test_a_new_case_of_an_archived_suite_brings_back_the_suites_above_it(
    importer, project, manager
):
    top = make_suite(project, "Shop")
    old = make_case(project, "Old", suite=make_suite(project, "Cart", parent=top))
    lifecycle.archive_suite(top, by=manager)
    rows = "Shop > Cart,A,yes\nShop,B,yes\n"
    importer.take(f"Section,Title,Archived\n{rows}")
    assert not project.suites.filter(archived_at=None).exists()
    tried = importer.take("Section,Title\nShop > Cart,New\n", dry_run=True)
    assert outcomes(tried) == ["created"] and project.suites.get(name="Cart").is_archived
    importer.take("Section,Title\nShop > Cart,New\n")
    assert not project.suites.exclude(archived_at=None).exists()
    old.refresh_from_db()
    assert old.is_archived and project.activity.filter(verb="suite.restore").count() == 2


def test_the_mapping_and_defaults_that_were_chosen_count(importer, project):
    suite = make_suite(project, "Shop")
    arrival = importer.take(
        'What,How,Where\nPays,"Click, then pay",Card\n',
        mapping={"What": "title", "How": "steps", "Where": "suite"},
        suite=str(suite.pk),
        status="ready",
        priority="P0",
        steps="whole",
    )
    assert arrival.created == 1
    case = Case.objects.with_content().get()
    assert (case.suite.path, case.status, case.priority) == ("Shop / Card", "ready", "P0")


def test_a_former_automation_key_stays_as_an_alias(importer, project):
    case = make_case(project, "A", automation_key="old")
    importer.take(f"Key,Title,Automation key\n{case.key},A,new\n")
    case = Case.objects.with_content().get()
    assert (case.automation_key, case.former_keys) == ("new", ["old"])


def test_who_leaves_meanwhile_imports_nothing_more(project, owner, manager, run_jobs):
    by_rows = upload(project, "Title\nPays\n", by=manager)
    by_json = upload(
        project,
        '{"format": "testoqa-cases", "version": 1, "cases": [], "suites": [{"path": "Shop"}]}',
        "cases.json",
        by=manager,
    )
    for arrival in (by_rows, by_json):
        lifecycle.start_case_import(arrival, by=manager)
    remove_member(project.memberships.get(user=manager), by=owner)
    run_jobs()
    assert not project.cases.exists() and not project.suites.exists()
    for arrival in CaseImport.objects.all():
        assert arrival.state == "refused" and "may no longer change cases" in arrival.reason


def test_an_archived_project_stops_the_import(importer, project, owner):
    from apps.projects.lifecycle import archive_project

    arrival = upload(project, FILE, by=owner)
    lifecycle.start_case_import(arrival, by=owner)
    archive_project(project, by=owner)
    importer.run_jobs()
    arrival = CaseImport.objects.get()
    assert arrival.state == "refused" and "archived" in arrival.reason
    assert arrival.upload.name == "" and not Case.objects.exists()
