"""What an import does to its run: added to one, shared by shards, or a run of its own."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.executions.models import Import
from apps.runs import lifecycle as runs
from testoqa.testing import uses
from tests.data import populate_cast
from tests.executions.junit import junit
from tests.factories import make_run

pytestmark = uses(populate_cast)


def test_a_file_alone_makes_a_run_and_finishes_it(ci):
    receipt = ci.take(
        ["pays"],
        filename="TEST-shop.xml",
        branch="main",
        commit="abc",
        ci_url="https://ci.example.org/7",
        configuration=["browser=firefox", "os=linux"],
        tag="team=cart",
    )
    told = ci.get("runs/1/").json()
    assert (told["name"], told["environment"], told["state"]) == ("TEST-shop", "ci", "completed")
    assert (told["branch"], told["commit"]) == ("main", "abc")
    assert told["ci_url"] == "https://ci.example.org/7"
    assert told["configuration"] == {"browser": "firefox", "os": "linux"}
    assert told["tags"] == {"team": "cart"}
    assert told["duration_ms"] == 100
    assert told["triggered_by"] == str(ci.person)
    assert told["url"] == receipt["run"]["url"]


def test_a_named_run_is_started_and_not_finished(ci):
    nightly = make_run(ci.project)
    receipt = ci.take(["pays"], run="1")
    assert receipt["run"]["status"] == "running"
    assert ci.take(["adds"], run="#1")["run"]["counts"]["total"] == 2
    assert ci.project.runs.get() == nightly


def test_a_run_that_is_not_there_is_422(ci):
    answer = ci.send(["pays"], run="7")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "run"
    assert not Import.objects.exists()


def test_a_run_key_gathers_files_until_finish(ci):
    for name in ("pays", "adds"):
        receipt = ci.take([name], run_key="build-7", name="Build 7")
    assert receipt["run"]["status"] == "running"
    assert receipt["run"]["counts"]["total"] == 2
    assert ci.post("runs/1/finish/").json()["verdict"] == "passed"
    assert ci.take(["ships"], run_key="build-7")["run"]["number"] == 2
    assert ci.get("runs/", run_key="build-7").json()["results"][0]["number"] == 2


def test_the_last_shard_finishes_the_run(ci):
    for index in (2, 3, 1):
        receipt = ci.take([f"test{index}"], run_key="k", shard=f"{index}/3")
        state = "passed" if index == 1 else "running"
        assert receipt["run"]["status"] == state
    assert ci.get("runs/1/").json()["shards"] == 3


def test_shards_into_a_named_run_do_not_finish_it_and_neither_does_a_later_file(ci):
    make_run(ci.project, run_key="k")
    ci.take(["a"], run="1", shard="1/2")
    assert ci.take(["b"], run="1", shard="2/2")["run"]["status"] == "running"
    assert ci.take(["c"], run_key="k")["run"]["status"] == "running"


def test_a_missing_shard_makes_the_run_partial(ci):
    ci.take(["a"], run_key="k", shard="1/2")
    assert ci.post("runs/1/finish/").json()["status"] == "partial"


def test_another_number_of_shards_is_422(ci):
    ci.take(["a"], run_key="k", shard="1/2")
    answer = ci.send(["b"], run_key="k", shard="2/3")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "shard"
    assert Import.objects.count() == 1


def test_a_finished_run_is_409_with_its_address(ci):
    ci.take(["a"], run_key="k")
    ci.post("runs/1/finish/")
    answer = ci.send(["b"], run="1")
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["url"] == "http://testserver/projects/WEB/runs/1/"
    batch = ci.batch(ci.project.runs.get(), [{"name": "a", "status": "passed"}])
    assert (batch.status_code, batch.json()["url"]) == (409, answer.json()["url"])
    assert Import.objects.count() == 1


def test_a_repeated_import_answers_its_receipt_also_into_a_finished_run(ci):
    make_run(ci.project)
    first = ci.take(["a"], run="1")
    ci.post("runs/1/finish/")
    again = ci.take(["a"], run="1", status=200)
    assert again["id"] == first["id"]
    assert again["repeated_import"]
    assert ci.project.runs.get().executions.count() == 1


def test_a_repeated_shard_is_answered_while_the_run_is_open(ci):
    first = ci.take(["a"], run_key="k", shard="1/2")
    assert ci.take(["a"], run_key="k", shard="1/2", status=200)["id"] == first["id"]
    assert ci.take(["a"], run_key="k", shard="2/2")["id"] != first["id"]


def test_the_same_bytes_of_another_configuration_or_attempt_are_taken_in(ci):
    ci.take(["a"], run_key="k", configuration="browser=firefox")
    ci.take(["a"], run_key="k", configuration="browser=chrome")
    receipt = ci.take(["a"], run_key="k", configuration="browser=chrome", attempt="2")
    assert receipt["run"]["counts"]["total"] == 2


def test_the_same_file_within_a_day_answers_the_first_receipt(ci):
    first = ci.take(["a"], branch="main")
    again = ci.take(["a"], branch="main", status=200)
    assert (again["id"], again["repeated_import"]) == (first["id"], True)
    assert ci.take(["a"], branch="other")["run"]["number"] == 2
    assert ci.take(["a"], branch="main", new="1")["run"]["number"] == 3
    Import.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert ci.take(["a"], branch="main")["run"]["number"] == 4


def test_new_does_not_double_what_a_run_holds(ci):
    ci.take(["a"], run_key="k")
    assert ci.take(["a"], run_key="k", new="1", status=200)["repeated_import"]


@pytest.mark.parametrize(
    ("sent", "name"), [("", "ci"), ("production", "prod"), ("Staging", "staging"), ("prod", "prod")]
)
def test_environments_of_imports(ci, sent, name):
    ci.take(["a"], **({"environment": sent} if sent else {}))
    assert ci.get("runs/1/").json()["environment"] == name


@pytest.mark.parametrize("fields", [{}, {"run_key": "k"}, {"run": "1"}])
def test_an_unknown_environment_is_422_and_names_the_known(ci, fields):
    make_run(ci.project, run_key="k")
    answer = ci.send(["a"], environment="qa", **fields)
    assert answer.status_code == 422
    assert "ci, dev, local, prod, staging" in answer.json()["detail"]
    assert not Import.objects.exists()


def test_environments_of_runs(ci):
    assert ci.post("runs/", {"name": "A"}).json()["environment"] == "local"
    assert ci.post("runs/", {"name": "B", "environment": "production"}).json()["environment"] == (
        "prod"
    )
    answer = ci.post("runs/", {"name": "C", "environment": "qa"})
    assert answer.status_code == 422
    assert "ci, dev, local" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shard", "4/3"),
        ("shard", "0/3"),
        ("shard", "1"),
        ("attempt", "0"),
        ("attempt", "9" * 5000),
        ("run", "x"),
        ("repeats", "maybe"),
        ("configuration", "firefox"),
        ("ci_url", "javascript:alert(1)"),
        ("branch", "b" * 256),
        ("name", "a\x00b"),
        ("branhc", "main"),
        ("new", "zz"),
        ("branch", ["main", "next"]),
        ("new", ["1", "1"]),
        ("configuration", ["os=linux", "os=macos"]),
        ("tag", "team=a\nteam=b"),
    ],
)
def test_a_wrong_field_is_422_and_named(ci, field, value):
    answer = ci.send(["a"], **({"run_key": "k"} if field != "run" else {}) | {field: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert not Import.objects.exists()


def test_an_unknown_field_is_named_with_the_known_ones(ci):
    error = ci.send(["a"], branhc="main").json()["errors"][0]
    assert (error["field"], error["code"]) == ("branhc", "unknown")
    assert "branch, ci_url, commit, configuration, environment, name, new" in error["message"]


def test_several_files_in_one_request_are_422_and_say_what_to_do(ci):
    files = [SimpleUploadedFile(f"{name}.xml", junit(name)) for name in "ab"]
    answer = ci.client.post(f"{ci.root}imports/", {"file": files}, format="multipart")
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == "file"
    assert "one zip of all files, or one request for each" in answer.json()["detail"]
    assert not Import.objects.exists()
    assert not ci.project.runs.exists()


def test_a_shard_without_a_key_is_422(ci):
    assert ci.send(["a"], shard="1/2").status_code == 422


def test_one_idempotency_key_is_one_import(ci):
    first = ci.take(["a"], key="job-1")
    assert ci.take(["a"], key="job-1", status=200)["id"] == first["id"]
    assert ci.send(["b"], key="job-1").status_code == 422
    assert ci.send(["a"], key="job-1", branch="x").status_code == 422
    assert ci.take(["b"], key="job-2")["run"]["number"] == 2


def test_one_idempotency_key_is_one_batch_of_a_run(ci):
    nightly, other = make_run(ci.project), make_run(ci.project)
    first = ci.record(nightly, "a", key="1")
    assert ci.record(nightly, "a", key="1", status=200)["id"] == first["id"]
    refused = ci.batch(nightly, [{"name": "b", "status": "passed"}], key="1")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "key_reused")
    ci.record(other, "a", key="1")
    ci.take(["b"], run="1", key="1")
    runs.finish(nightly, by=None)
    assert ci.record(nightly, "a", key="1", status=200)["id"] == first["id"]


def test_a_batch_starts_a_created_run(ci):
    nightly = make_run(ci.project)
    receipt = ci.record(nightly, "a")
    assert receipt["run"]["status"] == "running"
    nightly.refresh_from_db()
    assert nightly.started_at


def test_ndjson_is_a_batch(ci):
    body = '{"name": "a", "status": "passed"}\n\n{"name": "b", "status": "failed"}\n'
    answer = ci.batch(make_run(ci.project), body, content_type="application/x-ndjson")
    assert answer.status_code == 201
    assert (answer.json()["received"], answer.json()["stored"]) == (2, 2)


@pytest.mark.parametrize("body", ["[{", '{"name": "a"', "no json", ""])
def test_a_body_that_is_not_json_is_400_and_stores_nothing(ci, body):
    nightly = make_run(ci.project)
    answer = ci.batch(nightly, body)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not Import.objects.exists()
    nightly.refresh_from_db()
    assert nightly.state == "created"


def test_a_batch_holds_10_000_results_and_no_more(ci):
    nightly = make_run(ci.project)
    one = '{"name": "a", "status": "passed"}\n'
    answer = ci.batch(nightly, one * 10_001, content_type="application/x-ndjson")
    assert answer.status_code == 400
    assert "10,000" in answer.json()["errors"][0]["message"]
    assert not Import.objects.exists()
    lines = "".join(f'{{"name": "t{n}", "status": "passed"}}\n' for n in range(10_000))
    assert ci.batch(nightly, lines, content_type="application/x-ndjson").status_code == 201
    assert ci.project.runs.get().total == 10_000


def test_fail_on_works_for_batches(ci):
    answer = ci.batch(
        make_run(ci.project), [{"name": "a", "status": "error"}], query="?fail_on=failed"
    )
    assert answer.status_code == 422
    assert answer.json()["stored"] == 1
