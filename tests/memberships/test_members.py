import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import Http404
from django.utils import timezone

from apps.memberships import lifecycle
from apps.memberships.lifecycle import LastOwner
from apps.memberships.models import ApiToken
from apps.projects.door import find_project
from apps.projects.permissions import ROLE_PERMISSIONS, Role, group_name
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_invitation, make_member, make_token, make_user

pytestmark = uses(populate_cast)


def membership_of(project, person):
    return project.memberships.get(user=person)


def groups_of(person):
    return [group.name for group in person.groups.all()]


def assert_closed(person, project):
    with pytest.raises(Http404):
        find_project(person, project.key)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gives_its_permissions_and_no_others(project, other_project, role):
    person = project.memberships.get(role=role).user
    assert find_project(person, project.key).permissions == ROLE_PERMISSIONS[role]
    assert_closed(person, other_project)


def test_the_group_follows_the_role(project, owner, viewer):
    membership = membership_of(project, viewer)
    assert groups_of(viewer) == [group_name(project, "viewer")]
    lifecycle.change_role(membership, "manager", by=owner)
    assert groups_of(viewer) == [group_name(project, "manager")]
    lifecycle.remove_member(membership, by=owner)
    assert groups_of(viewer) == []
    assert_closed(viewer, project)


def test_nobody_is_a_member_twice(project, owner, viewer):
    with pytest.raises(Refused) as refusal:
        lifecycle.add_member(project, viewer, "owner", by=owner)
    assert (refusal.value.field, refusal.value.code) == ("email", "unique")
    assert groups_of(viewer) == [group_name(project, "viewer")]


@pytest.mark.parametrize(
    "verb",
    [
        lambda row, by: lifecycle.change_role(row, "manager", by=by),
        lambda row, by: lifecycle.remove_member(row, by=by),
    ],
)
def test_the_last_owner_stays(project, owner, verb):
    with pytest.raises(LastOwner):
        verb(membership_of(project, owner), owner)
    make_member(project, "owner")
    verb(membership_of(project, owner), owner)


def test_whoever_is_removed_loses_their_tokens_of_this_project_alone(
    project, other_project, owner, tester
):
    make_member(other_project, "tester", tester)
    make_token(tester, project, "tester")
    kept = make_token(tester, other_project, "tester")
    lifecycle.remove_member(membership_of(project, tester), by=owner)
    assert ApiToken.objects.usable().get().digest == ApiToken.digest_of(kept)


def test_a_token_is_never_above_its_person(project, tester, outsider):
    with pytest.raises(Refused) as refusal:
        make_token(tester, project, "manager")
    assert refusal.value.code == "above_own"
    with pytest.raises(Refused):
        make_token(outsider, project, "viewer")


def test_a_token_without_a_role_has_that_of_its_person(project, manager):
    make_token(manager, project)
    assert project.tokens.get().role == "manager"


def test_the_last_owner_is_told_why_they_cannot_leave(client, owner):
    client.force_login(owner)
    response = client.post("/projects/WEB/members/leave/", follow=True)
    assert "is the last owner of WEB" in response.text


def test_an_owner_hands_the_project_over_and_stays_as_manager(client, project, owner, tester):
    client.force_login(owner)
    member = membership_of(project, tester)
    sent = {"member": member.pk, "confirmation": "WEB"}
    client.post("/projects/WEB/members/hand-over/", sent | {"confirmation": "web shop"})
    assert membership_of(project, owner).role == "owner"
    page = client.post("/projects/WEB/members/hand-over/", sent, follow=True)
    assert "owns Project WEB now" in page.text
    assert (membership_of(project, tester).role, membership_of(project, owner).role) == (
        "owner",
        "manager",
    )
    assert groups_of(owner) == [group_name(project, "manager")]
    verbs = list(project.activity.order_by("id").values_list("verb", flat=True))
    assert verbs[-3:] == ["member.change_role", "member.change_role", "project.hand_over"]


def test_nobody_hands_over_what_is_not_theirs_or_to_whom_cannot_sign_in(
    project, owner, manager, tester
):
    member = membership_of(project, tester)
    with pytest.raises(Refused) as refusal:
        lifecycle.hand_over(member, by=manager)
    assert refusal.value.code == "no_owner"
    for nobody in (membership_of(project, owner), member):
        tester.is_active = False
        tester.save()
        with pytest.raises(Refused) as refusal:
            lifecycle.hand_over(nobody, by=owner)
        assert refusal.value.code == "no_successor"
    assert membership_of(project, owner).role == "owner"


def test_an_account_of_a_token_is_no_person(client, project, owner):
    lifecycle.issue_service_token(project, name="nightly", role="manager", by=owner)
    account = project.memberships.get(user__is_service=True)
    client.force_login(owner)
    page = client.get("/projects/WEB/members/")
    assert "4 people" in page.text
    assert account.user.email not in page.text
    listed = client.get("/api/v1/projects/WEB/members/").json()["results"]
    assert account.user.email not in {row["email"] for row in listed}
    for verb in ("change", "remove"):
        answer = client.post(f"/projects/WEB/members/{account.pk}/{verb}/", {"role": "viewer"})
        assert answer.status_code == 404
    for verb in (
        lambda: lifecycle.change_role(account, "owner", by=owner),
        lambda: lifecycle.hand_over(account, by=owner),
        lambda: lifecycle.invite(project, [account.user.email], "owner", by=owner, site="/"),
    ):
        with pytest.raises(Refused):
            verb()


def test_by_the_api_acquaintances_are_added_and_all_others_invited_alike(
    client, project, other_project, owner, outsider
):
    make_member(other_project, "viewer", owner)
    make_user("stranger@example.com")
    client.force_login(owner)

    def add(email):
        body = {"email": email, "role": "viewer"}
        return client.post("/api/v1/projects/WEB/members/", body, "application/json")

    assert add(outsider.email).status_code == 201
    assert membership_of(project, outsider).role == "viewer"
    known, unknown = add("stranger@example.com"), add("nobody@example.com")
    assert known.status_code == unknown.status_code == 202
    varying = {"id", "email", "created_at", "expires_at"}
    assert {name: value for name, value in known.json().items() if name not in varying} == {
        name: value for name, value in unknown.json().items() if name not in varying
    }
    assert add("stranger@example.com").status_code == add("nobody@example.com").status_code == 409


def test_a_confined_token_is_not_told_who_is_in_other_projects(
    client, project, other_project, owner, outsider
):
    make_member(other_project, "viewer", owner)
    ask = {"headers": {"authorization": f"Bearer {make_token(owner, project)}"}}
    body = {"email": outsider.email, "role": "viewer"}
    answer = client.post("/api/v1/projects/WEB/members/", body, "application/json", **ask)
    assert answer.status_code == 202


def test_removing_from_this_project_does_not_reach_another(client, owner, other_project, outsider):
    client.force_login(owner)
    row = membership_of(other_project, outsider)
    assert client.post(f"/projects/WEB/members/{row.pk}/remove/").status_code == 404
    assert other_project.memberships.count() == 1


def test_an_owner_sees_who_signs_in_by_a_password_alone(client, owner, tester, viewer):
    Authenticator.objects.create(user=tester, type=Authenticator.Type.TOTP, data={})
    client.force_login(owner)
    page = client.get("/projects/WEB/members/").text
    assert (page.count("2 steps"), page.count("1 step<")) == (1, 3)
    assert "3 sign in by a password alone." in page
    assert 'href="/projects/WEB/settings/#general">Require a second factor' in page
    client.force_login(viewer)
    assert "2 steps" not in client.get("/projects/WEB/members/").text


def test_an_owner_sees_when_a_member_was_last_here_and_a_viewer_does_not(client, viewer, owner):
    agent = {"user_agent": "Firefox", "ip": "127.0.0.1", "session_key": "k"}
    UserSession.objects.create(user=viewer, last_seen_at=timezone.now(), **agent)
    client.force_login(owner)
    page = client.get("/projects/WEB/members/").text
    assert (page.count(">Seen<"), page.count(">never<")) == (1, 3)
    client.force_login(viewer)
    assert ">Seen<" not in client.get("/projects/WEB/members/").text


def test_members_are_found_by_name_or_address(client, viewer, tester):
    client.force_login(viewer)
    page = client.get("/projects/WEB/members/?q=TESTER@").text
    assert "tester@example.com" in page and "manager@example.com" not in page
    assert "4 people" in page
    page = client.get("/projects/WEB/members/?q=<nobody>").text
    assert "Nobody here has “&lt;nobody&gt;” in name or address." in page


def test_twenty_members_cost_what_one_costs(client, project, owner, django_assert_num_queries):
    client.force_login(owner)
    client.get("/projects/WEB/members/")
    make_invitation(project)
    with django_assert_num_queries(7) as one:
        client.get("/projects/WEB/members/")
    for number in range(19):
        make_member(project, "tester")
        make_invitation(project, f"{number}@example.com")
    with django_assert_num_queries(len(one)):
        client.get("/projects/WEB/members/")
