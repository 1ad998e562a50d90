"""Which execution a result belongs to: variants, tries and instances."""

import pytest

from apps.cases import lifecycle as cases
from testoqa.testing import uses
from tests.data import populate_cast
from tests.executions.junit import junit
from tests.factories import make_case

pytestmark = uses(populate_cast)


def variants(ci, receipt):
    """{variant: verdict} of the only test of a run."""
    return {variant: row.verdict for (_, variant), row in ci.executions(receipt).items()}


def the_execution(ci, receipt):
    (execution,) = ci.run_of(receipt).executions.all()
    return execution


def tries(execution):
    return [(attempt.number, attempt.verdict) for attempt in execution.attempts.all()]


def test_brackets_are_variants_of_one_case(ci):
    receipt = ci.take(["rounds[EUR]", ("rounds[USD]", "failed"), "rounds", "grid[a[0]-3]"])
    assert receipt["created_cases"] == 2
    assert sorted(ci.project.cases.values_list("title", flat=True)) == ["grid", "rounds"]
    assert {v for _, v in ci.executions(receipt)} == {"EUR", "USD", "", "a[0]-3"}
    again = ci.take([("rounds[EUR]", "failed"), "rounds[GBP]"])
    assert (again["matched"], again["created_cases"]) == (1, 0)


@pytest.mark.parametrize(("required", "status"), [(False, "ready"), (True, "draft")])
def test_a_case_that_results_make_is_ready_where_nobody_has_to_review_it(ci, required, status):
    ci.project.review_required = required
    ci.project.save()
    ci.take(["pays"])
    case = ci.project.cases.get()
    assert (case.status, case.versions.get().content["status"]) == (status, status)


def test_a_name_of_nothing_but_brackets_is_a_title(ci):
    ci.take(["[smoke]"])
    assert ci.project.cases.get().title == "[smoke]"


def test_parameters_and_configuration_are_variants_too(ci):
    run = ci.run_of(ci.take(["pays"], run_key="k", configuration=["browser=firefox"]))
    ci.take(["pays"], run_key="k", configuration=["browser=chrome"])
    assert sorted(run.executions.values_list("variant_label", "verdict")) == [
        ("browser=chrome", "passed"),
        ("browser=firefox", "passed"),
    ]
    one = {"name": "pays", "suite": "shop.Cart", "parameters": {"a": 1, "b": [2.0]}}
    receipt = ci.record(run, one, one | {"parameters": {"b": [2], "a": 1.0}, "attempt": 2})
    assert (receipt["stored"], receipt["attempts"], receipt["matched"]) == (1, 1, 1)
    assert ci.project.cases.count() == 1
    assert run.executions.count() == 3


def test_a_named_case_wins_over_the_key(ci):
    paid = make_case(ci.project, "Pays", kind="automated", automation_key="pays")
    other = make_case(ci.project, "Other")
    run = ci.run_of(ci.take(["adds"], run_key="k"))
    receipt = ci.record(run, {"name": "pays", "case": other.key}, "pays")
    assert (receipt["stored"], receipt["matched"]) == (2, 2)
    held = set(run.executions.exclude(title="adds").values_list("case", flat=True))
    assert held == {paid.pk, other.pk}


def test_a_former_key_still_finds_its_case(ci):
    case = make_case(ci.project, "Pays", kind="automated", automation_key="shop.Cart::pays")
    cases.change_case(case, by=ci.person, automation_key="shop.Checkout::pays")
    receipt = ci.take(["pays", ("pays", "passed", {"classname": "shop.Checkout"})])
    assert (receipt["matched"], receipt["created_cases"], receipt["ambiguous"]) == (1, 0, 0)
    assert [row.variant_label for row in ci.run_of(receipt).executions.order_by("id")] == ["", "#2"]


def test_the_oldest_unarchived_case_gets_the_result(ci):
    key = {"kind": "automated", "automation_key": "shop.Cart::pays"}
    archived, second, third = (make_case(ci.project, f"Pays {n}", **key) for n in range(3))
    cases.archive_case(archived, by=ci.person)
    receipt = ci.take(["pays"])
    assert receipt["ambiguous"] == 1
    assert the_execution(ci, receipt).case == second
    assert all(case.key in receipt["warnings"][0] for case in (archived, second, third))


def test_an_archived_case_alone_still_gets_its_results(ci):
    case = make_case(ci.project, "Pays", kind="automated", automation_key="shop.Cart::pays")
    cases.archive_case(case, by=ci.person)
    assert ci.take(["pays"])["matched"] == 1


def test_a_new_test_of_an_archived_suite_brings_the_suite_back_alone(ci):
    ci.take(["pays"])
    suite = ci.project.cases.get().suite
    cases.archive_suite(suite, by=ci.person)
    ci.take(["pays[EUR]"])
    suite.refresh_from_db()
    assert suite.is_archived
    ci.take(["refunds"])
    suite.refresh_from_db()
    assert not suite.is_archived
    assert list(ci.project.cases.filter(archived_at=None).values_list("title")) == [("refunds",)]
    assert ci.project.activity.filter(verb="suite.restore").count() == 1


def test_the_key_of_another_project_finds_nothing(ci, other_project):
    make_case(other_project, "Pays", kind="automated", automation_key="shop.Cart::pays")
    assert ci.take(["pays"])["created_cases"] == 1


def test_long_keys_are_compared_whole(ci):
    long = "x" * 100_000
    receipt = ci.take([f"{long}a", f"{long}b", f"{long}a[EUR]"])
    assert receipt["created_cases"] == 2
    assert ci.take([f"{long}b"])["matched"] == 1


def test_the_same_test_twice_is_a_second_instance_with_a_warning(ci):
    receipt = ci.take([("pays", "failed"), "pays", "pays"])
    assert (receipt["stored"], receipt["attempts"], receipt["created_cases"]) == (3, 0, 1)
    assert variants(ci, receipt) == {"": "failed", "#2": "passed", "#3": "passed"}
    assert any(warning.startswith("2 results repeat a test") for warning in receipt["warnings"])
    assert receipt["run"]["verdict"] == "failed"


def test_instances_are_numbered_on_over_several_imports(ci):
    receipt = ci.take(["pays", "pays"], run_key="k")
    ci.take(["pays", ("pays", "failed"), "adds"], run_key="k")
    assert {v: row.verdict for (t, v), row in ci.executions(receipt).items() if t == "pays"} == {
        "": "passed",
        "#2": "passed",
        "#3": "passed",
        "#4": "failed",
    }


def test_instances_keep_their_variant_from_run_to_run(ci):
    first = ci.take(["pays", ("pays", "failed")])
    second = ci.take(["pays", "pays"], new="1")
    rows = [ci.executions(receipt)["pays", "#2"] for receipt in (first, second)]
    assert bytes(rows[0].variant) == bytes(rows[1].variant)
    third = ci.take(["pays", ("pays", "failed", {"time": "2"})])
    assert third["run"]["new_failures"] == 1


@pytest.mark.parametrize("by_setting", [False, True])
def test_repeats_are_tries_when_the_import_or_the_project_says_so(ci, by_setting):
    if by_setting:
        type(ci.project).objects.update(repeats="tries")
    fields = {} if by_setting else {"repeats": "tries"}
    receipt = ci.take([("pays", "failed"), ("pays", "error"), "pays"], **fields)
    assert (receipt["received"], receipt["stored"], receipt["attempts"]) == (3, 1, 2)
    execution = the_execution(ci, receipt)
    assert execution.flaky
    assert (execution.verdict, execution.attempt, execution.tries) == ("passed", 3, 3)
    assert tries(execution) == [(1, "failed"), (2, "error")]
    assert receipt["run"]["counts"]["flaky"] == 1
    assert receipt["run"]["verdict"] == "passed"


def test_an_import_may_say_instances_against_the_project(ci):
    type(ci.project).objects.update(repeats="tries")
    assert ci.take(["pays", "pays"], repeats="instances")["stored"] == 2


SUREFIRE = b"""<testsuite name="s">
<testcase classname="c" name="flaky" time="1"><flakyFailure message="one"/></testcase>
<testcase classname="c" name="broken" time="1"><failure message="two">t</failure>
<rerunFailure message="three">t</rerunFailure></testcase></testsuite>"""


def test_surefire_tells_of_tries_itself(ci):
    receipt = ci.take(SUREFIRE)
    assert (receipt["received"], receipt["stored"], receipt["attempts"]) == (2, 2, 0)
    rows = ci.executions(receipt)
    assert rows["flaky", ""].flaky
    assert tries(rows["flaky", ""]) == [(1, "failed")]
    assert (rows["broken", ""].verdict, rows["broken", ""].flaky) == ("failed", False)
    assert rows["broken", ""].tries == 2


def test_the_next_attempt_of_a_job_is_a_try_also_after_tries_of_the_dialect(ci):
    ci.take(SUREFIRE, run_key="k", attempt="1")
    passed = [(name, "passed", {"classname": "c"}) for name in ("flaky", "broken")]
    receipt = ci.take(passed, run_key="k", attempt="2")
    rows = ci.executions(receipt)
    assert set(rows) == {("flaky", ""), ("broken", "")}
    assert rows["broken", ""].flaky
    assert [number for number, _ in tries(rows["broken", ""])] == [1, 2]
    assert rows["broken", ""].attempt == rows["broken", ""].tries == 3


def test_three_attempts_in_three_imports_are_numbered_and_flaky(ci):
    for attempt, status in enumerate(["failed", "failed", "passed"], 1):
        receipt = ci.take([("pays", status)], run_key="k", attempt=str(attempt))
    execution = the_execution(ci, receipt)
    assert execution.flaky
    assert (execution.attempt, execution.tries) == (3, 3)
    assert tries(execution) == [(1, "failed"), (2, "failed")]
    assert ci.get(f"runs/1/executions/{execution.pk}/").json()["attempts"][0]["number"] == 1


def test_an_attempt_of_a_result_beyond_an_unnumbered_one_is_a_try(ci):
    run = ci.run_of(ci.take(["adds"], run_key="k"))
    receipt = ci.record(run, {"name": "a", "status": "failed"}, {"name": "a", "attempt": 2})
    assert (receipt["stored"], receipt["attempts"]) == (1, 1)
    ci.record(run, {"name": "a", "status": "failed", "attempt": 3})
    execution = run.executions.get(title="a")
    assert (execution.verdict, execution.tries, execution.flaky) == ("failed", 3, False)


def test_the_same_attempt_with_the_same_content_is_repeated(ci):
    run = ci.run_of(ci.take(["adds"], run_key="k"))
    result = {"name": "a", "status": "failed", "attempt": 1, "message": "m"}
    ci.record(run, result)
    receipt = ci.record(run, result)
    assert (receipt["stored"], receipt["repeated"]) == (0, 1)
    receipt = ci.record(run, result | {"message": "another"})
    assert (receipt["stored"], receipt["repeated"]) == (1, 0)
    assert run.executions.filter(variant_label="#2").exists()


def test_the_same_shard_with_other_bytes_brings_tries(ci):
    ci.take([("pays", "failed"), "adds"], run_key="k", shard="1/2")
    receipt = ci.take(["pays", "adds", "ships"], run_key="k", shard="1/2")
    assert (receipt["stored"], receipt["repeated"], receipt["attempts"]) == (2, 1, 0)
    rows = ci.executions(receipt)
    assert set(rows) == {("pays", ""), ("adds", ""), ("ships", "")}
    assert rows["pays", ""].flaky


def test_a_namesake_in_another_shard_is_an_instance(ci):
    ci.take([("pays", "failed")], run_key="k", shard="1/3")
    receipt = ci.take(["pays"], run_key="k", shard="2/3")
    assert variants(ci, receipt) == {"": "failed", "#2": "passed"}
    receipt = ci.take([("pays", "error")], run_key="k", shard="2/3")
    assert variants(ci, receipt) == {"": "failed", "#2": "error"}


def test_a_namesake_in_another_shard_with_the_same_attempt_is_not_repeated(ci):
    ci.take(["pays"], run_key="k", shard="1/3", attempt="1")
    receipt = ci.take(["pays"], run_key="k", shard="2/3", attempt="1")
    assert (receipt["stored"], receipt["repeated"]) == (1, 0)


def test_a_higher_attempt_finds_its_test_also_when_it_moved_to_another_shard(ci):
    ci.take([("pays", "failed"), "ships"], run_key="k", shard="1/3", attempt="1")
    receipt = ci.take(["pays"], run_key="k", shard="2/3", attempt="2")
    rows = ci.executions(receipt)
    assert set(rows) == {("pays", ""), ("ships", "")}
    assert rows["pays", ""].flaky


def test_a_planned_execution_is_filled_by_its_first_result(ci):
    case = make_case(ci.project, "Pays", kind="automated", automation_key="shop.Cart::pays")
    run = ci.post("runs/", {"name": "Planned", "cases": [case.key, case.key]}).json()
    assert run["counts"]["pending"] == 1
    receipt = ci.take(["pays"], run=str(run["number"]))
    assert receipt["run"]["counts"] == run["counts"] | {"pending": 0, "passed": 1}
    execution = the_execution(ci, receipt)
    assert (execution.tries, execution.attempt, execution.instance) == (1, 1, 1)
    ci.take([("pays", "failed")], run=str(run["number"]))
    assert ci.run_of(receipt).executions.count() == 2


def test_results_of_one_name_in_two_suites_are_two_tests(ci):
    data = junit(
        ("pays", "passed", {"classname": ""}),
        ("pays", "passed", {"classname": "b"}),
    )
    assert ci.take(data)["created_cases"] == 2
