"""What a receipt says: every item that came is accounted for."""

import pytest
from django.db import IntegrityError, connection, transaction

from apps.executions.models import Import
from apps.runs.models import Run
from testoqa.testing import uses
from tests.data import populate_cast
from tests.executions.junit import junit
from tests.factories import make_case

pytestmark = uses(populate_cast)


def test_a_first_file_makes_cases_and_a_second_matches_them(ci):
    first = ci.take(["pays", ("adds", "failed"), ("removes", "skipped")])
    assert (first["received"], first["stored"], first["created_cases"]) == (3, 3, 3)
    assert first["run"]["status"] == "failed"
    assert first["run"]["counts"]["total"] == 3
    assert first["run"]["new_failures"] == 1
    assert first["run"]["url"] == "http://testserver/projects/WEB/runs/1/"
    second = ci.take(["pays", "adds", "ships"])
    assert (second["matched"], second["created_cases"], second["ambiguous"]) == (2, 1, 0)
    assert second["run"]["number"] == 2
    assert second["run"]["verdict"] == "passed"
    assert ci.project.cases.count() == 4
    assert ci.get(f"imports/{second['id']}/").json() == second


def test_items_of_a_batch_that_do_not_fit_are_refused_by_index(ci):
    run = ci.run_of(ci.take(["pays"], run_key="k"))
    answer = ci.batch(
        run,
        [
            {"name": "a", "status": "passed"},
            {"name": "b", "status": "green"},
            {"status": "passed"},
            {"name": "c", "status": "passed", "case": "OPS-1"},
            {"name": "d", "status": "passed", "case": "WEB-99"},
            "no object",
            {"name": "e", "status": "passed", "duration_ms": -1},
        ],
    )
    receipt = answer.json()
    assert (receipt["received"], receipt["stored"]) == (7, 1)
    assert [item["index"] for item in receipt["refused"]] == [1, 2, 3, 4, 5, 6]
    reasons = {item["index"]: item["reason"] for item in receipt["refused"]}
    assert reasons[3] == "OPS-1 is not a case of WEB."
    assert reasons[4] == "There is no case WEB-99."


def test_a_refused_name_is_quoted_without_what_the_database_refuses(ci):
    run = ci.run_of(ci.take(["pays"], run_key="k"))
    answer = ci.batch(run, [{"name": "a", "status": "passed", "co\0lo\ud83dr": "red"}])
    assert answer.status_code == 201
    (refused,) = answer.json()["refused"]
    assert refused["reason"].startswith("unknown field co␀lo�r; the fields are name, suite")


def test_raw_control_characters_are_repaired_and_counted(ci):
    receipt = ci.take(b'<testsuite name="s"><testcase classname="c" name="a\x01b"/></testsuite>')
    assert receipt["repaired"] == 1
    assert receipt["stored"] == 1


def test_a_cut_file_is_refused_whole_with_a_receipt(ci):
    whole = junit("pays", ("adds", "failed"), "ships")
    answer = ci.send(whole[:-20])
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["errors"][0]["code"] == "file_refused"
    assert problem["state"] == "refused"
    arrival = Import.objects.get()
    assert str(arrival.pk) == problem["id"]
    assert (arrival.state, arrival.run, arrival.reason) == ("refused", None, problem["detail"])
    assert not Run.objects.exists()
    assert not ci.project.cases.exists()
    assert not ci.project.suites.exists()
    again = ci.send(whole[:-20])
    assert again.status_code == 422, "a refused file is not taken for one that was read"
    assert ci.take(whole)["stored"] == 3


def test_a_refused_receipt_stops_a_pipeline_only_when_asked(ci):
    problem = ci.send(b"<testsuite").json()
    assert ci.get(f"imports/{problem['id']}/").status_code == 200
    assert ci.get(f"imports/{problem['id']}/", fail_on="failed").status_code == 422


def test_no_file_is_a_400_that_says_how(ci):
    answer = ci.client.post(f"{ci.root}imports/", {"name": "x"}, format="multipart")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "file"


def test_ambiguous_keys_are_counted_and_both_cases_named(ci):
    make_case(ci.project, "Pays", kind="automated", automation_key="shop.Cart::pays")
    make_case(ci.project, "Pays too", kind="automated", automation_key="shop.Cart::pays")
    receipt = ci.take(["pays", "adds"])
    assert (receipt["ambiguous"], receipt["created_cases"], receipt["matched"]) == (1, 1, 0)
    assert any("WEB-1 and WEB-2" in warning for warning in receipt["warnings"])
    assert ci.executions(receipt)["pays", ""].case.number == 1


def test_a_number_that_disagrees_with_the_elements_is_a_warning(ci):
    receipt = ci.take(b'<testsuite name="s" tests="7"><testcase name="a"/></testsuite>')
    assert receipt["received"] == 1
    assert any("7" in warning for warning in receipt["warnings"])


def test_long_texts_are_kept_whole_as_a_file_and_the_receipt_says_so(ci):
    trace = "é" * 40_000
    run = ci.run_of(ci.take(["pays"], run_key="k"))
    failed = {"name": "a", "status": "failed", "trace": trace, "message": "m"}
    receipt = ci.record(run, failed)
    assert any("64 KiB" in warning for warning in receipt["warnings"])
    execution = ci.executions(receipt)["a", ""]
    assert len(execution.trace.encode()) <= 64 * 1024
    detail = ci.get(f"runs/1/executions/{execution.pk}/").json()
    assert [file["name"] for file in detail["artifacts"]] == ["trace.txt"]
    assert detail["artifacts"][0]["size"] == 80_000


@pytest.mark.parametrize("tag", ["failure", "system-out", "flakyFailure"])
def test_three_megabytes_of_text_are_kept_whole(ci, tag):
    text = "line of a log\n" * 220_000
    receipt = ci.take(
        f'<testsuite><testcase name="a"><{tag}>{text}</{tag}></testcase></testsuite>'.encode()
    )
    assert receipt["warnings"] == [
        "1 texts are longer than 64 KiB: their beginning is shown with the result, the whole is a "
        "file beside it."
    ]
    artifact = ci.project.artifacts.get()
    with artifact.file.open("rb") as file:
        assert file.read().decode().strip() == text.strip()


def test_a_text_past_8_mib_says_exactly_what_is_kept(ci, settings):
    settings.QUICK_IMPORT = 16 << 20
    half = 4 << 20
    text = "h" * half + "cut here" + "t" * half
    receipt = ci.take(
        f'<testsuite><testcase name="a"><failure>{text}</failure></testcase></testsuite>'.encode()
    )
    assert receipt["warnings"] == [
        "junit.xml, line 1, “a”: 8 characters cut from the middle of its trace; the first "
        "4,194,304 and the last 4,194,304 are kept.",
        "1 texts are longer than 64 KiB: their beginning is shown with the result, the whole, or "
        "what is kept of one that was cut, is a file beside it.",
    ]
    with ci.project.artifacts.get().file.open("rb") as file:
        kept = "h" * half + "\n[… 8 characters cut here …]\n" + "t" * half
        assert file.read().decode() == kept


@pytest.mark.parametrize("query", ["?fail_on=failed", "?fail_on=new"])
def test_fail_on_makes_an_answer_with_failures_422(ci, query):
    answer = ci.send(["pays", ("adds", "failed")], query=query)
    assert answer.status_code == 422
    assert answer.json()["stored"] == 2
    assert ci.get(f"imports/{answer.json()['id']}/{query}").status_code == 422
    assert ci.send(["pays"], query=query).status_code == 201


def test_fail_on_new_lets_a_known_failure_pass(ci):
    ci.take([("adds", "failed")])
    answer = ci.send([("adds", "failed", {"message": "again"})], query="?fail_on=new")
    assert answer.status_code == 201
    run = ci.run_of(answer.json())
    assert run.new_failures == 0


def test_a_wrong_fail_on_stores_nothing(ci):
    assert ci.send(["pays"], query="?fail_on=never").status_code == 400
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "received = received + 1",
        "matched = matched + 1",
        "state = 'lost'",
        "run_id = NULL",
        "shard_index = 3, shard_total = 2",
        "shard_index = 1",
        "stored = -1",
    ],
)
def test_an_impossible_receipt_is_refused_by_the_database(ci, change):
    ci.take(["pays"])
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE executions_import SET {change}")
