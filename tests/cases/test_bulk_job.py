from uuid import uuid4

import pytest

from apps.cases import lifecycle
from apps.cases.bulk import work
from apps.cases.bulk.wanted import Wanted
from apps.cases.content import content_of
from apps.cases.custom_fields import ValuesRefused
from apps.memberships.lifecycle import remove_member
from apps.projects.refusals import Refused, TransitionRefused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_member

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A job of two cases at a time, from the third case on."""
    monkeypatch.setattr(work, "QUICK", 2)
    monkeypatch.setattr(work, "AT_ONCE", 2)
    monkeypatch.setattr(work, "COPIED_AT_ONCE", 2)


def make_cases(project, count=5):
    return [make_case(project, f"case {number}") for number in range(count)]


def tag(project, by, **more):
    wanted = Wanted(add_tags=["smoke"], said="Tagged smoke", **more)
    return lifecycle.change_cases(project, project.cases.all(), wanted, by=by)


def test_the_worker_goes_through_the_cases_and_undoes_them(project, owner, run_jobs):
    make_cases(project)
    change = tag(project, owner)
    assert (change.state, change.is_under_way, project.tags.count()) == ("queued", True, 0)
    run_jobs()
    change.refresh_from_db()
    assert (change.state, change.done, change.changed, change.total) == ("done", 5, 5, 5)
    for case in project.cases.with_content():
        assert (case.tags, case.version) == (["smoke"], 2)
        assert case.versions.first().content == content_of(case)
        assert case.versions.first().note == "Tagged smoke with 4 others"
    change = lifecycle.undo_change(change, by=owner)
    assert (change.state, change.is_being_undone, change.to_look_at) == ("running", True, 5)
    run_jobs()
    change.refresh_from_db()
    assert (change.state, change.done) == ("undone", 5)
    assert not project.casetags.exists()


def test_a_stop_leaves_the_rest_and_what_was_done_can_be_undone(project, owner, run_jobs):
    make_cases(project)
    change = tag(project, owner)
    assert work.go_on(change.pk)
    change = lifecycle.stop_change(change, by=owner)
    assert (change.state, change.changed, change.can_be_undone) == ("refused", 2, True)
    assert change.reason == f"{owner} stopped it after 2 of 5 cases."
    assert project.activity.filter(verb="case.stop_many").get().after == {"cases": 5, "done": 2}
    run_jobs()
    assert project.casetags.count() == 2
    with pytest.raises(TransitionRefused, match="has ended"):
        lifecycle.stop_change(change, by=owner)
    change = lifecycle.undo_change(change, by=owner)
    assert (change.state, project.casetags.count()) == ("undone", 0)


def test_what_is_being_undone_and_the_copy_of_a_suite_are_not_stopped(project, owner):
    make_cases(project)
    change = tag(project, owner)
    while work.go_on(change.pk):
        pass
    change = lifecycle.undo_change(change, by=owner)
    assert change.is_being_undone
    with pytest.raises(TransitionRefused, match="put back to the end"):
        lifecycle.stop_change(change, by=owner)
    copy = project.bulk_changes.create(verb="copy_suite", arguments={"to": "x"})
    with pytest.raises(TransitionRefused, match="copied to the end"):
        lifecycle.stop_change(copy, by=owner)


def test_after_an_interruption_it_goes_on_where_it_was(project, owner, run_jobs):
    make_cases(project)
    change = tag(project, owner)
    assert work.go_on(change.pk)
    change.refresh_from_db()
    assert (change.state, change.done) == ("running", 2)
    run_jobs()
    change.refresh_from_db()
    assert (change.state, change.done, change.changed) == ("done", 5, 5)
    assert set(project.cases.values_list("version", flat=True)) == {2}
    assert not work.go_on(change.pk)


def test_cases_that_are_chosen_stay_so_and_those_deleted_are_passed_over(project, owner, run_jobs):
    first, *_ = make_cases(project)
    change = tag(project, owner)
    make_case(project, "later")
    lifecycle.delete_case(first, by=owner)
    run_jobs()
    change.refresh_from_db()
    assert (change.state, change.done, change.changed) == ("done", 5, 4)
    assert project.cases.get(title="later").version == 1


def test_who_leaves_meanwhile_changes_nothing_more(project, owner, run_jobs):
    person = make_member(project, "manager")
    make_cases(project)
    change = tag(project, person)
    work.go_on(change.pk)
    remove_member(project.memberships.get(user=person), by=owner)
    run_jobs()
    change.refresh_from_db()
    assert (change.state, change.changed) == ("refused", 2)
    assert "may no longer change cases" in change.reason
    assert lifecycle.undo_change(change, by=owner).state == "undone"
    assert not project.casetags.exists()


@pytest.mark.parametrize(
    ("wanted", "refusal", "sentence"),
    [
        ({"moves": True, "suite": str(uuid4())}, Refused, "suite is gone"),
        ({"copy_to": ..., "suite": str(uuid4())}, Refused, "suite is gone"),
        ({"set": {"custom": {"Points": "many"}}}, ValuesRefused, "Write a number"),
        ({"set": {"custom": {"Colour": "red"}}}, ValuesRefused, "no custom field"),
        ({"set": {"owner": "outsider@example.com"}}, Refused, "no member"),
    ],
)
def test_what_cannot_be_is_refused_at_once_however_many_cases(
    project, owner, wanted, refusal, sentence
):
    make_cases(project)
    lifecycle.create_custom_field(project, by=owner, name="Points", kind="number")
    wanted = {name: project.pk if value is ... else value for name, value in wanted.items()}
    with pytest.raises(refusal, match=sentence):
        lifecycle.change_cases(project, project.cases.all(), Wanted(**wanted), by=owner)
    assert not project.bulk_changes.exists()


def test_a_suite_that_goes_meanwhile_ends_the_move(project, owner, run_jobs):
    make_cases(project)
    suite = project.suites.create(name="Cart", path="Cart")
    wanted = Wanted(moves=True, suite=str(suite.pk), said="Moved to Cart")
    change = lifecycle.change_cases(project, project.cases.all(), wanted, by=owner)
    suite.delete()
    run_jobs()
    change.refresh_from_db()
    assert (change.state, change.reason) == ("refused", "The suite is gone; choose another.")


def test_the_copies_of_a_job_are_made_once(project, other_project, owner, run_jobs):
    make_member(other_project, "manager", owner)
    make_cases(project)
    wanted = Wanted(copy_to=other_project.pk, said="Copied to another project")
    change = lifecycle.change_cases(project, project.cases.all(), wanted, by=owner)
    work.go_on(change.pk)
    run_jobs()
    assert other_project.cases.count() == 5
    change.refresh_from_db()
    lifecycle.undo_change(change, by=owner)
    run_jobs()
    assert not other_project.cases.exists()
