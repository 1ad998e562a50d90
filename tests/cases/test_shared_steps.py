"""Steps written once and used by many: what their verbs do to the cases that use them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cases import lifecycle
from apps.cases.content import MOST_STEPS, content_of, text_of_steps
from apps.cases.models import Case, Review
from apps.cases.using import runs_under_way
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_run, make_shared_steps, send_results

pytestmark = uses(populate_cast)

SIGN_IN = [
    {"action": "Open the page", "expected": "It asks who I am", "data": ""},
    {"action": "Sign in", "expected": "", "data": "ada"},
]


@pytest.fixture
def shared(project):
    return make_shared_steps(project, steps=SIGN_IN)


def using(project, shared, title="Pays", **fields):
    steps = [{"action": "Begin"}, {"shared": shared.pk}, {"action": "Pay"}]
    return make_case(project, title, steps=steps, **fields)


def latest(case):
    return Case.objects.with_content().get(pk=case.pk)


def is_whole(case):
    """The last version and the text of the search are of what the case says."""
    case = latest(case)
    rows = {str(step.shared_id): step.shared for step in case.steps.all() if step.shared}
    content = content_of(case)
    assert case.versions.get(number=case.version).content == content
    assert case.steps_text == text_of_steps(content["steps"], rows)
    return case


def test_a_case_says_what_its_shared_steps_say(project, shared):
    case = is_whole(using(project, shared))
    assert content_of(case)["steps"] == [
        {"action": "Begin", "expected": "", "data": ""},
        {"shared": str(shared.pk), "title": "Sign in", "steps": SIGN_IN},
        {"action": "Pay", "expected": "", "data": ""},
    ]


def test_a_change_is_a_version_of_each_case_that_uses_them(project, shared, manager):
    first, second, other = using(project, shared), using(project, shared), make_case(project)
    archived = lifecycle.archive_case(using(project, shared), by=manager)
    steps = [*SIGN_IN, {"action": "Confirm the code"}]
    shared = lifecycle.change_shared_steps(shared, by=manager, version=1, steps=steps)
    assert shared.version == 2
    for case in (first, second, archived):
        case = is_whole(case)
        version = case.versions.get(number=2)
        assert (version.note, version.created_by) == ("Shared steps “Sign in” changed", manager)
        assert version.content["steps"][1]["steps"][2]["action"] == "Confirm the code"
        assert "Confirm the code" in case.steps_text
        assert len(case.versions.get(number=1).content["steps"][1]["steps"]) == 2
    assert latest(other).version == 1
    row = project.activity.filter(verb="shared_steps.change").get()
    assert row.after["cases"] == 3


def test_the_same_again_changes_nothing(project, shared, manager):
    case = using(project, shared)
    shared = lifecycle.change_shared_steps(shared, by=manager, title=" Sign  in ", steps=SIGN_IN)
    assert (shared.version, latest(case).version) == (1, 1)


def test_a_change_costs_the_same_for_one_case_and_for_twenty(project, shared, manager):
    def cost(title):
        with CaptureQueriesContext(connection) as queries:
            lifecycle.change_shared_steps(shared, by=manager, title=title)
        return len(queries)

    using(project, shared)
    one = cost("Sign in as Ada")
    for number in range(20):
        using(project, shared, f"Pays {number}")
    assert cost("Sign in as Bob") == one


def test_ready_cases_go_to_review_again_where_the_project_says_so(project, shared, manager):
    project.review_again = True
    project.save()
    ready, draft = using(project, shared, status="ready"), using(project, shared)
    lifecycle.change_shared_steps(shared, by=manager, title="Log in")
    assert (is_whole(ready).status, is_whole(draft).status) == ("in_review", "draft")
    review = Review.objects.get()
    assert (review.case, review.version, review.asked_by) == (ready, 2, manager)


def test_a_second_saver_is_told(project, shared, manager):
    lifecycle.change_shared_steps(shared, by=manager, version=1, title="Log in")
    with pytest.raises(lifecycle.EditedMeanwhile) as refusal:
        lifecycle.change_shared_steps(shared, by=manager, version=1, title="Enter")
    assert refusal.value.extra == {"version": 2}
    shared.refresh_from_db()
    assert shared.title == "Log in"


@pytest.mark.parametrize("steps", [[], [{"action": ""}], [{"action": "x"}] * (MOST_STEPS + 1)])
def test_there_is_at_least_one_step_and_not_too_many(project, shared, manager, steps):
    with pytest.raises(Refused, match=r"at least one step|at most 200"):
        lifecycle.change_shared_steps(shared, by=manager, steps=steps)
    with pytest.raises(Refused, match=r"at least one step|at most 200"):
        lifecycle.create_shared_steps(project, by=manager, title="More", steps=steps)


def test_titles_are_of_the_project_alone(project, other_project, shared, manager):
    make_shared_steps(other_project)
    with pytest.raises(Refused, match="of this title already"):
        make_shared_steps(project)
    more = make_shared_steps(project, "More")
    with pytest.raises(Refused, match="of this title already"):
        lifecycle.change_shared_steps(more, by=manager, title="Sign in")


def test_uses_become_steps_of_the_cases_own(project, shared, manager):
    twice = make_case(
        project,
        steps=[{"shared": shared.pk}, {"action": "Sign out"}, {"shared": shared.pk}],
    )
    once = using(project, shared)
    assert lifecycle.inline_shared_steps(shared, by=manager) == 2
    assert list(latest(twice).steps.values_list("position", "action", "data")) == [
        (1, "Open the page", ""),
        (2, "Sign in", "ada"),
        (3, "Sign out", ""),
        (4, "Open the page", ""),
        (5, "Sign in", "ada"),
    ]
    actions = [step["action"] for step in content_of(is_whole(once))["steps"]]
    assert actions == ["Begin", "Open the page", "Sign in", "Pay"]
    assert once.versions.get(number=2).note == "Shared steps “Sign in” made steps of its own"
    assert is_whole(twice).version == 2
    assert lifecycle.inline_shared_steps(shared, by=manager) == 0


def test_uses_stay_where_a_case_would_get_too_long(project, manager):
    shared = make_shared_steps(project, steps=["Look"] * 150)
    case = make_case(project, steps=[{"shared": shared.pk}, {"shared": shared.pk}])
    with pytest.raises(Refused, match="WEB-1 would have more than 200 steps"):
        lifecycle.inline_shared_steps(shared, by=manager)
    assert latest(case).steps.count() == 2


def test_shared_steps_are_deleted_when_nothing_uses_them(project, shared, manager):
    using(project, shared)
    with pytest.raises(Refused, match=r"1 case uses “Sign in”"):
        lifecycle.delete_shared_steps(shared, by=manager)
    lifecycle.inline_shared_steps(shared, by=manager)
    lifecycle.delete_shared_steps(shared, by=manager)
    assert not project.shared_steps.exists()


def test_steps_of_a_case_become_shared(project, manager):
    case = make_case(project, steps=[{"action": name} for name in ("Open", "Sign in", "Pay")])
    shared = lifecycle.share_steps(case, [2, 1], by=manager, title="Enter")
    assert [step["action"] for step in shared.steps] == ["Open", "Sign in"]
    case = is_whole(case)
    assert [step.title or step.action for step in case.steps.all()] == ["Enter", "Pay"]
    for places in ([], [1, 2], [2, 9], [0]):
        with pytest.raises(Refused):
            lifecycle.share_steps(case, places, by=manager, title="Again")
    assert project.shared_steps.count() == 1


def test_runs_under_way_that_hold_a_case_are_counted(project, shared):
    case = using(project, shared)
    make_run(project, cases=[case])
    make_run(project, cases=[make_case(project)])
    assert runs_under_way(shared) == 1
    send_results(make_run(project), {"name": "x", "case": case.key})
    assert runs_under_way(shared) == 2


def test_shared_steps_of_another_project_are_none(project, other_project, manager):
    foreign = make_shared_steps(other_project)
    case = make_case(project)
    with pytest.raises(Refused, match="are gone"):
        lifecycle.change_case(case, by=manager, steps=[{"shared": foreign.pk}])
