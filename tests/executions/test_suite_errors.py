"""An error of a suite belongs to no test, and still no run that had one has passed."""

import pytest

from apps.executions.lifecycle import undo_import
from apps.executions.models import Import
from testoqa.testing import uses
from tests.data import populate_cast
from tests.executions.junit import junit
from tests.factories import make_run, owner_of

pytestmark = uses(populate_cast)

BROKEN = '<error message="afterAll crashed"/>'
FAIL_ON = ["?fail_on=failed", "?fail_on=new"]


def broken(*cases):
    """A file whose suite has an error of its own beside these cases."""
    return junit(BROKEN, *cases)


def undo(ci, receipt):
    undo_import(Import.objects.get(pk=receipt["id"]), by=owner_of(ci.project))


@pytest.mark.parametrize("tag", ["error", "failure"])
@pytest.mark.parametrize("cases", [["pays"], []])
def test_a_run_whose_suite_broke_has_not_passed(ci, tag, cases):
    receipt = ci.take(junit(f'<{tag} message="afterAll crashed"/>', *cases))
    assert receipt["suite_errors"] == 1
    assert receipt["run"]["verdict"] == "partial"
    assert receipt["run"]["counts"]["total"] == len(cases)
    assert "afterAll crashed" in receipt["warnings"][0]


def test_a_failed_test_beside_it_makes_the_run_failed(ci):
    assert ci.take(broken("pays", ("adds", "failed")))["run"]["verdict"] == "failed"


@pytest.mark.parametrize("query", FAIL_ON)
def test_it_stops_a_pipeline(ci, query):
    answer = ci.send(broken("pays"), query=query)
    assert answer.status_code == 422
    assert (answer.json()["stored"], answer.json()["suite_errors"]) == (1, 1)
    assert ci.get(f"imports/{answer.json()['id']}/{query}").status_code == 422
    assert ci.get(f"imports/{answer.json()['id']}/").status_code == 200
    assert ci.send(["pays"], query=query).status_code == 201


def test_errors_of_all_files_count_when_the_run_is_finished(ci):
    ci.take(broken("a"), run_key="k", shard="1/2")
    receipt = ci.take(["b"], run_key="k", shard="2/2")
    assert (receipt["suite_errors"], receipt["run"]["verdict"]) == (0, "partial")
    assert ci.get(f"imports/{receipt['id']}/", fail_on="failed").status_code == 422


def test_a_run_finished_by_hand_has_not_passed_either(ci):
    ci.take(broken("a"), run_key="k")
    assert ci.post("runs/1/finish/").json()["verdict"] == "partial"


def test_undo_takes_its_suite_errors_away(ci):
    ci.take(["a"], run_key="k")
    receipt = ci.take(broken("b"), run_key="k")
    assert ci.post("runs/1/finish/").json()["verdict"] == "partial"
    undo(ci, receipt)
    assert ci.run_of(receipt).verdict == "passed"
    assert ci.get(f"imports/{receipt['id']}/", fail_on="failed").status_code == 200


@pytest.mark.parametrize(
    ("again", "verdict"),
    [
        ({"shard": "1/1"}, "passed"),
        ({"shard": "1/1", "filename": "other.xml"}, "partial"),
        ({"shard": "1/1", "configuration": "os=linux"}, "partial"),
    ],
)
def test_the_same_shard_again_takes_the_place_of_what_broke(ci, again, verdict):
    run = make_run(ci.project)
    ci.take(broken("a"), run=run.number, shard="1/1")
    ci.take(["a"], run=run.number, **again)
    assert ci.post("runs/1/finish/").json()["verdict"] == verdict


@pytest.mark.parametrize(
    ("again", "verdict"),
    [({"attempt": "2"}, "passed"), ({"attempt": "1"}, "partial"), ({}, "partial")],
)
def test_a_higher_attempt_takes_the_place_of_what_broke(ci, again, verdict):
    ci.take(broken("a"), run_key="k")
    ci.take(["b"], run_key="k", **again)
    assert ci.post("runs/1/finish/").json()["verdict"] == verdict
