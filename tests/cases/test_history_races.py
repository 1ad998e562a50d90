"""Restoring, reviewing and commenting by two people at once."""

import pytest

from apps.cases import lifecycle
from apps.cases.models import Case, Mention
from apps.projects.refusals import Refused, TransitionRefused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite
from tests.races import meet, overtake

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


def latest(case):
    return Case.objects.with_content().get(pk=case.pk)


@pytest.fixture
def case(project, manager):
    return make_case(project, "Pays", by=manager)


@pytest.fixture
def sent(case, manager):
    lifecycle.send_to_review(case, by=manager)
    return latest(case)


@pytest.mark.races("apps.cases.lifecycle.restore_version", "apps.cases.lifecycle.change_case")
def test_a_restored_version_and_a_change_are_both_kept(case, manager, owner):
    lifecycle.change_case(case, by=manager, title="Pays by card")
    overtake(
        lambda: lifecycle.change_case(case, by=owner, tags=["money"]),
        lambda: lifecycle.restore_version(case, 1, by=manager),
    )
    assert [row.number for row in case.versions.all()] == [4, 3, 2, 1]
    assert [row.content["tags"] for row in case.versions.all()[:2]] == [[], ["money"]]
    assert latest(case).title == "Pays"


@pytest.mark.races("apps.cases.lifecycle.restore_version", "apps.cases.lifecycle.delete_suite")
def test_a_suite_does_not_go_under_a_restored_case(project, case, manager, owner):
    suite = make_suite(project)
    lifecycle.change_case(case, by=manager, suite=suite)
    lifecycle.change_case(case, by=manager, suite=None)
    outcomes = overtake(
        lambda: lifecycle.restore_version(case, 2, by=manager),
        lambda: lifecycle.delete_suite(suite, by=owner),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Refused", "Restored"]
    assert latest(case).suite == suite


@pytest.mark.races("apps.cases.lifecycle.send_to_review")
def test_a_case_is_sent_to_review_once(case, manager, owner):
    outcomes = overtake(
        lambda: lifecycle.send_to_review(case, by=manager),
        lambda: lifecycle.send_to_review(case, by=owner),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Review", "TransitionRefused"]
    assert case.reviews.get().asked_by == manager


@pytest.mark.races(
    "apps.cases.lifecycle.approve_case",
    "apps.cases.lifecycle.return_case",
    "apps.cases.lifecycle.withdraw_review",
)
def test_one_of_several_decisions_counts(sent, manager, owner):
    outcomes = meet(
        lambda: lifecycle.approve_case(sent, by=owner),
        lambda: lifecycle.return_case(sent, by=owner, note="More"),
        lambda: lifecycle.withdraw_review(sent, by=manager),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Review", "TransitionRefused", "TransitionRefused"]
    assert latest(sent).version == 3


@pytest.mark.races("apps.cases.lifecycle.approve_case", "apps.cases.lifecycle.change_case")
def test_what_is_approved_is_what_was_read(sent, manager, owner):
    outcomes = overtake(
        lambda: lifecycle.change_case(sent, by=manager, title="Pays by card"),
        lambda: lifecycle.approve_case(sent, by=owner, version=2),
        allow=[lifecycle.EditedMeanwhile],
    )
    assert kinds(outcomes) == ["Case", "EditedMeanwhile"]
    assert latest(sent).status == "in_review"


@pytest.mark.races("apps.cases.lifecycle.change_case")
def test_a_change_behind_an_approval_goes_back_to_review(project, sent, manager, owner):
    project.review_again = True
    project.save()
    overtake(
        lambda: lifecycle.approve_case(sent, by=owner),
        lambda: lifecycle.change_case(sent, by=manager, title="Pays by card"),
    )
    assert latest(sent).status == "in_review"
    assert [*sent.reviews.values_list("state", flat=True)] == ["open", "approved"]


@pytest.mark.races("apps.cases.lifecycle.add_comment", "apps.cases.lifecycle.delete_case")
def test_nobody_comments_on_a_case_that_goes(case, owner, viewer):
    outcomes = overtake(
        lambda: lifecycle.delete_case(case, by=owner),
        lambda: lifecycle.add_comment(case, "Word", by=viewer),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["NoneType", "Refused"]


@pytest.mark.races("apps.cases.lifecycle.edit_comment", "apps.cases.lifecycle.delete_comment")
def test_a_deleted_comment_gets_no_words_again(case, manager, viewer):
    comment = lifecycle.add_comment(case, "Word", by=viewer)
    outcomes = overtake(
        lambda: lifecycle.delete_comment(comment, by=manager, manages=True),
        lambda: lifecycle.edit_comment(comment, f"@{manager.email}", by=viewer),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Comment", "Refused"]
    comment.refresh_from_db()
    assert (comment.body, Mention.objects.count()) == ("", 0)


@pytest.mark.races("apps.cases.lifecycle.edit_comment")
def test_two_changes_of_a_comment_call_each_person_once(case, manager, viewer):
    comment = lifecycle.add_comment(case, "Word", by=viewer)
    overtake(
        lambda: lifecycle.edit_comment(comment, f"One @{manager.email}", by=viewer),
        lambda: lifecycle.edit_comment(comment, f"Two @{manager.email}", by=viewer),
    )
    comment.refresh_from_db()
    assert comment.body.startswith("Two")
    assert comment.mentions.get().user == manager
