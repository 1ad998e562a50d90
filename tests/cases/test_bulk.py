from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.artifacts.lifecycle import hang_artifact, store_artifact, unhang_artifact
from apps.cases import lifecycle
from apps.cases.bulk.wanted import Wanted
from apps.cases.content import content_of
from apps.cases.models import BulkChange, Case
from apps.projects.lifecycle import archive_project
from apps.projects.refusals import Refused, TransitionRefused
from testoqa.testing import uses
from tests.cases.results import make_result
from tests.data import populate_cast
from tests.factories import (
    make_artifact,
    make_case,
    make_member,
    make_shared_steps,
    make_suite,
)

pytestmark = uses(populate_cast)


def change(project, by, cases=None, **wanted):
    wanted.setdefault("said", "Changed")
    cases = project.cases.all() if cases is None else cases
    return lifecycle.change_cases(project, cases, Wanted(**wanted), by=by)


def outcomes(change):
    return dict(change.items.order_by("case__number").values_list("case__title", "outcome"))


def contents(project):
    return {case.title: content_of(case) for case in project.cases.with_content()}


def assert_versions_tell_the_truth(project):
    for case in project.cases.with_content():
        numbers = [version.number for version in case.versions.all()]
        assert numbers == list(range(case.version, 0, -1))
        assert case.versions.first().content == content_of(case)


def late(change):
    ended = change.finished_at - timedelta(minutes=10, seconds=1)
    BulkChange.objects.filter(pk=change.pk).update(finished_at=ended)
    change.refresh_from_db()
    return change


def test_every_field_is_set_with_a_version_each_and_undone(project, owner):
    make_case(project, "one", tags=["old", "kept"], steps=[{"action": "Open"}])
    make_case(project, "two", priority="P0", owner=owner, estimate_seconds=60)
    suite = make_suite(project, "checkout")
    before = contents(project)
    made = change(
        project,
        owner,
        set={
            "status": "deprecated", "kind": "automated", "priority": "P1", "severity": "major",
            "owner": "MANAGER@example.com", "estimate_seconds": 90,
        },
        add_tags=["smoke"],
        remove_tags=["old"],
        moves=True,
        suite=str(suite.pk),
        said="Tagged smoke",
    )  # fmt: skip
    assert (made.state, made.total, made.done, made.changed) == ("done", 2, 2, 2)
    assert_versions_tell_the_truth(project)
    case = project.cases.with_content().get(title="one")
    assert content_of(case) == before["one"] | {
        "status": "deprecated", "kind": "automated", "priority": "P1", "severity": "major",
        "owner": "manager@example.com", "estimate_seconds": 90,
        "tags": ["kept", "smoke"], "suite": "checkout",
    }  # fmt: skip
    version = case.versions.first()
    assert (version.note, version.created_by) == ("Tagged smoke with 1 other", owner)
    assert case.updated_at > case.created_at

    undone = lifecycle.undo_change(made, by=owner)
    assert (undone.state, undone.undone_by) == ("undone", owner)
    assert contents(project) == before
    assert_versions_tell_the_truth(project)
    assert set(outcomes(made).values()) == {"undone"}
    assert case.versions.first().note == "Undone: Tagged smoke"


def test_what_is_so_already_makes_no_version_and_archived_cases_are_passed_over(project, owner):
    make_case(project, "so already", tags=["smoke"])
    make_case(project, "new")
    lifecycle.archive_case(make_case(project, "archived"), by=owner)
    made = change(project, owner, add_tags=["smoke"])
    assert outcomes(made) == {"so already": "same", "new": "changed", "archived": "archived"}
    assert (made.total, made.changed) == (3, 1)
    assert dict(project.cases.values_list("title", "version")) == {
        "so already": 1, "new": 2, "archived": 1,
    }  # fmt: skip


def test_versions_tell_what_the_suite_is_called_now(project, owner):
    suite = make_suite(project, "Cart")
    make_case(project, suite=suite)
    lifecycle.change_suite(suite, by=owner, name="Basket")
    change(project, owner, add_tags=["smoke"])
    assert_versions_tell_the_truth(project)


def test_undoing_leaves_and_names_what_was_changed_since(project, owner):
    for title in ("kept", "saved since", "archived since", "suite is gone"):
        make_case(project, title, suite=make_suite(project, title))
    made = change(project, owner, set={"priority": "P0"}, moves=True)
    case = project.cases.get(title="saved since")
    lifecycle.change_case(case, by=owner, description="By card")
    lifecycle.archive_case(project.cases.get(title="archived since"), by=owner)
    project.suites.get(name="suite is gone").delete()
    undone = lifecycle.undo_change(made, by=owner)
    assert undone.state == "undone"
    assert outcomes(made) == {
        "kept": "undone", "saved since": "changed_since", "archived since": "archived_since",
        "suite is gone": "gone",
    }  # fmt: skip
    assert dict(project.cases.values_list("title", "priority")) == {
        "kept": "P2", "saved since": "P0", "archived since": "P0", "suite is gone": "P0",
    }  # fmt: skip
    assert_versions_tell_the_truth(project)


def test_a_change_is_undone_once_and_within_ten_minutes(project, owner):
    make_case(project)
    made = lifecycle.undo_change(change(project, owner, add_tags=["a"]), by=owner)
    with pytest.raises(TransitionRefused, match="undone already"):
        lifecycle.undo_change(made, by=owner)
    made = late(change(project, owner, add_tags=["a"]))
    with pytest.raises(TransitionRefused, match="within ten minutes"):
        lifecycle.undo_change(made, by=owner)
    same = change(project, owner, add_tags=["a"])
    with pytest.raises(TransitionRefused, match="nothing to undo"):
        lifecycle.undo_change(same, by=owner)


def test_cases_become_ready_by_a_review_alone_where_the_project_asks_for_it(project, owner):
    make_case(project, "draft")
    made = change(project, owner, set={"status": "ready"})
    assert outcomes(made) == {"draft": "changed"}
    project.review_required = True
    project.save(update_fields=["review_required"])
    make_case(project, "new")
    with pytest.raises(Refused, match="by a review"):
        change(project, owner, set={"status": "ready"})
    assert project.cases.get(title="new").status == "draft"


def test_a_changed_ready_case_goes_back_to_review_and_returns_when_it_is_undone(project, owner):
    make_case(project, "ready", status="ready")
    make_case(project, "draft")
    project.review_again = True
    project.save(update_fields=["review_again"])
    made = change(project, owner, set={"priority": "P0"})
    assert dict(project.cases.values_list("title", "status")) == {
        "ready": "in_review", "draft": "draft",
    }  # fmt: skip
    review = project.reviews.get()
    assert (review.state, review.version, review.asked_by) == ("open", 2, owner)
    lifecycle.undo_change(made, by=owner)
    review.refresh_from_db()
    assert (review.state, project.cases.get(title="ready").status) == ("withdrawn", "ready")
    assert_versions_tell_the_truth(project)


def test_undoing_lets_the_review_go_on_that_the_change_had_ended(project, owner, manager):
    case = make_case(project, status="in_review")
    project.reviews.get_or_create(case=case, state="open", defaults={"version": 1})
    project.reviews.update(asked_by=manager)
    made = change(project, owner, set={"status": "draft"})
    assert project.reviews.get().state == "withdrawn"
    lifecycle.undo_change(made, by=owner)
    review = project.reviews.get()
    assert (review.state, review.asked_by, review.decided_by) == ("open", manager, None)


def test_an_owner_is_a_member(project, owner, outsider):
    make_case(project)
    with pytest.raises(Refused, match="no member"):
        change(project, owner, set={"owner": outsider.email})
    assert project.cases.get().version == 1
    assert not BulkChange.objects.exists()


def test_values_fit_their_custom_fields_and_only_those_named_are_put_back(project, owner):
    make_case(project, "one")
    project.custom_fields.create(name="Browser", kind="choice", options=["firefox", "chromium"])
    make_case(project, "two", custom={"Browser": "chromium"})
    project.custom_fields.create(name="Level", kind="number", required=True)
    for said in ({"Level": "high"}, {"Level": None}, {"Colour": "red"}, {"Browser": "safari"}):
        with pytest.raises(Refused):
            change(project, owner, set={"custom": said})
    assert not BulkChange.objects.exists()
    made = change(project, owner, set={"custom": {"Level": "2,5", "Browser": "Firefox"}})
    both = {"Level": 2.5, "Browser": "firefox"}
    assert [case.custom for case in project.cases.order_by("number")] == [both, both]
    assert_versions_tell_the_truth(project)
    lifecycle.undo_change(made, by=owner)
    assert [case.custom for case in project.cases.order_by("number")] == [
        {}, {"Browser": "chromium"},
    ]  # fmt: skip
    change(project, owner, set={"custom": {"Browser": None}})
    assert project.cases.get(title="two").custom == {}
    assert_versions_tell_the_truth(project)


def test_no_case_no_sense_and_an_archived_suite_are_refused(project, owner):
    make_case(project)
    suite = lifecycle.archive_suite(make_suite(project), by=owner)
    for wanted in (
        {},
        {"add_tags": ["a"], "archive": True},
        {"add_tags": ["a"], "remove_tags": ["a"]},
        {"moves": True, "suite": str(suite.pk)},
        {"moves": True, "suite": "01932c07-209c-7401-b3ef-8f3f5a1d2c3b"},
    ):
        with pytest.raises(Refused):
            change(project, owner, **wanted)
    with pytest.raises(Refused, match="No case"):
        change(project, owner, project.cases.none(), add_tags=["a"])
    assert not BulkChange.objects.exists()


def test_a_case_gets_no_more_tags_than_it_may_have(project, owner):
    make_case(project, "full", tags=[f"tag {number}" for number in range(200)])
    make_case(project, "new")
    assert outcomes(change(project, owner, add_tags=["one more"])) == {
        "full": "full", "new": "changed",
    }  # fmt: skip


def test_cases_are_archived_restored_and_both_undone_without_versions(project, owner):
    make_case(project, "used")
    lifecycle.archive_case(make_case(project, "archived"), by=owner)
    made = change(project, owner, archive=True)
    assert outcomes(made) == {"used": "changed", "archived": "same"}
    assert project.cases.filter(archived_at=None).count() == 0
    lifecycle.undo_change(made, by=owner)
    assert list(project.cases.active().values_list("title", flat=True)) == ["used"]
    was = project.cases.get(title="archived").archived_at
    made = change(project, owner, archive=False)
    assert outcomes(made) == {"used": "same", "archived": "changed"}
    lifecycle.undo_change(made, by=owner)
    assert project.cases.get(title="archived").archived_at == was
    assert set(project.cases.values_list("version", flat=True)) == {1}


def test_a_case_in_an_archived_suite_is_not_restored_alone(project, owner):
    suite = make_suite(project)
    make_case(project, "inside", suite=suite)
    lifecycle.archive_suite(suite, by=owner)
    assert outcomes(change(project, owner, archive=False)) == {"inside": "suite"}
    assert project.cases.get().is_archived


def test_what_was_archived_again_since_is_left(project, owner):
    case = make_case(project)
    made = change(project, owner, archive=True)
    lifecycle.archive_case(lifecycle.restore_case(case, by=owner), by=owner)
    lifecycle.undo_change(made, by=owner)
    assert set(outcomes(made).values()) == {"archived_since"}
    assert project.cases.get().is_archived


def test_copies_go_to_another_project_and_are_taken_back(project, other_project, owner, manager):
    make_member(other_project, "manager", manager)
    suite = make_suite(other_project, "Incoming")
    case = make_case(project, "one", tags=["money"], steps=[{"action": "Open"}])
    hang_artifact(
        store_artifact(project, SimpleUploadedFile("a.txt", b"a"), by=owner), case, by=owner
    )
    make_case(project, "two")
    make_case(project, "three")
    lifecycle.archive_case(make_case(project, "archived"), by=owner)
    made = change(project, manager, copy_to=other_project.pk, suite=str(suite.pk))
    assert (made.changed, outcomes(made)["archived"]) == (3, "archived")
    copies = {case.title: case for case in other_project.cases.with_content()}
    assert set(copies) == {"one", "two", "three"}
    assert (copies["one"].tags, copies["one"].suite) == (["money"], suite)
    assert copies["one"].versions.get().note == "Copied from WEB-1"
    assert (copies["one"].files.count(), copies["one"].steps.count()) == (1, 1)

    lifecycle.change_case(copies["two"], by=manager, title="two")
    lifecycle.change_case(copies["two"], by=manager, title="two and a half")
    make_result(copies["three"], "passed")
    lifecycle.undo_change(made, by=manager)
    assert outcomes(made) == {
        "one": "undone", "two": "changed_since", "three": "used", "archived": "archived",
    }  # fmt: skip
    assert set(other_project.cases.values_list("title", flat=True)) == {
        "two and a half", "three",
    }  # fmt: skip
    assert not other_project.artifacts.exists()
    assert project.cases.count() == 4


def test_copies_that_somebody_added_to_are_not_taken_back(project, other_project, owner):
    make_member(other_project, "manager", owner)
    for title in ("as it was", "talked of", "with a file", "with another file"):
        hang_artifact(make_artifact(project), make_case(project, title), by=owner)
    made = change(project, owner, copy_to=other_project.pk)
    copies = {case.title: case for case in other_project.cases.all()}
    lifecycle.add_comment(copies["talked of"], "Keep this one.", by=owner)
    hang_artifact(make_artifact(other_project), copies["with a file"], by=owner)
    another = copies["with another file"]
    unhang_artifact(another.files.get().artifact, another, by=owner)
    hang_artifact(make_artifact(other_project), another, by=owner)
    lifecycle.undo_change(made, by=owner)
    assert outcomes(made) == {
        "as it was": "undone", "talked of": "changed_since", "with a file": "changed_since",
        "with another file": "changed_since",
    }  # fmt: skip
    assert copies["talked of"].comments.get().body == "Keep this one."
    assert other_project.artifacts.count() == 4


def test_a_case_whose_own_steps_would_be_too_many_is_not_copied(project, other_project, owner):
    make_member(other_project, "manager", owner)
    shared = make_shared_steps(project, "Sign in", steps=[f"step {n}" for n in range(100)])
    for title, times in (("fits", 2), ("long", 3)):
        make_case(project, title, steps=[{"shared": str(shared.pk)}] * times)
    made = change(project, owner, copy_to=other_project.pk)
    assert outcomes(made) == {"fits": "changed", "long": "long"}
    assert other_project.cases.get().steps.count() == 200


def test_values_whose_field_changed_since_are_not_put_back(project, owner):
    kept, renamed, deleted, narrowed = (
        lifecycle.create_custom_field(project, by=owner, name=name, kind=kind, options=options)
        for name, kind, options in (
            ("kept", "text", []), ("renamed", "text", []), ("deleted", "text", []),
            ("narrowed", "choice", ["x", "y"]),
        )
    )  # fmt: skip
    for field in (kept, renamed, deleted, narrowed):
        make_case(project, field.name, custom={field.name: "x"})
    made = [
        change(project, owner, cases=project.cases.filter(title=name), set={"custom": {name: "y"}})
        for name in ("kept", "renamed", "deleted", "narrowed")
    ]
    lifecycle.change_custom_field(renamed, by=owner, name="new")
    lifecycle.delete_custom_field(deleted, by=owner)
    lifecycle.change_custom_field(narrowed, by=owner, options=["y"])
    for one in made:
        lifecycle.undo_change(one, by=owner)
    assert [list(outcomes(one).values()) for one in made] == [
        ["undone"], ["changed_since"], ["changed_since"], ["changed_since"],
    ]  # fmt: skip
    assert list(project.cases.order_by("number").values_list("custom", flat=True)) == [
        {"kept": "x"}, {"new": "y"}, {}, {"narrowed": "y"},
    ]  # fmt: skip


def test_an_archived_project_takes_no_copies(project, other_project, owner, outsider):
    make_case(project)
    archive_project(other_project, by=outsider)
    with pytest.raises(Refused, match="is archived"):
        change(project, owner, copy_to=other_project.pk)
    assert not Case.objects.filter(project=other_project).exists()


def test_the_trail_has_one_row_a_change_with_its_arguments(project, other_project, owner):
    make_case(project)
    make_case(project)
    made = change(project, owner, add_tags=["smoke"], query="tag:none")
    lifecycle.undo_change(made, by=owner)
    undo, row = project.activity.order_by("-id")[:2]
    assert (row.verb, row.object_id) == ("case.change_many", str(made.pk))
    assert row.after == {"add_tags": ["smoke"], "query": "tag:none", "cases": 2}
    assert (undo.verb, undo.after) == ("case.undo_many", {"cases": 2})
    change(project, owner, copy_to=other_project.pk)
    received = other_project.activity.order_by("-id").first()
    assert (received.verb, received.after) == ("case.receive_many", {"cases": 2, "from": "WEB"})
    assert "OPS" not in str(project.activity.order_by("-id").first().after)
