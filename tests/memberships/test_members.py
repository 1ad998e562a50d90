import pytest

from apps.memberships import lifecycle
from apps.memberships.lifecycle import LastOwner
from apps.memberships.models import ApiToken
from apps.projects.door import permissions_of
from apps.projects.permissions import ROLE_PERMISSIONS, Role, group_name
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_member, make_token, make_user

pytestmark = uses(populate_cast)


def membership_of(project, person):
    return project.memberships.get(user=person)


def groups_of(person):
    return [group.name for group in person.groups.all()]


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gives_its_permissions_and_no_others(project, other_project, role):
    person = project.memberships.get(role=role).user
    assert permissions_of(person, project) == ROLE_PERMISSIONS[role]
    assert permissions_of(person, other_project) == frozenset()


def test_the_group_follows_the_role(project, owner, viewer):
    membership = membership_of(project, viewer)
    assert groups_of(viewer) == [group_name(project, "viewer")]
    lifecycle.change_role(membership, "manager", by=owner)
    assert groups_of(viewer) == [group_name(project, "manager")]
    lifecycle.remove_member(membership, by=owner)
    assert groups_of(viewer) == []
    assert permissions_of(viewer, project) == frozenset()


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


def test_an_owner_adds_an_existing_person_by_their_address(client, project, owner):
    newcomer = make_user("Ann@Example.com")
    client.force_login(owner)
    client.post("/projects/WEB/members/", {"email": "ANN@example.com", "role": "manager"})
    assert membership_of(project, newcomer).role == "manager"


def test_an_unknown_address_is_told_who_makes_people(client, project, owner):
    client.force_login(owner)
    response = client.post("/projects/WEB/members/", {"email": "no@example.com", "role": "viewer"})
    assert "An administrator makes people" in response.text
    assert project.memberships.count() == 4


def test_the_last_owner_is_told_why_they_cannot_leave(client, owner):
    client.force_login(owner)
    response = client.post("/projects/WEB/members/leave/", follow=True)
    assert "is the last owner of WEB" in response.text


def test_removing_from_this_project_does_not_reach_another(client, owner, other_project, outsider):
    client.force_login(owner)
    row = membership_of(other_project, outsider)
    assert client.post(f"/projects/WEB/members/{row.pk}/remove/").status_code == 404
    assert other_project.memberships.count() == 1


def test_twenty_members_cost_what_one_costs(client, project, owner, django_assert_num_queries):
    client.force_login(owner)
    client.get("/projects/WEB/members/")
    with django_assert_num_queries(5) as one:
        client.get("/projects/WEB/members/")
    for _ in range(19):
        make_member(project, "tester")
    with django_assert_num_queries(len(one)):
        client.get("/projects/WEB/members/")
