"""Make, make again and delete: by page and API, allowed, refused and from outside."""

import json
import threading
import time
from functools import partial

import pytest
from django.db import connection, transaction

from apps.artifacts.lifecycle import hang_artifact
from apps.artifacts.models import Artifact
from apps.projects.locks import lock_project
from apps.projects.refusals import Refused, Unprocessable
from apps.reports import lifecycle
from apps.reports.freshness import mark_outdated
from apps.runs.lifecycle import delete_run
from apps.runs.locks import lock_run
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact, make_report, owner_of
from tests.races import PATIENCE, meet, overtake
from tests.reports.results import change, make_run_with

pytestmark = uses(populate_cast)

API = "/api/v1/projects/WEB/reports/"
PAGES = "/projects/WEB/reports/"
JSON = "application/json"


@pytest.fixture
def run(project):
    return make_run_with(project, ["passed", "failed"])


def stored(files):
    return [path for path in files.rglob("*") if path.is_file()]


@pytest.fixture
def everybody(manager, tester, viewer, outsider):
    """{who: person} in the order of what they may."""
    return {"manager": manager, "tester": tester, "viewer": viewer, "outsider": outsider}


def test_the_button_of_a_run_makes_a_summary(client, project, tester, run):
    client.force_login(tester)
    answer = client.post(f"{PAGES}new/", {"run": "1"})
    report = project.reports.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"{PAGES}1/"
    assert (report.detail, report.title) == ("summary", "Run #1: Nightly")
    assert client.get(answer["Location"]).status_code == 200


def test_who_may_make_a_report(client, project, run, everybody):
    for who, person in everybody.items():
        client.force_login(person)
        page = client.post(f"{PAGES}new/", {"run": "1"})
        api = client.post(API, {"run": 1}, content_type=JSON)
        expected = {"viewer": (403, 403), "outsider": (404, 404)}.get(who, (302, 201))
        assert (page.status_code, api.status_code) == expected, who
    assert project.reports.count() == 4


def test_who_may_make_a_report_again(client, project, run, everybody):
    make_report(project, run)
    for who, person in everybody.items():
        client.force_login(person)
        page = client.post(f"{PAGES}1/remake/")
        api = client.post(f"{API}1/remake/")
        expected = {"viewer": (403, 403), "outsider": (404, 404)}.get(who, (302, 200))
        assert (page.status_code, api.status_code) == expected, who


def test_who_may_delete_a_report(client, project, run, everybody):
    for _ in range(2):
        make_report(project, run)
    for who in ["outsider", "viewer", "tester", "manager"]:
        client.force_login(everybody[who])
        page = client.post(f"{PAGES}1/delete/")
        api = client.delete(f"{API}2/")
        expected = {"outsider": (404, 404), "manager": (302, 204)}.get(who, (403, 403))
        assert (page.status_code, api.status_code) == expected, who
    assert not project.reports.exists()


def test_a_form_explains_what_is_wrong(client, project, other_project, run):
    make_run_with(project, [])
    make_run_with(other_project, [])
    client.force_login(owner_of(project))
    for sent, words in [
        ({"run": "99"}, "WEB has no run #99."),
        ({"run": "2", "last_run": "1"}, "The last run comes before #2."),
        ({"run": ""}, "This field is required."),
        ({"run": "9" * 30}, "less than or equal to"),
    ]:
        answer = client.post(f"{PAGES}new/", sent)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert 'value="2"' in client.get(f"{PAGES}new/?run=2").content.decode()
    assert not project.reports.exists()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "run"),
        ({"run": 99}, "run"),
        ({"run": "x"}, "run"),
        ({"run": 1, "last_run": 1}, ""),
        ({"last_run": 1}, "run"),
        ({"first_run": 2, "last_run": 1}, "last_run"),
        ({"run": 1, "detail": "all"}, "detail"),
        ({"run": 10**30}, "run"),
    ],
)
def test_the_api_names_the_field_that_is_wrong(client, project, run, sent, field):
    make_run_with(project, [])
    client.force_login(owner_of(project))
    answer = client.post(API, sent, content_type=JSON)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert not project.reports.exists()


def test_the_api_answers_by_number_and_by_id(client, project, run):
    make_run_with(project, [])
    client.force_login(owner_of(project))
    made = client.post(
        API,
        {"first_run": 1, "last_run": 2, "detail": "detailed", "title": "Both"},
        content_type=JSON,
    ).json()
    report = project.reports.get()
    assert made == {
        "id": str(report.pk),
        "number": 1,
        "title": "Both",
        "detail": "detailed",
        "first_run": 1,
        "last_run": 2,
        "outdated": False,
        "created_at": made["created_at"],
        "made_at": made["made_at"],
        "url": f"http://testserver{PAGES}1/",
    }
    by_number, by_id = client.get(f"{API}1/"), client.get(f"{API}{report.pk}/")
    assert by_number.json() == by_id.json() == {**made, "content": by_id.json()["content"]}
    document = client.get(f"{API}1/?format=json")
    assert document["Content-Type"] == JSON
    assert json.loads(document.getvalue())["session_id"] == "WEB-1..2"
    assert client.get(f"{API}1/?format=md").getvalue().startswith(b"# Both")
    assert b"<h1>" in client.get(f"{API}1/?format=html").getvalue()
    assert client.get(f"{API}1/?format=pdf").status_code == 400
    for missing in ["2", "x", "9" * 40, "²", str(run.pk)]:
        assert client.get(f"{API}{missing}/").status_code == 404
    assert client.get(API).json() == {"results": [made], "next": None}


def test_a_report_of_another_project_is_not_found(client, project, other_project):
    foreign = make_report(other_project, make_run_with(other_project, []))
    client.force_login(owner_of(project))
    assert client.get(f"{API}{foreign.pk}/").status_code == 404
    assert client.get(f"{PAGES}1/").status_code == 404
    assert client.post(f"{PAGES}1/delete/").status_code == 404
    assert other_project.reports.count() == 1


def test_a_report_says_when_its_run_has_changed_since(client, project, run):
    report = make_report(project, run)
    client.force_login(owner_of(project))
    assert not mark_outdated([report])[0].outdated
    assert b"older than the last change" not in client.get(f"{PAGES}1/").content
    change(run)
    assert client.get(f"{API}1/").json()["outdated"] is True
    assert b"older than the last change of its run" in client.get(f"{PAGES}1/").content
    assert b"Older than the last change" in client.get(PAGES).content
    client.post(f"{PAGES}1/remake/")
    assert client.get(f"{API}1/").json()["outdated"] is False


def test_making_again_counts_again_and_replaces_the_file(project, files):
    run = make_run_with(project, ["passed"], finish=False)
    report = make_report(project, run, detail="detailed")
    run.executions.update(title="renamed")
    again = lifecycle.remake_report(report, by=None)
    assert again.number == report.number
    assert again.made_at > report.made_at
    assert again.content["slowest"] == []
    assert project.artifacts.count() == report.files.count() == 1
    assert again.content["executions_file"] != report.content["executions_file"]


def test_a_report_outlives_its_run(project, run):
    report = make_report(project, run)
    delete_run(run, by=None)
    report.refresh_from_db()
    assert report.first_run is None
    assert report.content["results"]["total"] == 2
    assert mark_outdated([report])[0].outdated
    with pytest.raises(Refused, match="have been deleted"):
        lifecycle.remake_report(report, by=None)


@pytest.mark.django_db(transaction=True)
def test_deleting_takes_the_files_that_hang_on_nothing_else(project, files):
    run = make_run_with(project, ["passed"])
    report = make_report(project, run, detail="detailed")
    shared = make_artifact(project)
    hang_artifact(shared, report, by=None)
    hang_artifact(shared, run, by=None)
    lifecycle.delete_report(report, by=None)
    assert list(project.artifacts.all()) == [shared]
    assert len(stored(files)) == 1


@pytest.mark.races("apps.reports.lifecycle.make_report")
@pytest.mark.django_db(transaction=True)
def test_two_reports_at_once_have_two_numbers(project, files):
    run = make_run_with(project, ["passed"])
    make = partial(make_report, project, run, detail="detailed")
    overtake(make, make)
    assert sorted(project.reports.values_list("number", flat=True)) == [1, 2]
    assert len(stored(files)) == 2


@pytest.mark.races("apps.reports.lifecycle.make_report")
@pytest.mark.django_db(transaction=True)
def test_no_report_is_made_of_a_run_that_is_being_deleted(project, files):
    run = make_run_with(project, ["passed"])
    outcomes = overtake(
        lambda: delete_run(run, by=None),
        lambda: make_report(project, run, detail="detailed"),
        allow=[Unprocessable],
    )
    assert isinstance(outcomes[1], Unprocessable)
    assert stored(files) == []


@pytest.mark.races("apps.reports.lifecycle.remake_report")
@pytest.mark.django_db(transaction=True)
def test_a_report_made_again_twice_at_once_keeps_one_file(project, files):
    report = make_report(project, make_run_with(project, ["passed"]), detail="detailed")
    remake = partial(lifecycle.remake_report, report, by=None)
    overtake(remake, remake)
    assert report.files.count() == Artifact.objects.count() == len(stored(files)) == 1


@pytest.mark.races("apps.reports.lifecycle.delete_report", "apps.reports.lifecycle.remake_report")
@pytest.mark.django_db(transaction=True)
def test_a_report_that_is_being_deleted_is_not_made_again(project, files):
    report = make_report(project, make_run_with(project, ["passed"]), detail="detailed")
    outcomes = overtake(
        lambda: lifecycle.delete_report(report, by=None),
        lambda: lifecycle.remake_report(report, by=None),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert not Artifact.objects.exists()
    assert stored(files) == []


@pytest.mark.races("apps.reports.lifecycle.delete_report")
@pytest.mark.django_db(transaction=True)
def test_a_report_deleted_twice_at_once_is_deleted_once(project, files):
    report = make_report(project, make_run_with(project, ["passed"]), detail="detailed")
    delete = partial(lifecycle.delete_report, report, by=None)
    outcomes = meet(delete, delete, allow=[Refused])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Refused"]
    assert stored(files) == []


@pytest.mark.races("apps.reports.lifecycle.make_report")
@pytest.mark.django_db(transaction=True)
def test_a_report_waits_for_the_project_before_it_holds_a_run(project, files):
    run = make_run_with(project, ["passed"], finish=False)
    held = threading.Event()

    @transaction.atomic
    def make_cases_and_store():
        """The locks of an import that makes cases."""
        lock_project(project)
        held.set()
        wait_until_somebody_waits()
        return lock_run(run)

    def make():
        held.wait(PATIENCE)
        return make_report(project, run)

    _, report = meet(make_cases_and_store, make)
    assert report.number == 1


def wait_until_somebody_waits():
    until = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("Nobody waits for a lock.")
