"""What people say of a case, and who is called by it."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from apps.cases import lifecycle
from apps.cases.mentions import named_in
from apps.cases.models import Comment, Mention
from apps.memberships.lifecycle import remove_member
from apps.projects.lifecycle import archive_project
from apps.projects.models import Project
from apps.projects.refusals import Refused
from testoqa.templatetags.mentions import bell
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_member, make_token, make_user

pytestmark = uses(populate_cast)


@pytest.fixture
def case(project):
    return make_case(project, "Pays")


@pytest.fixture
def ada(project):
    return make_member(project, "viewer", make_user("ada@example.com", name="Ada Lovelace"))


def page(name, case, *more):
    return reverse(f"cases:{name}", args=["WEB", case.number, *more])


def called(comment):
    return sorted(comment.mentions.values_list("user__email", flat=True))


def test_every_member_comments_and_nobody_else(case, viewer, tester, outsider, post):
    assert post(viewer, page("comments", case), body="Which **card**?").status_code == 302
    assert post(tester, page("comments", case), body="Any.").status_code == 302
    assert post(outsider, page("comments", case), body="Hm").status_code == 404
    assert [row.body for row in case.comments.all()] == ["Which **card**?", "Any."]
    row = case.project.activity.filter(verb="case.comment").last()
    assert (row.user, row.object_label, row.after) == (viewer, "WEB-1 Pays", {})


def test_comments_are_shown_in_markdown_oldest_first(case, viewer, tester, client):
    lifecycle.add_comment(case, "Which **card**?", by=viewer)
    lifecycle.add_comment(case, "<script>any</script>", by=tester)
    client.force_login(viewer)
    html = client.get(case.get_absolute_url()).text
    assert "Which <strong>card</strong>?" in html
    assert "&lt;script&gt;any" in html
    assert html.index("Which <strong>") < html.index("&lt;script&gt;any")


@pytest.mark.parametrize("body", ["", "  ", "a\0b", "x" * 20_001])
def test_a_comment_that_cannot_be_kept_is_said_at_the_field(case, viewer, post, body):
    answer = post(viewer, page("comments", case), body=body)
    assert answer.status_code == 422
    assert answer.context["comment_form"].errors["body"]
    assert not case.comments.exists()


def test_in_an_archived_project_nobody_comments(case, owner, viewer, client, post):
    comment = lifecycle.add_comment(case, "Before", by=viewer)
    archive_project(case.project, by=owner)
    assert post(viewer, page("comments", case), body="After").status_code == 403
    assert post(viewer, page("edit_comment", case, comment.pk), body="After").status_code == 403
    assert post(viewer, page("delete_comment", case, comment.pk)).status_code == 403
    assert "Add a comment" not in client.get(case.get_absolute_url()).text


def test_who_wrote_it_changes_it(case, viewer, manager, post):
    comment = lifecycle.add_comment(case, "Which crad?", by=viewer)
    edit = page("edit_comment", case, comment.pk)
    assert post(manager, edit, body="Mine").status_code == 403
    assert post(viewer, edit, body="Which card?").status_code == 302
    comment.refresh_from_db()
    assert (comment.body, comment.edited_at is None) == ("Which card?", False)
    post(viewer, edit, body="")
    comment.refresh_from_db()
    assert comment.body == "Which card?"


def test_who_wrote_it_or_a_manager_deletes_it(case, viewer, tester, manager, client, post):
    first, second = (lifecycle.add_comment(case, f"Word {n}", by=viewer) for n in range(2))
    assert post(tester, page("delete_comment", case, first.pk)).status_code == 403
    assert post(viewer, page("delete_comment", case, first.pk)).status_code == 302
    assert post(manager, page("delete_comment", case, second.pk)).status_code == 302
    assert [row.body for row in case.comments.all()] == ["", ""]
    html = client.get(case.get_absolute_url()).text
    assert html.count("A comment of viewer@example.com was deleted") == 2
    assert "Word" not in html
    with pytest.raises(Refused, match="deleted meanwhile"):
        lifecycle.edit_comment(first, "Again", by=viewer)


def test_a_comment_is_found_under_its_own_case_alone(case, viewer, post):
    comment = lifecycle.add_comment(case, "Word", by=viewer)
    other = make_case(case.project)
    assert post(viewer, page("delete_comment", other, comment.pk)).status_code == 404


def test_earlier_comments_are_a_page_away(case, viewer, client):
    for number in range(25):
        lifecycle.add_comment(case, f"Word {number}.", by=viewer)
    client.force_login(viewer)
    latest = client.get(case.get_absolute_url())
    assert [row.body for row in latest.context["comments"]] == [f"Word {n}." for n in range(5, 25)]
    assert page("comments", case) in latest.text
    assert len(client.get(page("comments", case)).context["comments"]) == 25


# Mentions


def test_members_are_called_by_their_address_or_their_name(case, project, ada, viewer, manager):
    make_user("stranger@example.com", name="A Stranger")
    texts = {
        "@ada@example.com, look": [ada],
        "Look, @ADA@Example.com.": [ada],
        "(@Ada Lovelace)": [ada],
        "@ada lovelace and @viewer@example.com": [ada, viewer],
        "@Ada": [],
        "@Ada Lovelaces": [],
        "mail ada@example.com": [],
        "x@ada@example.com": [],
        "@stranger@example.com @A Stranger @nobody@example.com": [],
    }
    assert {text: named_in(project, text) for text in texts} == texts


def test_a_name_that_two_have_calls_nobody(project, ada):
    make_member(project, "viewer", make_user("other@example.com", name="Ada  lovelace"))
    assert named_in(project, "@Ada Lovelace") == []
    assert named_in(project, "@ada@example.com") == [ada]


def test_a_longer_name_is_not_the_shorter_one(project, ada):
    short = make_member(project, "viewer", make_user("short@example.com", name="Ada"))
    assert named_in(project, "@Ada Lovelace") == [ada]
    assert named_in(project, "@Ada, and @Ada Lovelace") == [ada, short]


def test_who_left_or_sleeps_is_not_called(project, owner, ada):
    viewer = make_member(project, "viewer", make_user("asleep@example.com", is_active=False))
    remove_member(project.memberships.get(user=ada), by=owner)
    assert named_in(project, f"@{ada.email} @{viewer.email}") == []


def test_a_changed_comment_calls_whom_it_names_by_then(case, ada, viewer, tester, manager):
    comment = lifecycle.add_comment(case, f"@{ada.email} @{manager.email}", by=viewer)
    assert called(comment) == [ada.email, manager.email]
    comment.mentions.filter(user=manager).update(read_at=timezone.now())
    lifecycle.edit_comment(comment, f"@{tester.email} @{viewer.email}", by=viewer)
    assert called(comment) == [manager.email, tester.email]
    rows = case.project.activity.filter(verb__endswith="comment").order_by("id")
    assert [row.after for row in rows] == [
        {"mentioned": [ada.email, manager.email]}, {"mentioned": [tester.email]},
    ]  # fmt: skip
    lifecycle.delete_comment(comment, by=viewer)
    assert called(comment) == []


def test_the_bell_counts_and_the_page_that_shows_a_comment_sends_that_it_is_read(
    case, ada, viewer, client
):
    for number in range(2):
        lifecycle.add_comment(case, f"Word {number}, @{ada.email}", by=viewer)
    client.force_login(ada)
    listed = client.get("/mentions/")
    assert 'aria-label="Mentions, 2 unread"' in listed.text
    newest, oldest = listed.context["rows"]
    assert newest.comment.body.startswith("Word 1")
    answer = client.get(reverse("mentions:open", args=[newest.pk]))
    assert answer.url == f"{case.get_absolute_url()}#comment-{newest.comment_id}"
    shown = client.get(case.get_absolute_url())
    assert shown.context["unread_mentions"] == [str(oldest.pk), str(newest.pk)]
    assert Mention.objects.unread().count() == 2, "to look alone changes nothing"
    read = {"mention": [*shown.context["unread_mentions"][1:], "no id"]}
    bell = client.post(reverse("mentions:read"), read, headers={"HX-Request": "true"})
    assert 'aria-label="Mentions, 1 unread"' in bell.text
    assert Mention.objects.unread().get() == oldest
    assert 'aria-label="Mentions, 1 unread"' in client.get("/mentions/").text


def test_the_bell_of_somebody_who_signed_in_by_this_request_is_counted_too(case, ada, viewer):
    lifecycle.add_comment(case, f"@{ada.email}", by=viewer)
    assert bell(ada) == {"count": 1, "label": "1"}


def test_bell_and_list_know_no_mention_in_a_project_that_is_closed_to_the_person(
    case, project, ada, viewer, client
):
    lifecycle.add_comment(case, f"@{ada.email}", by=viewer)
    Project.objects.filter(pk=project.pk).update(second_factor=True)
    client.force_login(ada)
    closed = client.get("/mentions/")
    assert (closed.context["rows"], closed.context["unread"]) == ([], 0)
    assert 'aria-label="Mentions"' in closed.text
    client.post(reverse("mentions:read"))
    Authenticator.objects.create(user=ada, type="totp", data={})
    opened = client.get("/mentions/")
    assert (len(opened.context["rows"]), opened.context["unread"]) == (1, 1)
    assert 'aria-label="Mentions, 1 unread"' in opened.text


def test_nobody_marks_the_mentions_of_others_as_read(case, ada, viewer, post):
    lifecycle.add_comment(case, f"@{ada.email}", by=viewer)
    (mention,) = Mention.objects.all()
    post(viewer, reverse("mentions:read"), mention=mention.pk)
    assert Mention.objects.unread().exists()


def test_a_mention_in_an_old_comment_leads_to_its_page(case, ada, viewer, client):
    comment = lifecycle.add_comment(case, f"@{ada.email}", by=viewer)
    for number in range(30):
        lifecycle.add_comment(case, f"Word {number}", by=viewer)
    client.force_login(ada)
    answer = client.get(reverse("mentions:open", args=[comment.mentions.get().pk]))
    assert answer.url.startswith(page("comments", case))
    assert comment in client.get(answer.url).context["comments"]


def test_all_are_marked_as_read_at_once(case, ada, viewer, manager, post):
    lifecycle.add_comment(case, f"@{ada.email} @{manager.email}", by=viewer)
    assert post(ada, reverse("mentions:read")).status_code == 302
    assert [row.user for row in Mention.objects.unread()] == [manager]


def test_mentions_are_seen_by_whom_they_call_while_they_are_members(
    case, project, owner, ada, viewer, client
):
    comment = lifecycle.add_comment(case, f"@{ada.email}", by=viewer)
    mention = reverse("mentions:open", args=[comment.mentions.get().pk])
    client.force_login(viewer)
    assert client.get(mention).status_code == 404
    remove_member(project.memberships.get(user=ada), by=owner)
    client.force_login(ada)
    assert client.get(mention).status_code == 404
    listed = client.get("/mentions/")
    assert (listed.context["rows"], 'aria-label="Mentions"' in listed.text) == ([], True)


def test_members_are_offered_as_somebody_types(project, ada, viewer, outsider, client):
    client.force_login(viewer)
    people = reverse("cases:people", args=["WEB"])
    assert [one.email for one in client.get(f"{people}?q=LOVE").context["people"]] == [ada.email]
    assert client.get(f"{people}?q=outsider").context["people"] == []
    assert len(client.get(people).context["people"]) == 5


@pytest.mark.django_db(transaction=True)
def test_who_is_called_gets_a_mail_after_the_commit(case, ada, viewer, client, run_jobs):
    client.force_login(viewer)
    client.post(page("comments", case), {"body": f"Look <here>, @{ada.email}"})
    assert not mail.outbox
    run_jobs()
    [message] = mail.outbox
    [html] = [part.content for part in message.alternatives]
    assert message.to == [ada.email]
    assert message.subject == "TestoQA: viewer@example.com mentions you in WEB-1 Pays"
    link = f"http://testserver/mentions/{Mention.objects.get().pk}/"
    assert link in message.body and f'href="{link}"' in html
    assert "Look <here>" in message.body and "Look &lt;here&gt;" in html


@pytest.mark.django_db(transaction=True)
def test_who_left_or_read_it_meanwhile_gets_no_mail(
    case, project, owner, ada, viewer, manager, run_jobs
):
    lifecycle.add_comment(
        case, f"@{ada.email} @{manager.email}", by=viewer, site="http://testserver/"
    )
    remove_member(project.memberships.get(user=ada), by=owner)
    Mention.objects.filter(user=manager).mark_read()
    run_jobs()
    assert not mail.outbox


def test_the_api_comments(case, ada, viewer, tester, manager, client):
    def ask(person, method, path="", body="", **token):
        headers = {"Authorization": f"Bearer {make_token(person, **token)}"}
        address = f"/api/v1/projects/WEB/cases/{case.number}/comments/{path}"
        return client.generic(
            method, address, body, content_type="application/json", headers=headers
        )

    made = ask(viewer, "POST", body=f'{{"body": "Look, @{ada.email}"}}')
    assert made.status_code == 201
    comment = made.json()
    assert (comment["created_by"], comment["mentions"]) == ("viewer@example.com", [ada.email])
    assert ask(tester, "GET").json()["results"] == [comment]
    assert ask(viewer, "POST", body='{"body": ""}').status_code == 400
    assert ask(viewer, "POST", body='{"body": "x"}', scope="read").status_code == 403
    one = f"{comment['id']}/"
    assert ask(manager, "PATCH", one, '{"body": "x"}').status_code == 403
    assert ask(viewer, "PATCH", one, '{"body": "Well"}').json()["mentions"] == []
    assert ask(tester, "DELETE", one).status_code == 403
    assert ask(manager, "DELETE", one).status_code == 204
    assert ask(manager, "DELETE", one).status_code == 409
    gone = ask(tester, "GET").json()["results"][0]
    assert (gone["body"], gone["deleted_at"] is None) == ("", False)


def test_a_comment_of_somebody_else_is_refused_by_the_verbs_too(case, viewer, tester):
    comment = lifecycle.add_comment(case, "Word", by=viewer)
    with pytest.raises(PermissionDenied):
        lifecycle.edit_comment(comment, "Mine", by=tester)
    with pytest.raises(PermissionDenied):
        lifecycle.delete_comment(comment, by=tester)
    assert Comment.objects.get().body == "Word"
