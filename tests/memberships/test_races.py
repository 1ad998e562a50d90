import pytest

from apps.accounts.models import User
from apps.memberships import lifecycle
from apps.memberships.lifecycle import LastOwner
from apps.memberships.models import ApiToken, Membership
from apps.projects.models import Project
from apps.projects.permissions import Role, group_name, role_group
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_invitation, make_member, make_user
from tests.races import meet, overtake

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def membership_of(project, person):
    return project.memberships.get(user=person)


@pytest.mark.races("apps.memberships.lifecycle.found_project")
def test_a_key_is_given_once(manager, tester):
    outcomes = overtake(
        lambda: lifecycle.found_project(key="APP", name="First", by=manager),
        lambda: lifecycle.found_project(key="APP", name="Second", by=tester),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    project = Project.objects.exclude(key__in=["WEB", "OPS"]).get()
    assert project.name == "First"
    assert [row.user for row in project.memberships.all()] == [manager]


@pytest.mark.races("apps.memberships.lifecycle.add_member")
def test_a_person_is_added_once(project, owner):
    person = make_user()
    outcomes = overtake(
        lambda: lifecycle.add_member(project, person, Role.TESTER, by=owner),
        lambda: lifecycle.add_member(project, person, Role.VIEWER, by=owner),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert [row.role for row in project.memberships.filter(user=person)] == [Role.TESTER]
    assert list(person.groups.all()) == [role_group(project, Role.TESTER)]


@pytest.mark.races("apps.memberships.lifecycle.change_role")
def test_two_owners_cannot_both_step_down(project, owner):
    other = make_member(project, Role.OWNER)
    outcomes = overtake(
        lambda: lifecycle.change_role(membership_of(project, owner), Role.VIEWER, by=owner),
        lambda: lifecycle.change_role(membership_of(project, other), Role.VIEWER, by=other),
        allow=[LastOwner],
    )
    assert isinstance(outcomes[1], LastOwner)
    assert project.memberships.filter(role=Role.OWNER).count() == 1


@pytest.mark.races("apps.memberships.lifecycle.change_role")
def test_two_changes_of_one_role_leave_one_group(project, owner, viewer):
    membership = membership_of(project, viewer)
    overtake(
        lambda: lifecycle.change_role(membership, Role.TESTER, by=owner),
        lambda: lifecycle.change_role(membership, Role.MANAGER, by=owner),
    )
    role = Membership.objects.get(pk=membership.pk).role
    assert role == Role.MANAGER
    assert [group.name for group in viewer.groups.all()] == [group_name(project, role)]


@pytest.mark.races("apps.memberships.lifecycle.remove_member")
def test_two_owners_cannot_both_leave(project, owner, manager, tester, viewer):
    other = make_member(project, Role.OWNER)
    outcomes = overtake(
        lambda: lifecycle.remove_member(membership_of(project, owner), by=owner),
        lambda: lifecycle.remove_member(membership_of(project, other), by=other),
        allow=[LastOwner],
    )
    assert isinstance(outcomes[1], LastOwner)
    assert {row.user for row in project.memberships.all()} == {other, manager, tester, viewer}


@pytest.mark.races("apps.memberships.lifecycle.remove_member")
def test_removing_a_person_twice_at_once_removes_them_once(project, owner, tester):
    membership = membership_of(project, tester)
    outcomes = meet(
        lambda: lifecycle.remove_member(membership, by=owner),
        lambda: lifecycle.remove_member(membership, by=owner),
        allow=[Refused],
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Refused"]
    assert not tester.groups.exists()


@pytest.mark.races(
    "apps.memberships.lifecycle.issue_token", "apps.memberships.lifecycle.remove_member"
)
def test_no_token_outlives_a_membership_that_ends_meanwhile(project, owner, tester):
    membership = membership_of(project, tester)
    overtake(
        lambda: lifecycle.issue_token(tester, name="ci", by=tester, project=project, role="tester"),
        lambda: lifecycle.remove_member(membership, by=owner),
    )
    assert ApiToken.objects.get(user=tester).revoked_at is not None


@pytest.mark.races("apps.memberships.lifecycle.issue_token")
def test_no_token_is_made_for_somebody_who_is_leaving(project, owner, tester):
    membership = membership_of(project, tester)
    outcomes = overtake(
        lambda: lifecycle.remove_member(membership, by=owner),
        lambda: lifecycle.issue_token(tester, name="ci", by=tester, project=project, role="tester"),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert not ApiToken.objects.filter(user=tester).exists()


@pytest.mark.races("apps.memberships.lifecycle.revoke_token")
def test_a_token_is_revoked_once(tester):
    token, _ = lifecycle.issue_token(tester, name="ci", by=tester)
    first, second = overtake(
        lambda: lifecycle.revoke_token(token, by=tester),
        lambda: lifecycle.revoke_token(token, by=tester),
    )
    assert first.revoked_at == second.revoked_at == ApiToken.objects.get().revoked_at


SITE = "http://testserver/"


@pytest.mark.races("apps.memberships.lifecycle.invite")
def test_an_address_is_asked_once(project, owner, manager):
    first, second = overtake(
        lambda: lifecycle.invite(project, ["eve@example.com"], "viewer", by=owner, site=SITE),
        lambda: lifecycle.invite(project, ["eve@example.com"], "owner", by=owner, site=SITE),
    )
    assert [first[0].outcome, second[0].outcome] == ["invited", "pending"]
    assert project.invitations.get().role == "viewer"


@pytest.mark.races(
    "apps.memberships.lifecycle.invite", "apps.memberships.lifecycle.accept_invitation"
)
def test_an_address_is_not_asked_while_its_person_comes_in(project, owner):
    secret, eve = make_invitation(project, "eve@example.com"), make_user("eve@example.com")
    _, results = overtake(
        lambda: lifecycle.accept_invitation(secret, by=eve),
        lambda: lifecycle.invite(project, ["eve@example.com"], "owner", by=owner, site=SITE),
    )
    assert results[0].outcome == "member"
    assert not project.invitations.pending().exists()


@pytest.mark.races("apps.memberships.lifecycle.accept_invitation")
def test_an_invitation_is_accepted_once(project):
    secret, eve = make_invitation(project, "eve@example.com"), make_user("eve@example.com")
    outcomes = meet(
        lambda: lifecycle.accept_invitation(secret, by=eve),
        lambda: lifecycle.accept_invitation(secret, by=eve),
        allow=[Refused],
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Membership", "Refused"]
    assert project.memberships.filter(user=eve).count() == 1


@pytest.mark.races("apps.memberships.lifecycle.accept_as_newcomer")
def test_two_browsers_make_one_account(project):
    secret = make_invitation(project, "eve@example.com")
    outcomes = meet(
        lambda: lifecycle.accept_as_newcomer(secret, name="A", password="Quiet-Harbour-12"),
        lambda: lifecycle.accept_as_newcomer(secret, name="B", password="Quiet-Harbour-13"),
        allow=[Refused],
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Membership", "Refused"]
    [member] = [outcome for outcome in outcomes if not isinstance(outcome, Refused)]
    assert User.objects.get(email="eve@example.com") == member.user


@pytest.mark.races("apps.memberships.lifecycle.accept_as_newcomer")
def test_an_account_made_meanwhile_stays_as_it_is(project):
    secret = make_invitation(project, "eve@example.com")
    outcomes = overtake(
        lambda: make_user("eve@example.com", password="Her-Own-Words-1"),
        lambda: lifecycle.accept_as_newcomer(secret, name="B", password="Quiet-Harbour-13"),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert User.objects.get(email="eve@example.com").check_password("Her-Own-Words-1")
    assert project.invitations.pending().exists()


@pytest.mark.races(
    "apps.memberships.lifecycle.withdraw_invitation",
    "apps.memberships.lifecycle.accept_invitation",
)
def test_what_is_withdrawn_meanwhile_is_not_accepted(project, owner):
    secret, eve = make_invitation(project, "eve@example.com"), make_user("eve@example.com")
    outcomes = overtake(
        lambda: lifecycle.withdraw_invitation(project.invitations.get(), by=owner),
        lambda: lifecycle.accept_invitation(secret, by=eve),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert not project.memberships.filter(user=eve).exists()


@pytest.mark.races(
    "apps.memberships.lifecycle.withdraw_invitation",
    "apps.memberships.lifecycle.accept_invitation",
)
def test_what_is_accepted_meanwhile_is_not_withdrawn(project, owner):
    secret, eve = make_invitation(project, "eve@example.com"), make_user("eve@example.com")
    invitation = project.invitations.get()
    outcomes = overtake(
        lambda: lifecycle.accept_invitation(secret, by=eve),
        lambda: lifecycle.withdraw_invitation(invitation, by=owner),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert project.invitations.get().withdrawn_at is None


@pytest.mark.races("apps.memberships.lifecycle.resend_invitation")
def test_sending_again_ends_the_link_that_is_being_accepted(project, owner):
    secret, eve = make_invitation(project, "eve@example.com"), make_user("eve@example.com")
    outcomes = overtake(
        lambda: lifecycle.resend_invitation(project.invitations.get(), by=owner, site=SITE),
        lambda: lifecycle.accept_invitation(secret, by=eve),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert project.invitations.pending().exists()


@pytest.mark.races("apps.memberships.lifecycle.hand_over")
def test_no_project_is_handed_to_somebody_who_is_leaving(project, owner, tester):
    member = membership_of(project, tester)
    outcomes = overtake(
        lambda: lifecycle.remove_member(member, by=tester),
        lambda: lifecycle.hand_over(member, by=owner),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert membership_of(project, owner).role == Role.OWNER


@pytest.mark.races("apps.memberships.lifecycle.hand_over")
def test_a_project_is_handed_over_once(project, owner, tester, viewer):
    first, second = membership_of(project, tester), membership_of(project, viewer)
    outcomes = overtake(
        lambda: lifecycle.hand_over(first, by=owner),
        lambda: lifecycle.hand_over(second, by=owner),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert [row.user for row in project.memberships.filter(role=Role.OWNER)] == [tester]
