import pytest

from apps.cases import lifecycle
from apps.cases.content import content_of
from apps.cases.copying import copy_cases
from apps.cases.models import Case
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_shared_steps
from tests.races import meet, overtake

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


@pytest.fixture
def shared(project):
    return make_shared_steps(project)


@pytest.fixture
def case(project, shared):
    return make_case(project, steps=[{"shared": shared.pk}])


def is_whole(project):
    for case in Case.objects.with_content().filter(project=project):
        numbers = [row.number for row in case.versions.all()]
        assert numbers == list(range(case.version, 0, -1))
        assert case.versions.first().content == content_of(case)


@pytest.mark.races("apps.cases.lifecycle.create_shared_steps")
def test_one_of_two_of_a_title_is_refused(project, owner):
    outcomes = overtake(
        lambda: make_shared_steps(project, by=owner),
        lambda: make_shared_steps(project, by=owner),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Refused", "SharedSteps"]


@pytest.mark.races("apps.cases.lifecycle.change_shared_steps")
def test_the_second_of_two_savers_overwrites_nothing(project, shared, case, owner):
    outcomes = overtake(
        lambda: lifecycle.change_shared_steps(shared, by=owner, version=1, title="First"),
        lambda: lifecycle.change_shared_steps(shared, by=owner, version=1, title="Second"),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["EditedMeanwhile", "SharedSteps"]
    assert project.shared_steps.get().title == "First"
    is_whole(project)


@pytest.mark.races("apps.cases.lifecycle.change_shared_steps", "apps.cases.lifecycle.change_case")
@pytest.mark.parametrize("is_first", [True, False])
def test_a_case_that_changes_meanwhile_has_a_version_of_each_change(
    project, shared, case, owner, is_first
):
    def change():
        lifecycle.change_shared_steps(shared, by=owner, title="Log in")

    def begin():
        steps = [{"action": "Begin"}, {"shared": shared.pk}]
        lifecycle.change_case(case, by=owner, steps=steps)

    overtake(*((change, begin) if is_first else (begin, change)))
    assert Case.objects.get().version == 3
    is_whole(project)


@pytest.mark.races("apps.cases.lifecycle.change_shared_steps", "apps.cases.lifecycle.create_case")
@pytest.mark.parametrize("is_first", [True, False])
def test_a_case_that_begins_to_use_them_meanwhile_says_what_they_say(
    project, shared, owner, is_first
):
    def change():
        lifecycle.change_shared_steps(shared, by=owner, title="Log in")

    def begin():
        make_case(project, by=owner, steps=[{"shared": shared.pk}])

    overtake(*((change, begin) if is_first else (begin, change)))
    is_whole(project)


@pytest.mark.races("apps.cases.lifecycle.change_shared_steps")
def test_nobody_waits_for_the_other_in_a_circle(project, shared, owner):
    other = make_shared_steps(project, "Other")
    both = [{"shared": shared.pk}, {"shared": other.pk}]
    cases = [make_case(project, f"Case {number}", steps=both) for number in range(5)]
    meet(
        lambda: lifecycle.change_shared_steps(shared, by=owner, title="One"),
        lambda: lifecycle.change_shared_steps(other, by=owner, title="Two"),
        lambda: copy_cases(project.cases.all(), project, by=owner),
        lambda: lifecycle.change_case(cases[0], by=owner, steps=[*both, {"action": "x"}]),
        lambda: lifecycle.change_case(cases[4], by=owner, steps=both[::-1]),
    )
    assert project.cases.count() == 10
    is_whole(project)


@pytest.mark.races("apps.cases.lifecycle.inline_shared_steps", "apps.cases.lifecycle.create_case")
def test_a_use_that_comes_meanwhile_becomes_plain_as_well(project, shared, case, owner):
    overtake(
        lambda: make_case(project, "Late", by=owner, steps=[{"shared": shared.pk}]),
        lambda: lifecycle.inline_shared_steps(shared, by=owner),
    )
    assert not project.casesteps.exclude(shared=None).exists()
    is_whole(project)


@pytest.mark.races("apps.cases.lifecycle.delete_shared_steps", "apps.cases.lifecycle.change_case")
@pytest.mark.parametrize("is_first", [True, False])
def test_shared_steps_do_not_go_under_a_case(project, shared, owner, is_first):
    case = make_case(project)

    def delete():
        lifecycle.delete_shared_steps(shared, by=owner)

    def use():
        lifecycle.change_case(case, by=owner, steps=[{"shared": shared.pk}])

    outcomes = overtake(*((delete, use) if is_first else (use, delete)), allow=[Refused])
    assert kinds(outcomes) == ["NoneType", "Refused"]
    assert project.shared_steps.exists() != is_first
    is_whole(project)


@pytest.mark.races("apps.cases.lifecycle.share_steps")
def test_steps_are_shared_once(project, owner):
    case = make_case(project, steps=[{"action": "Open"}, {"action": "Pay"}])

    def share():
        return lifecycle.share_steps(case, [1], by=owner, title="Enter", version=1)

    outcomes = overtake(share, share, allow=[Refused])
    assert kinds(outcomes) == ["Refused", "SharedSteps"]
    assert project.shared_steps.count() == 1
    is_whole(project)
