"""Order, copies, archive and removal of suites, by their verbs."""

import pytest
from django.db.models import F

from apps.cases import lifecycle, suite_copies, tasks
from apps.cases.lifecycle import suite_copies as verbs
from apps.cases.models import BulkChange, Case, Suite
from apps.cases.suite_copies import AT_ONCE
from apps.cases.tree import shown_tree
from apps.memberships.lifecycle import remove_member
from apps.projects.lifecycle import archive_project
from apps.projects.refusals import Refused, TransitionRefused
from testoqa.testing import uses
from tests.cases.results import make_results
from tests.data import populate_cast
from tests.factories import make_artifact, make_case, make_suite

pytestmark = uses(populate_cast)


@pytest.fixture
def tree(project):
    """a, b and c at the top; a holds x and y, x holds deep."""
    made = {name: make_suite(project, name) for name in "abc"}
    made |= {name: make_suite(project, name, made["a"]) for name in "xy"}
    return made | {"deep": make_suite(project, "deep", made["x"])}


def paths(project, **filters):
    rows = project.suites.filter(**filters)
    return [row.path for row in rows.order_by("parent__path", "position", "name")]


def move(suite, by, parent=None, before=None):
    suite = Suite.objects.get(pk=suite.pk)
    return lifecycle.move_suite(suite, by=by, parent=parent, before=before)


def step(suite, by, direction):
    return lifecycle.step_suite(Suite.objects.get(pk=suite.pk), by=by, direction=direction)


def level(project, parent=None):
    return list(project.suites.filter(parent=parent).values_list("name", flat=True))


def test_a_suite_is_put_before_another_or_last(project, tree, manager):
    move(tree["c"], manager, before=tree["a"])
    assert level(project) == ["c", "a", "b"]
    move(tree["c"], manager, before=tree["b"])
    assert level(project) == ["a", "c", "b"]
    moved = move(tree["a"], manager)
    assert (level(project), moved.position) == (["c", "b", "a"], 3)
    moved = move(tree["b"], manager, parent=tree["a"], before=tree["y"])
    assert (level(project, tree["a"]), moved.path) == (["x", "b", "y"], "a / b")
    note = project.activity.filter(verb="suite.move").latest("id")
    assert note.before == {"path": "b"}
    assert note.after == {"path": "a / b", "position": 2}


def test_a_move_numbers_siblings_alone_and_in_as_many_queries_for_many(
    project, tree, manager, django_assert_max_num_queries
):
    lifecycle.find_or_create_suites(project, [(f"s{n}",) for n in range(60)])
    project.suites.filter(parent=tree["a"]).update(position=F("position") + 40)
    with django_assert_max_num_queries(16):
        move(tree["c"], manager, before=tree["b"])
    positions = project.suites.filter(parent=None).values_list("position", flat=True)
    assert sorted(positions) == list(range(1, 64))
    assert set(project.suites.filter(parent=tree["a"]).values_list("position", flat=True)) == {40}


def test_a_suite_cannot_be_moved_within_itself_or_beside_its_name(project, tree, manager):
    with pytest.raises(Refused, match="within itself"):
        move(tree["a"], manager, parent=tree["deep"])
    make_suite(project, "x")
    with pytest.raises(Refused, match="of this name"):
        move(tree["x"], manager)
    with pytest.raises(Refused, match="does not lie there"):
        move(tree["b"], manager, before=tree["y"])


def test_steps_go_up_down_in_and_out_and_end_at_the_edges(project, tree, manager):
    step(tree["b"], manager, "up")
    assert level(project) == ["b", "a", "c"]
    step(tree["b"], manager, "down")
    assert level(project) == ["a", "b", "c"]
    step(tree["b"], manager, "in")
    assert level(project, tree["a"]) == ["x", "y", "b"]
    step(tree["x"], manager, "out")
    assert level(project) == ["a", "x", "c"]
    assert paths(project, name="deep") == ["x / deep"]
    for suite, direction, why in [
        ("a", "up", "first"), ("c", "down", "last"), ("a", "in", "no suite before"),
        ("a", "out", "at the top"),
    ]:  # fmt: skip
        with pytest.raises(Refused, match=why):
            step(tree[suite], manager, direction)


def test_an_archived_branch_leaves_tree_and_counts_and_comes_back_as_it_was(project, tree, manager):
    old = lifecycle.archive_case(make_case(project, "Old", suite=tree["x"]), by=manager)
    case = make_case(project, "Pays", suite=tree["deep"])
    lifecycle.archive_suite(tree["y"], by=manager)
    lifecycle.archive_suite(tree["a"], by=manager)
    assert not project.cases.active().exists()
    shown = shown_tree(project)
    assert [node.name for node in shown.nodes] == ["b", "c"]
    assert (shown.total, shown.has_archived) == (0, True)
    assert shown_tree(project, archived=True).nodes[0].is_archived
    assert shown_tree(project, tree["x"].pk).selected.is_archived

    restored = lifecycle.restore_suite(Suite.objects.get(pk=tree["a"].pk), by=manager)
    assert not restored.is_archived
    assert paths(project, archived_at__isnull=False) == ["a / y"]
    assert list(project.cases.active()) == [case]
    assert project.cases.get(pk=old.pk).is_archived
    note = project.activity.filter(verb="suite.restore").get()
    assert note.after == {"suites": 3, "cases": 1}


def test_nothing_is_put_into_an_archived_suite(project, tree, manager):
    case = make_case(project, suite=tree["x"])
    lifecycle.archive_suite(tree["a"], by=manager)
    archived = Suite.objects.get(pk=tree["a"].pk)
    for verb in [
        lambda: make_case(project, suite=archived),
        lambda: lifecycle.change_case(make_case(project), by=manager, suite=archived),
        lambda: lifecycle.restore_case(project.cases.get(pk=case.pk), by=manager),
        lambda: make_suite(project, "new", archived),
        lambda: move(tree["b"], manager, parent=archived),
        lambda: move(archived, manager),
        lambda: lifecycle.change_suite(archived, by=manager, name="z"),
        lambda: lifecycle.copy_suite(archived, by=manager),
        lambda: lifecycle.archive_suite(archived, by=manager),
        lambda: lifecycle.restore_suite(Suite.objects.get(pk=tree["x"].pk), by=manager),
    ]:
        with pytest.raises(TransitionRefused, match="archived"):
            verb()


def test_a_suite_goes_with_as_many_cases_as_were_named(project, tree, manager):
    case = make_case(project, suite=tree["deep"], tags=["a"], steps=[{"action": "Open"}])
    artifact = make_artifact(project)
    case.files.create(project=project, artifact=artifact)
    kept = make_case(project)
    with pytest.raises(Refused, match="holds 1 case,") as refusal:
        lifecycle.delete_suite(tree["a"], by=manager)
    assert refusal.value.extra == {"cases": 1}
    with pytest.raises(Refused, match="holds 1 case,"):
        lifecycle.delete_suite(tree["a"], by=manager, cases=2)
    lifecycle.delete_suite(tree["a"], by=manager, cases=1)
    assert level(project) == ["b", "c"]
    assert list(project.cases.all()) == [kept]
    assert not project.artifacts.exists()
    with pytest.raises(Refused, match="no cases any more"):
        lifecycle.delete_suite(tree["b"], by=manager, cases=1)


def test_a_suite_in_which_something_ran_is_never_deleted(project, tree, manager):
    case = make_case(project, suite=tree["deep"])
    make_results(case, ["passed"])
    with pytest.raises(Refused, match="have results"):
        lifecycle.delete_suite(tree["a"], by=manager, cases=1)
    assert project.cases.count() == 1


def test_a_copy_has_all_that_is_in_use_and_stands_beside_its_source(project, tree, manager):
    lifecycle.change_suite(
        tree["x"], by=manager, description="Deep", owner=manager, execution_order=2,
        timeout_seconds=30, parallel_safe=False, prerequisites="A shop",
    )  # fmt: skip
    make_case(project, "Pays", suite=tree["deep"], tags=["money"], steps=[{"action": "Open"}])
    lifecycle.archive_case(make_case(project, "Old", suite=tree["x"]), by=manager)
    lifecycle.archive_suite(tree["y"], by=manager)
    made = lifecycle.copy_suite(tree["a"], by=manager)
    assert (made.suite.path, made.cases, made.change) == ("a (copy)", 1, None)
    assert level(project) == ["a", "a (copy)", "b", "c"]
    assert paths(project, path__startswith="a (copy) /") == [
        "a (copy) / x",
        "a (copy) / x / deep",
    ]
    x = project.suites.get(path="a (copy) / x")
    assert (x.description, x.owner, x.execution_order) == ("Deep", manager, 2)
    assert (x.timeout_seconds, x.parallel_safe, x.prerequisites) == (30, False, "A shop")
    (case,) = project.suites.get(path="a (copy) / x / deep").cases.with_content()
    assert (case.title, case.tags, case.key) == ("Pays", ["money"], "WEB-3")
    assert case.versions.get().note == "Copied from WEB-1"
    assert case.versions.get().content["suite"] == "a (copy) / x / deep"
    assert lifecycle.copy_suite(tree["a"], by=manager).suite.name == "a (copy 2)"


def test_a_copy_may_lie_within_its_source_and_have_a_name_of_its_own(project, tree, manager):
    made = lifecycle.copy_suite(tree["a"], by=manager, parent=tree["x"], name="again")
    assert made.suite.path == "a / x / again"
    assert paths(project, path__startswith="a / x / again / ") == [
        "a / x / again / x",
        "a / x / again / y",
        "a / x / again / x / deep",
    ]
    with pytest.raises(Refused, match="of this name"):
        lifecycle.copy_suite(tree["a"], by=manager, parent=None, name="b")


@pytest.mark.django_db(transaction=True)
def test_many_cases_are_copied_by_a_job_which_tells_how_far_it_is(project, tree, manager, run_jobs):
    Case.objects.bulk_create(
        Case(project=project, number=n, title=f"Case {n}", suite=tree["deep" if n > 1 else "x"])
        for n in range(1, AT_ONCE + 4)
    )
    project.__class__.objects.filter(pk=project.pk).update(last_case_number=AT_ONCE + 3)
    made = lifecycle.copy_suite(tree["a"], by=manager)
    assert (made.change.total, made.change.done, made.cases) == (AT_ONCE + 3, 0, AT_ONCE + 3)
    lifecycle.delete_case(project.cases.get(number=2), by=manager)
    run_jobs()
    change = BulkChange.objects.get(pk=made.change.pk)
    assert (change.state, change.done, change.changed) == ("done", AT_ONCE + 2, AT_ONCE + 2)
    assert change.reason == f"1 of {AT_ONCE + 3} cases went meanwhile, or its suite did."
    copies = project.cases.filter(suite__path__startswith="a (copy)")
    assert copies.count() == AT_ONCE + 2
    assert copies.get(title="Case 1").suite.path == "a (copy) / x"


@pytest.fixture
def waiting(project, tree, monkeypatch):
    """waiting(by) copies a suite with three cases by a job, which has not begun."""
    monkeypatch.setattr(suite_copies, "AT_ONCE", 1)
    monkeypatch.setattr(verbs, "AT_ONCE", 1)
    for _ in range(3):
        make_case(project, suite=tree["deep"])
    return lambda by: lifecycle.copy_suite(tree["a"], by=by).change


@pytest.mark.django_db(transaction=True)
def test_a_copy_ends_where_its_maker_may_change_cases_no_more(
    project, waiting, owner, manager, run_jobs
):
    change = waiting(manager)
    assert suite_copies.copy_next(change.pk)
    remove_member(project.memberships.get(user=manager), by=owner)
    run_jobs()
    change.refresh_from_db()
    assert (change.state, change.changed, project.cases.count()) == ("refused", 1, 4)
    assert "may no longer change cases" in change.reason
    archived = waiting(owner)
    archive_project(project, by=owner)
    run_jobs()
    archived.refresh_from_db()
    assert (archived.state, archived.changed) == ("refused", 0)


@pytest.mark.django_db(transaction=True)
def test_a_copy_that_fails_to_its_last_attempt_says_so(waiting, owner, run_jobs, monkeypatch):
    def failing(*arguments, **named):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(suite_copies, "copy_cases", failing)
    change = waiting(owner)
    run_jobs()
    change.refresh_from_db()
    assert change.state == "queued", "a job that fails is tried again"
    monkeypatch.setattr(tasks, "RETRIES", 0)
    change = waiting(owner)
    run_jobs()
    change.refresh_from_db()
    assert (change.state, change.is_under_way) == ("refused", False)
    assert "error of this site" in change.reason
