"""The pages, API and exports of the audit trail."""

import ast
import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from django.utils import timezone

from apps.cases import lifecycle as cases
from apps.memberships import lifecycle as memberships
from apps.projects import lifecycle as projects
from apps.projects.activity.words import KINDS, WORDS, kind_of
from apps.projects.models import Activity
from apps.projects.trail import note
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import (
    make_artifact,
    make_case,
    make_report,
    make_run,
    make_suite,
    make_token,
    send_results,
)

pytestmark = uses(populate_cast)

APPS = Path(__file__).resolve().parents[2] / "apps"
VERB = re.compile(r"[a-z_]+\.[a-z_]+")
PAGE = "/projects/WEB/activity/"
API = "/api/v1/projects/WEB/activity/"


@pytest.fixture
def client(client, owner):
    client.force_login(owner)
    return client


def verbs_in(page):
    return [row.verb for row in page.context["page"].rows]


def noted_verbs():
    """Every text that looks like a verb, in the modules that write to a trail."""
    for path in sorted(APPS.rglob("*.py")):
        tree = ast.parse(path.read_text())
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if not any(re.search(r"(^|[._])note(_\w+)?$", name) for name in called):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                texts = [part.value for part in given if isinstance(part, ast.Constant)]
            elif isinstance(node, ast.arguments):
                given = [*node.defaults, *node.kw_defaults]
                texts = [part.value for part in given if isinstance(part, ast.Constant)]
            else:
                continue
            yield from (text for text in texts if VERB.fullmatch(str(text)))


def test_every_verb_that_is_noted_has_words():
    found = set(noted_verbs())
    assert {"run.finish", "run.cancel", "token.issue", "case.change"} <= found
    assert not found - set(WORDS)


def test_it_tells_who_did_what_and_what_changed(client, project, owner):
    case = make_case(project, by=owner)
    cases.change_case(case, by=owner, title="Pays by invoice", priority="P0")
    projects.change_project(project, by=owner, name="Shop", description="All of it")
    text = client.get(PAGE).text
    assert "changed the case" in text
    assert f'<a href="{case.get_absolute_url()}">' in text
    assert "<del>Pays by card</del>" in text
    assert "<ins>Pays by invoice</ins>" in text
    assert "<del>nothing</del>" in text  # the description that was empty
    assert "owner@example.com" in text


def test_times_are_those_of_the_readers_zone(client, project, owner):
    owner.time_zone = "Asia/Tokyo"
    owner.save()
    expires = datetime(2027, 1, 1, 20, tzinfo=UTC)
    memberships.issue_token(
        owner, name="ci", by=owner, project=project, role="viewer", expires_at=expires
    )
    text = client.get(PAGE, {"verb": "token"}).text
    assert "2 Jan 2027, 05:00" in text
    at = Activity.objects.latest("id").at
    assert f"{at + timedelta(hours=9):%H:%M}" in text


def test_links_lead_to_what_is_still_there(client, project, owner):
    run = make_run(project, cases=[make_case(project)])
    sent = send_results(run, "pays")
    made = [run, run.executions.first().case, sent, make_report(project, run), make_suite(project)]
    file = make_artifact(project)
    note(project, "artifact.store", file, by=owner)
    execution = run.executions.first()
    note(project, "execution.judge", execution, by=owner)
    page = client.get(PAGE)
    for thing in [*made, file, execution]:
        url = str(thing.get_absolute_url()).replace("&", "&amp;")
        assert f'href="{url}"' in page.text, thing
        if thing is not file:
            assert client.get(thing.get_absolute_url()).status_code == 200
    cases.delete_case(unused := make_case(project), by=owner)
    assert unused.get_absolute_url() not in client.get(PAGE, {"verb": "case.delete"}).text


def test_links_are_found_whichever_kinds_a_page_holds(client, project, owner):
    things = [make_case(project), make_run(project), make_suite(project), make_artifact(project)]
    for first, second in combinations(things, 2):
        for thing in (first, second):
            note(project, "project.change", thing, by=owner, label=f"{first.pk} {second.pk}")
        page = client.get(PAGE, {"q": f"{first.pk} {second.pk}"})
        assert {row.url for row in page.context["page"].rows} == {
            first.get_absolute_url(),
            second.get_absolute_url(),
        }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"person": "tester@example.com"}, ["run.create", "member.add"]),
        ({"person": "Tester@Example.com"}, ["run.create", "member.add"]),
        ({"verb": "run.create"}, ["run.create"]),
        ({"verb": "run"}, ["run.cancel", "run.create"]),
        ({"q": "by card"}, ["case.create"]),
        ({"access": "1"}, ["member.change_role"] + ["member.add"] * 4),
        ({"access": "1", "person": "owner@example.com"}, ["member.change_role", "member.add"]),
        ({"until": "2020-01-01"}, []),
        ({"since": "2020-01-01", "verb": "case"}, ["case.create"]),
        ({"since": "0001-01-01", "until": "9999-12-31", "verb": "case"}, ["case.create"]),
        ({"since": "no date", "verb": "case"}, ["case.create"]),
    ],
)
def test_it_is_narrowed_by_the_address(client, project, owner, tester, viewer, asked, expected):
    make_case(project, "Pays by card", by=owner)
    run = make_run(project, by=tester)
    from apps.runs.lifecycle import cancel

    cancel(run, by=owner)
    memberships.change_role(project.memberships.get(user=viewer), "tester", by=owner)
    assert verbs_in(client.get(PAGE, asked)) == expected


def test_an_unknown_verb_is_left_out_by_the_page_and_refused_by_the_api(client):
    assert client.get(PAGE, {"verb": "run.explode"}).context["page"].rows
    assert client.get(API, {"verb": "run.explode"}).status_code == 400
    assert client.get(API, {"since": "yesterday"}).status_code == 400


def test_the_activity_of_one_object(client, project, owner):
    case, other = make_case(project), make_case(project)
    cases.change_case(case, by=owner, title="New")
    cases.change_case(other, by=owner, title="Other")
    page = client.get(PAGE, {"object": str(case.pk)})
    assert verbs_in(page) == ["case.change", "case.create"]


def test_days_are_those_of_the_readers_calendar(client, project, owner):
    make_case(project, by=owner)
    owner.time_zone = "Pacific/Kiritimati"
    owner.save()
    today = timezone.now() + timedelta(hours=14)
    day = f"{today:%Y-%m-%d}"
    assert verbs_in(client.get(PAGE, {"since": day, "until": day}))
    assert not verbs_in(client.get(PAGE, {"since": f"{today + timedelta(days=1):%Y-%m-%d}"}))


def test_pages_follow_each_other(client, project, owner):
    for number in range(70):
        note(project, "run.change", by=owner, label=f"#{number}")
    first = client.get(PAGE, {"verb": "run"})
    assert len(first.context["page"].rows) == 50
    second = client.get(PAGE, {"verb": "run", "after": first.context["page"].next})
    labels = [row.object_label for page in (first, second) for row in page.context["page"].rows]
    assert labels == [f"#{number}" for number in reversed(range(70))]
    partial = client.get(PAGE, {"verb": "run"}, headers={"HX-Request": "true"})
    assert partial.text.lstrip().startswith('<div id="activity">')


def test_origins_tokens_and_invitations_are_for_owners(client, project, owner, manager):
    secret = make_token(owner, project, "owner", name="laptop")
    client.logout()
    client.patch(
        "/api/v1/projects/WEB/",
        {"name": "Shop"},
        "application/json",
        headers={"Authorization": f"Bearer {secret}"},
        REMOTE_ADDR="127.0.0.9",
    )
    note(project, "invitation.send", by=owner, label="new@example.com")
    shown = ["127.0.0.9", "laptop", "new@example.com"]
    client.force_login(owner)
    for path in (PAGE, API, f"{API}export/?format=jsonl", f"{PAGE}export/?format=csv"):
        assert all(text in whole(client.get(path)) for text in shown), path
    client.force_login(manager)
    for path in (PAGE, API, f"{API}export/?format=jsonl", f"{PAGE}export/?format=csv"):
        text = whole(client.get(path))
        assert "project.change" in text or "changed the project" in text
        assert not [word for word in shown if word in text], path
    assert "token.issue" not in client.get(PAGE, {"verb": "token"}).text


def whole(response):
    return b"".join(response).decode() if response.streaming else response.text


def test_the_api_tells_the_same(client, project, owner):
    run = make_run(project, by=owner)
    answer = client.get(API, {"verb": "run", "limit": 1}).json()
    (row,) = answer["results"]
    assert row["who"] == "owner@example.com"
    assert (row["verb"], row["words"]) == ("run.create", "made the run")
    assert row["object"]["id"] == str(run.pk)
    assert row["object"]["url"].endswith(run.get_absolute_url())
    assert row["after"] == {"kind": "automated", "executions": 0}
    before = client.get(API, {"until": row["at"], "limit": 500}).json()["results"]
    assert row["id"] not in [row["id"] for row in before]
    assert len(before) == project.activity.count() - 1
    since = client.get(API, {"since": row["at"]}).json()["results"]
    assert [row["verb"] for row in since] == ["run.create"]


@pytest.mark.parametrize("moment", ["2020-01-01T00:00:00-23:59", "0270-02-19T12:32:17+23:59"])
def test_a_time_may_be_of_any_zone(client, moment):
    assert client.get(API, {"since": moment}).json()["results"]
    assert not client.get(API, {"until": moment}).json()["results"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+12:00", "9999-12-31T23:00:00-12:00"])
def test_a_time_outside_of_the_calendar_is_refused(client, moment):
    answer = client.get(API, {"since": moment})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "since"


def test_pages_of_the_api_keep_the_filter(client, project, owner):
    for number in range(3):
        note(project, "run.change", by=owner, label=f"#{number}")
    first = client.get(API, {"verb": "run", "limit": 2}).json()
    second = client.get(first["next"]).json()
    assert [row["object"]["label"] for row in first["results"] + second["results"]] == [
        "#2", "#1", "#0",
    ]  # fmt: skip
    assert second["next"] is None


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=cmd|"/c calc"!A0']


@pytest.mark.parametrize("label", FORMULAS)
def test_no_cell_of_the_csv_is_a_formula(client, project, owner, label):
    note(project, "run.change", by=owner, label=label, before={"name": label})
    for path in (f"{PAGE}export/", f"{API}export/"):
        answer = client.get(path, {"format": "csv"})
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(whole(answer), newline="")))
        assert rows[0]["object_label"] == f"'{label}"
        cells = [cell for row in rows for cell in row.values()]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_json_lines_hold_each_row_as_it_is(client, project, owner):
    note(
        project, "run.change", by=owner, label="=1+1", before={"name": "a\nb"}, after={"name": "ä"}
    )
    answer = client.get(f"{API}export/", {"format": "jsonl"})
    lines = [json.loads(line) for line in whole(answer).splitlines()]
    assert len(lines) == project.activity.count()
    assert lines[0]["object"]["label"] == "=1+1"
    assert lines[0]["before"], lines[0]["after"] == ({"name": "a\nb"}, {"name": "ä"})
    name = f"WEB-activity-{timezone.now():%Y-%m-%d}.jsonl"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'


def test_an_export_is_narrowed_too_and_holds_more_than_one_part(
    client, project, owner, monkeypatch
):
    from apps.projects.activity import exports

    monkeypatch.setattr(exports, "STEP", 3)
    for number in range(10):
        note(project, "run.change", by=owner, label=f"#{number}")
    make_case(project)
    for path in (f"{PAGE}export/", f"{API}export/"):
        lines = whole(client.get(path, {"format": "jsonl", "verb": "run"})).splitlines()
        labels = [json.loads(line)["object"]["label"] for line in lines]
        assert labels == [f"#{number}" for number in reversed(range(10))]


def test_there_are_two_formats(client):
    assert client.get(f"{PAGE}export/", {"format": "xml"}).status_code == 404
    assert client.get(f"{API}export/").status_code == 400


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}export/", API, f"{API}export/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_changes_it(client, path, method):
    before = Activity.objects.count()
    assert client.generic(method, path).status_code == 405
    assert Activity.objects.count() == before


def test_another_project_sees_nothing_of_it(client, outsider, project):
    client.force_login(outsider)
    for path in (PAGE, f"{PAGE}export/?format=csv", API, f"{API}export/?format=csv"):
        assert client.get(path).status_code == 404
    text = whole(client.get("/api/v1/projects/OPS/activity/export/?format=jsonl"))
    assert "WEB" not in text


def test_the_worst_page_is_small_and_costs_few_queries(
    client, project, owner, django_assert_max_num_queries
):
    run = make_run(project, cases=[make_case(project)])
    things = [run, run.executions.first(), send_results(run, "pays"), make_report(project, run)]
    things += [make_artifact(project), make_suite(project), make_case(project)]
    fields = {f"field {number}": "x" * 300 for number in range(20)}
    for number in range(60):
        note(
            project,
            "case.change",
            things[number % len(things)],
            by=owner,
            label="y" * 300,
            before=fields,
            after=fields,
        )
    client.get(PAGE)
    with django_assert_max_num_queries(12):
        page = client.get(PAGE)
    assert len(page.content) < 150 * 1024


def test_an_empty_trail_says_so(client, project):
    page = client.get(PAGE, {"q": "nothing is called so"})
    assert "Nothing fits" in page.text
    assert f'href="{PAGE}"' in page.text


def test_every_kind_of_verb_is_offered(client):
    page = client.get(PAGE).text
    for verb in WORDS:
        assert (f'value="{verb}"' in page) == (kind_of(verb) in KINDS), verb
