"""Cases know whether they have a finished result, so that those without one are found at once."""

import pytest
from django.db import connection

from apps.cases.searching import Search
from apps.executions.lifecycle import set_verdict, undo_import
from apps.executions.models import Import
from apps.runs import lifecycle as runs
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_run, owner_of
from tests.races import overtake

pytestmark = uses(populate_cast)


def never_ran(project):
    """Titles by the query; nobody who has run is known as such without a result."""
    known = project.cases.filter(has_run=True)
    assert not known.exclude(executions__state="finished").exists()
    found = Search(project, {"q": "never-run"}, owner_of(project)).cases()
    return sorted(found.values_list("title", flat=True))


def undo(ci, receipt):
    undo_import(Import.objects.get(pk=receipt["id"]), by=owner_of(ci.project))


def test_results_mark_new_and_known_cases_and_leave_the_others(ci):
    make_case(ci.project, "pays", automation_key="shop.Cart::pays")
    make_case(ci.project, "waits")
    run = make_run(ci.project, cases=list(ci.project.cases.filter(title="waits")))
    assert never_ran(ci.project) == ["pays", "waits"]
    assert ci.take(["adds", "pays"])["created_cases"] == 1
    assert list(ci.project.cases.filter(has_run=False).values_list("title", flat=True)) == ["waits"]
    assert never_ran(ci.project) == ["waits"]
    set_verdict(run.executions.get(), "passed", by=ci.person)
    assert never_ran(ci.project) == [] and ci.project.cases.get(title="waits").has_run


def test_what_was_undone_or_deleted_is_as_if_it_never_ran(ci):
    first, second = ci.take(["pays", "adds"]), ci.take(["pays"])
    undo(ci, first)
    assert never_ran(ci.project) == ["adds"]
    assert ci.project.cases.get(title="pays").has_run
    runs.delete_run(ci.run_of(second), by=owner_of(ci.project))
    assert never_ran(ci.project) == ["adds", "pays"]


def test_a_case_that_goes_back_to_the_queue_has_not_run(ci):
    case = make_case(ci.project, "pays", automation_key="shop.Cart::pays")
    run = make_run(ci.project, cases=[case])
    receipt = ci.take(["pays"], run=str(run.number))
    assert never_ran(ci.project) == []
    undo(ci, receipt)
    assert run.executions.get().state == "queued"
    assert never_ran(ci.project) == ["pays"]


@pytest.mark.django_db(transaction=True)
def test_two_who_take_away_its_last_results_leave_none_that_ran(ci):
    receipts = [ci.take(["pays"]), ci.take([("pays", "failed")])]
    overtake(lambda: undo(ci, receipts[0]), lambda: undo(ci, receipts[1]))
    assert never_ran(ci.project) == ["pays"]
    assert not ci.project.cases.get().has_run


def test_those_that_ran_are_passed_over_by_an_index(ci):
    ci.take([f"case {number}" for number in range(300)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_case")
        found = Search(ci.project, {"q": "never-run"}, owner_of(ci.project)).cases()
        assert "cases_case_never_ran" in found.order_by("number").explain()
