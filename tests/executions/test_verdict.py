"""A verdict by hand."""

import pytest
from django.urls import reverse

from apps.executions.lifecycle import set_verdict
from apps.executions.models import Evaluation
from apps.projects.refusals import TransitionRefused
from apps.runs import lifecycle as runs
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_run
from tests.runs.counting import assert_counts, seq_of

pytestmark = uses(populate_cast)


@pytest.fixture
def manual(ci):
    """A created run of two manual cases."""
    return make_run(
        ci.project, kind="manual", cases=[make_case(ci.project, "A"), make_case(ci.project, "B")]
    )


def test_the_first_verdict_starts_the_run(ci, manual):
    execution = manual.executions.order_by("id").first()
    answer = ci.patch(
        f"runs/1/executions/{execution.pk}/",
        {"verdict": "failed", "note": "the button", "actual_result": "nothing happens"},
    )
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["state"], told["new_failure"]) == ("failed", "finished", True)
    assert (told["note"], told["actual_result"]) == ("the button", "nothing happens")
    assert told["evaluations"] == []
    run = assert_counts(manual, failed=1, pending=1, new_failures=1)
    assert run.state == "running"
    execution.refresh_from_db()
    assert execution.executed_by == ci.person
    assert execution.seq == run.seq


def test_another_verdict_is_an_override_with_its_note(ci):
    run = ci.run_of(ci.take([("pays", "failed")]))
    execution = run.executions.get()
    answer = ci.patch(
        f"runs/1/executions/{execution.pk}/", {"verdict": "passed", "note": "the network"}
    )
    (evaluation,) = answer.json()["evaluations"]
    assert evaluation["kind"] == "override"
    assert (evaluation["verdict"], evaluation["note"]) == ("passed", "the network")
    assert evaluation["reason"] == "It was failed before."
    assert evaluation["by"] == str(ci.person)
    run = assert_counts(run, passed=1, new_failures=0)
    assert (run.state, run.verdict) == ("completed", "passed")
    set_verdict(execution, "passed", by=ci.person)
    assert Evaluation.objects.count() == 1
    set_verdict(execution, "failed", by=ci.person)
    assert Evaluation.objects.count() == 2
    assert assert_counts(run, failed=1, new_failures=1).verdict == "failed"


def test_what_is_left_out_stays(ci, manual):
    execution = manual.executions.order_by("id").first()
    address = f"runs/1/executions/{execution.pk}/"
    ci.patch(address, {"status": "failed", "note": "n", "actual_result": "a"})
    told = ci.patch(address, {"verdict": "blocked", "note": "m"}).json()
    assert (told["verdict"], told["note"], told["actual_result"]) == ("blocked", "m", "a")


@pytest.mark.parametrize("body", [{}, {"verdict": "unknown"}, {"verdict": "green"}, {"title": "x"}])
def test_a_verdict_that_is_none_is_400(ci, manual, body):
    execution = manual.executions.order_by("id").first()
    assert ci.patch(f"runs/1/executions/{execution.pk}/", body).status_code == 400
    assert seq_of(manual) == 1


@pytest.mark.parametrize("field", ["note", "actual_result"])
@pytest.mark.parametrize(("length", "page", "api"), [(65_536, 302, 200), (65_537, 422, 400)])
def test_a_page_takes_as_long_a_note_as_the_api(ci, manual, client, field, length, page, api):
    execution = manual.executions.order_by("id").first()
    body = {"verdict": "failed", field: "x" * length}
    client.force_login(ci.person)
    address = reverse("executions:verdict", args=["WEB", 1, execution.pk])
    assert client.post(address, body).status_code == page
    assert ci.patch(f"runs/1/executions/{execution.pk}/", body).status_code == api
    execution.refresh_from_db()
    assert len(getattr(execution, field)) == (length if page == 302 else 0)


@pytest.mark.parametrize("verb", [runs.cancel, runs.abort])
def test_a_broken_off_run_is_judged_no_more(ci, manual, verb):
    verb(manual, by=ci.person)
    execution = manual.executions.order_by("id").first()
    with pytest.raises(TransitionRefused):
        set_verdict(execution, "passed", by=ci.person)
    answer = ci.patch(f"runs/1/executions/{execution.pk}/", {"verdict": "passed"})
    assert answer.status_code == 409
    assert answer.json()["url"].endswith("/projects/WEB/runs/1/")
    assert_counts(manual, pending=2)


def test_who_may_judge(ci, manual, client, viewer, outsider):
    execution = manual.executions.order_by("id").first()
    address = f"/api/v1/projects/WEB/runs/1/executions/{execution.pk}/"
    for person, status in [(viewer, 403), (outsider, 404), (ci.person, 200)]:
        client.force_login(person)
        answer = client.patch(address, {"verdict": "passed"}, content_type="application/json")
        assert answer.status_code == status
