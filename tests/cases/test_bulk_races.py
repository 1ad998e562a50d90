import pytest

from apps.cases import lifecycle
from apps.cases.bulk import work
from apps.cases.bulk.wanted import Wanted
from apps.cases.content import content_of
from apps.cases.models import BulkChange
from apps.projects.refusals import Refused, TransitionRefused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite
from tests.races import meet, overtake

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def change(project, by, **wanted):
    return lifecycle.change_cases(
        project, project.cases.all(), Wanted(said="Changed", **wanted), by=by
    )


def assert_versions_tell_the_truth(project):
    for case in project.cases.with_content():
        numbers = [version.number for version in case.versions.all()]
        assert numbers == list(range(case.version, 0, -1))
        assert case.versions.first().content == content_of(case)


@pytest.mark.races("apps.cases.lifecycle.change_cases")
def test_two_changes_of_the_same_cases_are_both_kept(project, owner):
    for number in range(20):
        make_case(project, f"case {number}")
    meet(
        lambda: change(project, owner, add_tags=["smoke", "a"], set={"priority": "P0"}),
        lambda: change(project, owner, add_tags=["b", "smoke"], set={"severity": "minor"}),
    )
    assert_versions_tell_the_truth(project)
    for case in project.cases.with_content():
        assert (case.tags, case.version) == (["a", "b", "smoke"], 3)
        assert (case.priority, case.severity) == ("P0", "minor")


@pytest.mark.races("apps.cases.lifecycle.change_cases", "apps.cases.lifecycle.change_case")
def test_a_change_sees_what_was_just_saved_and_does_not_lose_it(project, owner):
    case = make_case(project, "Pays", tags=["old"])
    make_case(project, "Adds")
    overtake(
        lambda: lifecycle.change_case(case, by=owner, tags=["new"], description="By card"),
        lambda: change(project, owner, add_tags=["smoke"]),
    )
    assert_versions_tell_the_truth(project)
    case = project.cases.with_content().get(title="Pays")
    assert (case.tags, case.version) == (["new", "smoke"], 3)
    assert case.versions.first().content["description"] == "By card"


@pytest.mark.races("apps.cases.lifecycle.change_cases", "apps.cases.lifecycle.delete_suite")
def test_cases_do_not_move_into_a_suite_that_goes(project, owner):
    suite = make_suite(project)
    make_case(project)
    outcomes = overtake(
        lambda: lifecycle.delete_suite(suite, by=owner),
        lambda: change(project, owner, moves=True, suite=str(suite.pk)),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert not BulkChange.objects.exists()


@pytest.mark.races("apps.cases.lifecycle.undo_change")
def test_a_change_is_undone_once(project, owner):
    make_case(project)
    made = change(project, owner, add_tags=["smoke"])
    outcomes = overtake(
        lambda: lifecycle.undo_change(made, by=owner),
        lambda: lifecycle.undo_change(made, by=owner),
        allow=[TransitionRefused],
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["BulkChange", "TransitionRefused"]
    assert project.cases.get().version == 3


@pytest.mark.races("apps.cases.lifecycle.undo_change", "apps.cases.lifecycle.change_case")
def test_undoing_overwrites_nothing_that_is_saved_meanwhile(project, owner):
    case = make_case(project)
    made = change(project, owner, set={"priority": "P0"})
    overtake(
        lambda: lifecycle.change_case(case, by=owner, description="By card"),
        lambda: lifecycle.undo_change(made, by=owner),
    )
    assert made.items.get().outcome == "changed_since"
    assert (project.cases.get().priority, project.cases.get().version) == ("P0", 3)


@pytest.mark.races("apps.cases.lifecycle.change_cases")
def test_two_workers_at_one_job_share_it(project, owner, monkeypatch):
    monkeypatch.setattr(work, "QUICK", 1)
    monkeypatch.setattr(work, "AT_ONCE", 2)
    for number in range(9):
        make_case(project, f"case {number}")
    made = change(project, owner, add_tags=["smoke"])

    def go_through():
        while work.go_on(made.pk):
            pass

    meet(go_through, go_through)
    made.refresh_from_db()
    assert (made.state, made.done, made.changed) == ("done", 9, 9)
    assert set(project.cases.values_list("version", flat=True)) == {2}


@pytest.mark.races("apps.cases.lifecycle.stop_change")
def test_a_change_that_is_stopped_within_a_batch_keeps_the_batch(project, owner, monkeypatch):
    monkeypatch.setattr(work, "QUICK", 1)
    monkeypatch.setattr(work, "AT_ONCE", 2)
    for number in range(5):
        make_case(project, f"case {number}")
    made = change(project, owner, add_tags=["smoke"])
    overtake(lambda: work.go_on(made.pk), lambda: lifecycle.stop_change(made, by=owner))
    made.refresh_from_db()
    assert (made.state, made.done, made.changed) == ("refused", 2, 2)
    assert project.casetags.count() == 2
    assert not work.go_on(made.pk)
    assert_versions_tell_the_truth(project)
