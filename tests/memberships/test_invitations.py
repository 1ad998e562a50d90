"""Owners invite; what they are told, what is sent, and what the API says of it."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.memberships import lifecycle
from apps.memberships.models import Invitation
from apps.projects.models import Activity
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_invitation, make_token, make_user

pytestmark = uses(populate_cast)

SITE = "https://qa.example.org/"
PAGE = "/projects/WEB/members/"
API = "/api/v1/projects/WEB/invitations/"
NOWHERE = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {"host": "127.0.0.1", "port": 1, "timeout": 1},
    }
}


@pytest.fixture
def after_commit(django_capture_on_commit_callbacks):
    """with after_commit(): … does what waits for a commit at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def invite(project, *emails, role="tester", by):
    return lifecycle.invite(project, emails, role, by=by, site=SITE)


def link_in(message):
    return re.search(r"https?://\S+/invitations/[\w-]{43}/", message.body)[0]


def test_each_address_gets_its_own_message_in_text_and_html(project, owner, after_commit):
    owner.name = "Ann <b>\nB"
    with after_commit():
        invite(project, "Eve@Example.com", "adam@example.com", by=owner)
        assert mail.outbox == []
    first, second = mail.outbox
    assert (first.to, second.to) == (["eve@example.com"], ["adam@example.com"])
    assert first.subject == "TestoQA: Ann <b> B invites you to Project WEB"
    link = link_in(first)
    assert link.startswith("https://qa.example.org/invitations/")
    assert link != link_in(second)
    html = first.alternatives[0].content
    assert f'href="{link}"' in html
    assert "Ann &lt;b&gt;" in html
    for text in (first.body, html):
        assert "Project WEB" in text and "as tester" in text and "eve@example.com" in text
    secret = link.split("/")[-2]
    invitation = project.invitations.get(email="eve@example.com")
    assert invitation.digest == Invitation.digest_of(secret)
    assert invitation.sent_at is not None
    assert invitation.expires_at - timezone.now() > timedelta(days=6, hours=23)


def test_the_secret_is_in_the_message_alone(project, owner, after_commit, caplog):
    with after_commit():
        invite(project, "eve@example.com", by=owner)
    secret = link_in(mail.outbox[0]).split("/")[-2]
    kept = [str(vars(row)) for row in (*Invitation.objects.all(), *Activity.objects.all())]
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        kept += [args for (args,) in cursor.fetchall()]
    assert secret not in "".join(kept) + caplog.text


def test_nothing_is_sent_for_what_was_not_committed(project, owner, after_commit):
    @transaction.atomic
    def invite_in_vain():
        invite(project, "eve@example.com", by=owner)
        raise Refused("Something else was not possible.")

    with after_commit(), pytest.raises(Refused):
        invite_in_vain()
    assert mail.outbox == []
    assert not project.invitations.exists()


def test_every_address_has_a_result_and_nobody_is_asked_twice(project, owner, after_commit):
    make_user("known@example.com")
    make_user("gone@example.com", is_active=False)
    make_invitation(project, "asked@example.com")
    emails = [
        "ASKED@example.com",
        "viewer@example.com",
        "known@example.com",
        "gone@example.com",
        "unknown@example.com",
        "Unknown@example.com",
    ]
    with after_commit():
        results = invite(project, *emails, by=owner)
    assert [(result.email.split("@")[0], result.outcome) for result in results] == [
        ("asked", "pending"),
        ("viewer", "member"),
        ("known", "invited"),
        ("gone", "invited"),
        ("unknown", "invited"),
    ]
    assert len(mail.outbox) == 3
    assert not User.objects.filter(email="unknown@example.com").exists()


def test_one_that_ran_out_makes_place_for_a_new_one(project, owner):
    make_invitation(project, "eve@example.com")
    project.invitations.update(expires_at=timezone.now())
    [result] = invite(project, "eve@example.com", role="viewer", by=owner)
    assert result.outcome == "invited"
    assert project.invitations.pending().get().role == "viewer"
    assert project.invitations.count() == 2


def test_no_project_has_endless_invitations(project, owner):
    many = [f"{number}@example.com" for number in range(Invitation.MOST_PENDING + 1)]
    with pytest.raises(Refused) as refusal:
        invite(project, *many, by=owner)
    assert refusal.value.code == "too_many"
    assert not project.invitations.exists()


def test_nobody_s_mailbox_is_flooded(project, owner, after_commit):
    make_invitation(project, "eve@example.com")
    invitation = project.invitations.get()
    with after_commit():
        lifecycle.resend_invitation(invitation, by=owner, site=SITE)
    with pytest.raises(Refused) as refusal:
        lifecycle.resend_invitation(invitation, by=owner, site=SITE)
    assert refusal.value.code == "too_soon"
    project.invitations.bulk_create(
        Invitation(project=project, email="eve@example.com", role="viewer", digest=str(number),
                   expires_at=timezone.now(), withdrawn_at=timezone.now())
        for number in range(Invitation.MOST_A_DAY)
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        invite(project, "adam@example.com", by=owner)
    assert refusal.value.code == "too_many"
    project.invitations.update(created_at=timezone.now() - timedelta(days=2))
    assert invite(project, "adam@example.com", by=owner)[0].outcome == "invited"
    assert len(mail.outbox) == 1


def test_sending_again_ends_the_link_before_and_lasts_seven_days(
    client, project, owner, after_commit
):
    old = make_invitation(project, "eve@example.com")
    project.invitations.update(expires_at=timezone.now() - timedelta(days=1))
    client.force_login(owner)
    invitation = project.invitations.get()
    with after_commit():
        client.post(f"/projects/WEB/invitations/{invitation.pk}/resend/")
    new = link_in(mail.outbox[0]).split("/")[-2]
    invitation.refresh_from_db()
    assert invitation.state == "sent"
    assert invitation.digest == Invitation.digest_of(new) != Invitation.digest_of(old)
    eve = make_user("eve@example.com")
    with pytest.raises(Refused) as refusal:
        lifecycle.accept_invitation(old, by=eve)
    assert "not known here" in str(refusal.value)
    assert lifecycle.accept_invitation(new, by=eve).role == "tester"


def test_a_withdrawn_one_is_neither_sent_again_nor_accepted(client, project, owner):
    secret = make_invitation(project, "eve@example.com")
    invitation = project.invitations.get()
    client.force_login(owner)
    page = client.post(f"/projects/WEB/invitations/{invitation.pk}/withdraw/", follow=True)
    assert "is withdrawn" in page.text
    with pytest.raises(Refused, match="withdrawn"):
        lifecycle.accept_invitation(secret, by=make_user("eve@example.com"))
    with pytest.raises(Refused):
        lifecycle.resend_invitation(invitation, by=owner, site=SITE)
    assert client.post(f"/projects/WEB/invitations/{invitation.pk}/resend/").status_code == 404


def test_whoever_is_added_meanwhile_needs_no_invitation(project, owner):
    secret = make_invitation(project, "eve@example.com", "viewer")
    eve = make_user("eve@example.com")
    lifecycle.add_member(project, eve, "manager", by=owner)
    assert not project.invitations.pending().exists()
    with pytest.raises(Refused):
        lifecycle.accept_invitation(secret, by=eve)
    assert project.memberships.get(user=eve).role == "manager"


def test_every_verb_of_an_invitation_is_noted(project, owner):
    invite(project, "eve@example.com", role="viewer", by=owner)
    invitation = project.invitations.get()
    lifecycle.resend_invitation(invitation, by=owner, site=SITE)
    lifecycle.withdraw_invitation(invitation, by=owner)
    secret = make_invitation(project, "eve@example.com", "viewer")
    lifecycle.accept_invitation(secret, by=make_user("eve@example.com"))
    rows = project.activity.filter(object_type="invitation").order_by("id")
    assert [(row.verb.partition(".")[2], row.who, row.object_label) for row in rows] == [
        ("send", "owner@example.com", "eve@example.com"),
        ("resend", "owner@example.com", "eve@example.com"),
        ("withdraw", "owner@example.com", "eve@example.com"),
        ("send", "owner@example.com", "eve@example.com"),
        ("accept", "eve@example.com", "eve@example.com"),
    ]
    assert rows[0].after == {"role": "viewer"}


def test_several_are_invited_on_the_page(client, project, owner, after_commit):
    client.force_login(owner)
    text = "Eve <eve@example.com>, adam@example.com\n\nviewer@example.com; CAIN@example.com\n"
    with after_commit():
        client.post(PAGE, {"emails": text, "role": "manager"})
    pending = project.invitations.pending()
    assert {row.email.split("@")[0]: row.role for row in pending} == {
        "eve": "manager",
        "adam": "manager",
        "cain": "manager",
    }
    page = client.get(PAGE).text
    assert "viewer@example.com is a member already." in page
    assert page.count(">Send again<") == 3
    assert 'aria-label="Send again: adam@example.com"' in page


def test_a_wrong_line_is_named_and_what_was_typed_is_kept(client, project, owner):
    client.force_login(owner)
    text = "eve@example.com\nadam at example.com, x\n"
    page = client.post(PAGE, {"emails": text, "role": "viewer"})
    assert "Line 2: “adam at example.com” is not an e-mail address." in page.text
    assert "Line 2: “x” is not" in page.text
    assert "eve@example.com\nadam at example.com, x" in page.text
    assert not project.invitations.exists()
    many = "\n".join(f"{number}@example.com" for number in range(51))
    assert "51 addresses" in client.post(PAGE, {"emails": many, "role": "viewer"}).text
    assert not project.invitations.exists()


def test_a_message_that_cannot_be_sent_leaves_it_pending_and_says_so(
    client, project, owner, settings, after_commit
):
    settings.MAILERS = NOWHERE
    invitation_of = project.invitations.get
    client.force_login(owner)
    with after_commit():
        client.post(f"{API}", {"email": "eve@example.com", "role": "viewer"}, "application/json")
    assert invitation_of().state == "unsent"
    assert "Not sent" in client.get(PAGE).text
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    with after_commit():
        client.post(f"/projects/WEB/invitations/{invitation_of().pk}/resend/")
    assert invitation_of().state == "sent"


@pytest.mark.parametrize(
    ("left", "state"),
    [
        (timedelta(days=6), "sent"),
        (timedelta(hours=23), "expires_soon"),
        (timedelta(0), "expired"),
    ],
)
def test_its_state_is_shown(client, project, owner, left, state):
    make_invitation(project, "eve@example.com")
    project.invitations.update(expires_at=timezone.now() + left)
    client.force_login(owner)
    assert Invitation.State(state).label in client.get(PAGE).text
    assert client.get(API).json()["results"][0]["state"] == state


def test_others_do_not_see_who_is_asked(client, project, manager, tester, viewer):
    make_invitation(project, "eve@example.com")
    for person in (manager, tester, viewer):
        client.force_login(person)
        assert "eve@example.com" not in client.get(PAGE).text
        assert client.get(API).status_code == 403


def test_the_api_invites_once_and_withdraws(client, project, owner, after_commit):
    secret = make_token(owner, project, "owner")
    ask = {"content_type": "application/json", "headers": {"authorization": f"Bearer {secret}"}}
    body = {"email": "Eve@example.com", "role": "manager"}
    with after_commit():
        made = client.post(API, body, **ask)
    assert made.status_code == 201
    assert made.json()["email"] == "eve@example.com"
    assert made.json()["invited_by"] == "owner@example.com"
    assert len(mail.outbox) == 1
    again = client.post(API, body, **ask)
    assert again.status_code == 409
    assert again.json()["errors"][0]["code"] == "unique"
    member = client.post(API, {"email": "viewer@example.com", "role": "viewer"}, **ask)
    assert member.status_code == 409
    address = f"{API}{made.json()['id']}/"
    assert client.post(f"{address}resend/", **ask).status_code == 409
    project.invitations.update(sent_at=None)
    assert client.post(f"{address}resend/", **ask).status_code == 200
    assert client.delete(address, **ask).status_code == 204
    assert client.delete(address, **ask).status_code == 404
    assert client.get(API, **ask).json()["results"] == []


def test_twenty_invitations_cost_what_one_costs(client, project, owner):
    client.force_login(owner)
    make_invitation(project)
    client.get(API)
    with CaptureQueriesContext(connection) as one:
        client.get(API)
    for number in range(20):
        make_invitation(project, f"{number}@example.com")
    with CaptureQueriesContext(connection) as twenty:
        assert len(client.get(API).json()["results"]) == 21
    assert len(twenty) == len(one)


def test_twenty_addresses_ask_as_often_as_they_write(project, owner):
    def cost(*emails):
        with CaptureQueriesContext(connection) as queries:
            invite(project, *emails, by=owner)
        return len(queries)

    one = cost("eve@example.com")
    assert cost(*[f"{number}@example.com" for number in range(20)]) == one + 19 * 2
