"""A case is sent to review, and somebody else than its author decides on it."""

import pytest
from django.urls import reverse

from apps.cases import lifecycle
from apps.cases.models import Case, Review
from apps.projects.refusals import Refused, TransitionRefused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_token

pytestmark = uses(populate_cast)


@pytest.fixture
def case(project, manager):
    """A draft of the manager's."""
    return make_case(project, "Pays", by=manager)


@pytest.fixture
def sent(case, manager):
    """The same, sent to review."""
    lifecycle.send_to_review(case, by=manager)
    return latest(case)


def latest(case):
    return Case.objects.with_content().get(pk=case.pk)


def page(name, case):
    return reverse(f"cases:{name}", args=["WEB", case.number])


def history(case):
    rows = case.versions.order_by("number")
    return [(row.number, row.content["status"], row.note) for row in rows]


def states(case):
    return [*case.reviews.order_by("id").values_list("state", flat=True)]


def test_a_case_goes_to_review_and_is_ready_when_somebody_else_approves_it(
    case, manager, owner, tester, outsider, post
):
    for name in ("send_to_review", "withdraw_review", "approve", "return"):
        assert post(tester, page(name, case)).status_code == 403
        assert post(outsider, page(name, case)).status_code == 404
    assert post(manager, page("send_to_review", case)).status_code == 302
    assert latest(case).status == "in_review"
    post(owner, page("approve", case), version=2, note="Well written")
    assert history(case) == [
        (1, "draft", ""),
        (2, "in_review", "Sent to review"),
        (3, "ready", "Approved: Well written"),
    ]
    review = case.reviews.get()
    assert (review.state, review.version, review.note) == ("approved", 3, "Well written")
    assert (review.asked_by, review.decided_by) == (manager, owner)
    verbs = ["case.approve", "case.send_to_review"]
    assert [*case.project.activity.filter(verb__in=verbs).values_list("verb", flat=True)] == verbs


def test_a_case_is_returned_with_a_note_and_sent_again(sent, manager, owner):
    with pytest.raises(Refused, match="Say what is missing"):
        lifecycle.return_case(sent, by=owner, note=" ")
    lifecycle.return_case(sent, by=owner, note="Which card?")
    assert history(sent)[-1] == (3, "draft", "Returned: Which card?")
    lifecycle.send_to_review(sent, by=manager)
    lifecycle.approve_case(sent, by=owner)
    assert states(sent) == ["returned", "approved"]


def test_a_review_is_taken_back(sent, manager, owner):
    lifecycle.withdraw_review(sent, by=manager)
    assert (latest(sent).status, states(sent)) == ("draft", ["withdrawn"])
    for verb in (lifecycle.withdraw_review, lifecycle.approve_case):
        with pytest.raises(TransitionRefused, match="not in review"):
            verb(sent, by=owner)


def test_nobody_decides_on_what_they_sent(project, owner, manager):
    case = make_case(project, by=owner)
    lifecycle.send_to_review(case, by=manager)
    for person in (manager, owner):
        with pytest.raises(Refused, match="somebody else decides") as refusal:
            lifecycle.approve_case(case, by=person)
        assert refusal.value.code == "own_work"
        with pytest.raises(Refused, match="somebody else decides"):
            lifecycle.return_case(case, by=person, note="No")


def test_who_wrote_before_the_last_approval_or_only_decided_is_no_author(project, owner, manager):
    case = make_case(project, by=owner)
    lifecycle.send_to_review(case, by=owner)
    lifecycle.return_case(case, by=manager, note="More")
    lifecycle.send_to_review(case, by=owner)
    lifecycle.approve_case(case, by=manager)
    lifecycle.change_case(case, by=manager, title="Pays by card")
    lifecycle.send_to_review(case, by=manager)
    lifecycle.approve_case(case, by=owner)
    assert latest(case).status == "ready"


def test_what_was_not_read_is_not_approved(sent, manager, owner):
    lifecycle.change_case(sent, by=manager, title="Pays by card")
    with pytest.raises(lifecycle.EditedMeanwhile, match="saved version 3 meanwhile: Title"):
        lifecycle.approve_case(sent, by=owner, version=2)
    lifecycle.approve_case(sent, by=owner, version=3)


def test_only_a_draft_or_a_ready_case_is_sent(sent, manager):
    with pytest.raises(TransitionRefused, match="in review"):
        lifecycle.send_to_review(sent, by=manager)
    lifecycle.change_case(sent, by=manager, status="deprecated")
    with pytest.raises(TransitionRefused, match="deprecated"):
        lifecycle.send_to_review(sent, by=manager)
    lifecycle.archive_case(sent, by=manager)
    with pytest.raises(TransitionRefused, match="archived"):
        lifecycle.send_to_review(sent, by=manager)


def test_a_status_set_by_hand_keeps_the_review_true(case, manager):
    lifecycle.change_case(case, by=manager, status="in_review")
    assert states(case) == ["open"]
    lifecycle.change_case(case, by=manager, status="draft")
    assert states(case) == ["withdrawn"]
    made = make_case(case.project, by=manager, status="in_review")
    assert made.reviews.get().asked_by == manager


# What a project asks for


@pytest.fixture
def strict(project):
    project.review_required = project.review_again = True
    project.save()
    return project


def test_a_project_that_requires_reviews_has_no_other_way_to_ready(
    strict, case, manager, owner, post, client
):
    with pytest.raises(Refused, match="send it to review") as refusal:
        lifecycle.change_case(case, by=manager, status="ready")
    assert (refusal.value.field, refusal.value.code) == ("status", "review_required")
    with pytest.raises(Refused, match="send it to review"):
        make_case(strict, status="ready")
    form = {"title": "Pays", "kind": "manual", "status": "ready", "priority": "P1", "version": "1"}
    steps = {"steps-TOTAL_FORMS": "0", "steps-INITIAL_FORMS": "0"}
    answer = post(manager, page("edit", case), **form, **steps)
    assert "status" in answer.context["form"].errors
    token = {"Authorization": f"Bearer {make_token(manager)}"}
    address = f"/api/v1/projects/WEB/cases/{case.number}/"
    answer = client.patch(address, {"status": "ready"}, "application/json", headers=token)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "status")
    assert latest(case).version == 1
    lifecycle.send_to_review(case, by=manager)
    lifecycle.approve_case(case, by=owner)
    assert latest(case).status == "ready"


def test_a_changed_ready_case_goes_back_to_review(strict, sent, manager, owner):
    lifecycle.approve_case(sent, by=owner)
    case = lifecycle.change_case(sent, by=manager, title="Pays by card", status="ready")
    assert case.status == "in_review"
    assert case.versions.first().content == {
        **case.versions.get(number=3).content, "title": "Pays by card", "status": "in_review",
    }  # fmt: skip
    review = case.reviews.get(state="open")
    assert (review.asked_by, review.version) == (manager, 4)
    lifecycle.approve_case(case, by=owner)
    assert latest(case).status == "ready"


def test_a_status_alone_sends_nothing_back(strict, sent, manager, owner):
    lifecycle.approve_case(sent, by=owner)
    lifecycle.change_case(sent, by=manager, status="deprecated")
    assert (latest(sent).status, states(sent)) == ("deprecated", ["approved"])


def test_a_review_is_not_restored_with_an_old_version(strict, sent, manager, owner):
    lifecycle.approve_case(sent, by=owner)
    lifecycle.change_case(sent, by=manager, title="No", status="draft")
    case, left_out = lifecycle.restore_version(sent, 3, by=manager)
    assert (case.title, case.status) == ("Pays", "draft")
    assert left_out == [
        "The status “Ready” comes by a review alone, so it stays “Draft”.",
    ]


def test_an_owner_says_whether_cases_are_reviewed(project, owner, client):
    client.force_login(owner)
    form = {"name": "Shop", "default_branch": "main", "repeats": "instances"}
    client.post("/projects/WEB/settings/", {**form, "review_required": "on", "review_again": "on"})
    project.refresh_from_db()
    assert (project.review_required, project.review_again) == (True, True)
    row = project.activity.filter(verb="project.change").first()
    assert row.after == {"name": "Shop", "review_required": True, "review_again": True}
    answer = client.patch(
        "/api/v1/projects/WEB/", {"review_again": False}, "application/json"
    ).json()
    assert (answer["review_required"], answer["review_again"]) == (True, False)


# Pages


def test_the_case_shows_a_reviewer_what_changed_since_the_approval(
    sent, manager, owner, tester, client
):
    lifecycle.approve_case(sent, by=owner)
    lifecycle.change_case(sent, by=manager, description="With a card of the shop.")
    lifecycle.send_to_review(sent, by=manager)
    shown = {}
    for person in (owner, manager, tester):
        client.force_login(person)
        shown[person] = client.get(sent.get_absolute_url())
    panel = shown[owner].context["review"]
    assert [change.label for change in panel.changes] == ["Description"]
    assert (panel.may_decide, panel.approved.number) == (True, 3)
    assert "Approve</span>" in shown[owner].text
    assert "Approve</span>" not in shown[manager].text
    assert "somebody else: you sent it" in shown[manager].text
    assert "Take back" in shown[manager].text
    assert "Take back" not in shown[tester].text


def test_the_last_decision_is_shown_where_reviews_are_wanted(strict, sent, owner, viewer, client):
    lifecycle.return_case(sent, by=owner, note="Which <card>?")
    client.force_login(viewer)
    html = client.get(sent.get_absolute_url()).text
    assert "Returned by owner@example.com" in html and "Which &lt;card&gt;?" in html


def test_what_waits_for_me_leaves_out_my_own_work(project, owner, manager, viewer, client):
    for author in (owner, owner, manager):
        lifecycle.send_to_review(make_case(project, by=author), by=author)
    lifecycle.archive_case(project.cases.get(number=1), by=owner)

    def listed(person, query=""):
        client.force_login(person)
        answer = client.get(f"/projects/WEB/cases/review/{query}").context
        return [row.case.number for row in answer["rows"]], answer["counts"]

    assert listed(manager) == ([2], {"mine": 1, "sent": 1, "all": 2})
    assert listed(owner)[0] == [3]
    assert listed(manager, "?of=sent")[0] == [3]
    assert listed(manager, "?of=all")[0] == [2, 3]
    assert listed(viewer) == ([2, 3], {"mine": 0, "sent": 0, "all": 2})


def test_the_api_sends_decides_and_lists(case, manager, owner, tester, client):
    def ask(person, method, path, body=None):
        token = {"Authorization": f"Bearer {make_token(person)}"}
        address = f"/api/v1/projects/WEB/{path}"
        return client.generic(
            method, address, body or "", content_type="application/json", headers=token
        )

    one = f"cases/{case.number}/"
    assert ask(tester, "POST", f"{one}reviews/").status_code == 403
    made = ask(manager, "POST", f"{one}reviews/")
    assert (made.status_code, made.json()["state"]) == (201, "open")
    assert ask(owner, "GET", "reviews/?mine=true").json()["results"] == [made.json()]
    assert ask(manager, "GET", "reviews/?mine=true").json()["results"] == []
    assert ask(tester, "GET", "reviews/").json()["results"] == [made.json()]
    assert ask(manager, "POST", f"{one}review/approve/", "{}").status_code == 409
    stale = ask(owner, "POST", f"{one}review/approve/", '{"version": 1}')
    assert (stale.status_code, stale.json()["errors"][0]["code"]) == (409, "edited_meanwhile")
    assert ask(owner, "POST", f"{one}review/return/", "{}").status_code == 409
    returned = ask(owner, "POST", f"{one}review/return/", '{"note": "Which card?"}')
    assert (returned.json()["state"], returned.json()["note"]) == ("returned", "Which card?")
    ask(manager, "POST", f"{one}reviews/")
    assert ask(manager, "POST", f"{one}review/withdraw/").json()["state"] == "withdrawn"
    listed = ask(tester, "GET", f"{one}reviews/").json()["results"]
    assert [row["state"] for row in listed] == ["withdrawn", "returned"]
    assert Review.objects.filter(state="open").count() == 0


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("draft", "Somebody else may look at it before it is ready."),
        ("ready", "It became ready without a review."),
        ("deprecated", "It is deprecated, so nobody reviews it."),
    ],
)
def test_a_case_that_nobody_reviewed_says_where_it_stands(
    client, project, manager, status, sentence
):
    case = make_case(project, status=status)
    client.force_login(manager)
    assert sentence in client.get(case.get_absolute_url()).text
    lifecycle.archive_case(case, by=manager)
    text = client.get(case.get_absolute_url()).text
    assert "Archived cases are not reviewed." in text and sentence not in text
