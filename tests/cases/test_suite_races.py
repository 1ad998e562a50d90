import pytest

from apps.cases import lifecycle
from apps.cases.models import Case, Suite
from apps.cases.suites import state_of
from apps.projects.refusals import Refused, TransitionRefused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite
from tests.races import meet, overtake

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def positions(project, parent=None):
    return list(project.suites.filter(parent=parent).values_list("name", "position"))


@pytest.mark.races("apps.cases.lifecycle.move_suite")
def test_two_moves_leave_every_sibling_a_place_of_its_own(project, owner):
    a, b, c = (make_suite(project, name) for name in "abc")
    overtake(
        lambda: lifecycle.move_suite(c, by=owner, parent=None, before=a),
        lambda: lifecycle.move_suite(b, by=owner, parent=None, before=a),
    )
    assert positions(project) == [("c", 1), ("b", 2), ("a", 3)]


@pytest.mark.races("apps.cases.lifecycle.move_suite")
def test_two_suites_do_not_move_into_each_other(project, owner):
    one, two = make_suite(project, "one"), make_suite(project, "two")
    outcomes = overtake(
        lambda: lifecycle.move_suite(one, by=owner, parent=two),
        lambda: lifecycle.move_suite(two, by=owner, parent=one),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Refused", "Suite"]
    assert project.suites.filter(parent=None).get() == two


@pytest.mark.races("apps.cases.lifecycle.step_suite")
def test_two_steps_are_two_steps(project, owner):
    _, _, c = (make_suite(project, name) for name in "abc")
    meet(
        lambda: lifecycle.step_suite(c, by=owner, direction="up"),
        lambda: lifecycle.step_suite(c, by=owner, direction="up"),
    )
    assert positions(project) == [("c", 1), ("a", 2), ("b", 3)]


@pytest.mark.races("apps.cases.lifecycle.archive_suite", "apps.cases.lifecycle.create_case")
def test_a_new_case_is_archived_with_its_suite_or_refused(project, owner):
    suite = make_suite(project)
    overtake(
        lambda: lifecycle.create_case(project, by=owner, title="Pays", suite=suite),
        lambda: lifecycle.archive_suite(suite, by=owner),
    )
    assert Case.objects.get().is_archived
    lifecycle.restore_suite(Suite.objects.get(), by=owner)
    outcomes = overtake(
        lambda: lifecycle.archive_suite(suite, by=owner),
        lambda: lifecycle.create_case(project, by=owner, title="Late", suite=suite),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Suite", "TransitionRefused"]
    assert Case.objects.count() == 1


@pytest.mark.races("apps.cases.lifecycle.bring_back_suites")
def test_of_two_files_that_bring_a_suite_back_one_does_it(project, owner):
    suite = make_suite(project)
    lifecycle.archive_suite(suite, by=owner)
    overtake(
        lambda: lifecycle.bring_back_suites(project, [suite.pk], by=owner),
        lambda: lifecycle.bring_back_suites(project, [suite.pk], by=owner),
    )
    suite.refresh_from_db()
    assert not suite.is_archived
    assert project.activity.filter(verb="suite.restore").count() == 1


@pytest.mark.races("apps.cases.lifecycle.restore_suite", "apps.cases.lifecycle.restore_case")
def test_a_suite_is_restored_once_and_its_case_with_it(project, owner):
    suite = make_suite(project)
    case = make_case(project, suite=suite)
    lifecycle.archive_suite(suite, by=owner)
    case.refresh_from_db()
    outcomes = overtake(
        lambda: lifecycle.restore_suite(suite, by=owner),
        lambda: lifecycle.restore_suite(suite, by=owner),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Suite", "TransitionRefused"]
    outcomes = overtake(
        lambda: lifecycle.archive_suite(suite, by=owner),
        lambda: lifecycle.restore_case(case, by=owner),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Suite", "TransitionRefused"]
    assert Case.objects.get().is_archived


@pytest.mark.races("apps.cases.lifecycle.copy_suite", "apps.cases.lifecycle.change_case")
def test_a_copy_says_what_its_version_says_while_the_source_changes(project, owner):
    suite = make_suite(project)
    case = make_case(project, "First", suite=suite, steps=[{"action": "Open"}])
    overtake(
        lambda: lifecycle.change_case(
            case, by=owner, title="Second", steps=[{"action": "Close"}, {"action": "Lock"}]
        ),
        lambda: lifecycle.copy_suite(suite, by=owner),
    )
    copy = Case.objects.with_content().get(number=2)
    assert (copy.title, copy.steps.count()) == ("Second", 2)
    assert copy.versions.get().content["title"] == "Second"


@pytest.mark.races("apps.cases.lifecycle.copy_suite", "apps.cases.lifecycle.delete_suite")
def test_two_copies_have_two_names_and_a_deleted_suite_has_none(project, owner):
    suite = make_suite(project, "cart")
    overtake(
        lambda: lifecycle.copy_suite(suite, by=owner),
        lambda: lifecycle.copy_suite(suite, by=owner),
    )
    assert [name for name, _ in positions(project)] == ["cart", "cart (copy 2)", "cart (copy)"]
    outcomes = overtake(
        lambda: lifecycle.delete_suite(suite, by=owner),
        lambda: lifecycle.copy_suite(suite, by=owner),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["NoneType", "Refused"]


@pytest.mark.races("apps.cases.lifecycle.change_suite")
def test_of_two_who_save_what_they_saw_one_sees_the_other_first(project, owner):
    suite = make_suite(project, "Cart")
    seen = state_of(suite)
    outcomes = overtake(
        lambda: lifecycle.change_suite(suite, by=owner, seen=seen, description="one"),
        lambda: lifecycle.change_suite(suite, by=owner, seen=seen, description="two"),
        allow=[lifecycle.EditedMeanwhile],
    )
    assert kinds(outcomes) == ["EditedMeanwhile", "Suite"]
    assert project.suites.get().description == "one"
