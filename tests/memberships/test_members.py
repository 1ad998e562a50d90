import pytest

from apps.memberships import lifecycle
from apps.memberships.lifecycle import LastOwner
from apps.memberships.models import ApiToken
from apps.projects.door import permissions_of
from apps.projects.permissions import ROLE_PERMISSIONS, Role, group_name
from apps.projects.refusals import Refused
from tests.factories import make_member, make_project, make_token, make_user, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make_project("WEB")


def membership_of(project, person):
    return project.memberships.get(user=person)


def groups_of(person):
    return [group.name for group in person.groups.all()]


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gives_its_permissions_and_no_others(project, role):
    person = make_member(project, role)
    assert permissions_of(person, project) == ROLE_PERMISSIONS[role]
    assert permissions_of(person, make_project("APP")) == frozenset()


def test_the_group_follows_the_role(project):
    person, owner = make_member(project, "viewer"), owner_of(project)
    membership = membership_of(project, person)
    assert groups_of(person) == [group_name(project, "viewer")]
    lifecycle.change_role(membership, "manager", by=owner)
    assert groups_of(person) == [group_name(project, "manager")]
    lifecycle.remove_member(membership, by=owner)
    assert groups_of(person) == []
    assert permissions_of(person, project) == frozenset()


def test_nobody_is_a_member_twice(project):
    person = make_member(project, "viewer")
    with pytest.raises(Refused) as refusal:
        lifecycle.add_member(project, person, "owner", by=owner_of(project))
    assert (refusal.value.field, refusal.value.code) == ("email", "unique")
    assert groups_of(person) == [group_name(project, "viewer")]


@pytest.mark.parametrize(
    "verb",
    [
        lambda row, by: lifecycle.change_role(row, "manager", by=by),
        lambda row, by: lifecycle.remove_member(row, by=by),
    ],
)
def test_the_last_owner_stays(project, verb):
    owner = owner_of(project)
    with pytest.raises(LastOwner):
        verb(membership_of(project, owner), owner)
    make_member(project, "owner")
    verb(membership_of(project, owner), owner)


def test_whoever_is_removed_loses_their_tokens_of_this_project_alone(project):
    other = make_project("APP")
    person = make_member(project, "tester")
    make_member(other, "tester", person)
    make_token(person, project, "tester")
    kept = make_token(person, other, "tester")
    lifecycle.remove_member(membership_of(project, person), by=owner_of(project))
    assert ApiToken.objects.usable().get().digest == ApiToken.digest_of(kept)


def test_a_token_is_never_above_its_person(project):
    person = make_member(project, "tester")
    with pytest.raises(Refused) as refusal:
        make_token(person, project, "manager")
    assert refusal.value.code == "above_own"
    with pytest.raises(Refused):
        make_token(make_user(), project, "viewer")


def test_a_token_without_a_role_has_that_of_its_person(project):
    make_token(make_member(project, "manager"), project)
    assert project.tokens.get().role == "manager"


def test_an_owner_adds_an_existing_person_by_their_address(client, project):
    newcomer = make_user("Ann@Example.com")
    client.force_login(owner_of(project))
    client.post("/projects/WEB/members/", {"email": "ANN@example.com", "role": "manager"})
    assert membership_of(project, newcomer).role == "manager"


def test_an_unknown_address_is_told_who_makes_people(client, project):
    client.force_login(owner_of(project))
    response = client.post("/projects/WEB/members/", {"email": "no@example.com", "role": "viewer"})
    assert "An administrator makes people" in response.text
    assert project.memberships.count() == 1


def test_the_last_owner_is_told_why_they_cannot_leave(client, project):
    client.force_login(owner_of(project))
    response = client.post("/projects/WEB/members/leave/", follow=True)
    assert "is the last owner of WEB" in response.text


def test_removing_from_this_project_does_not_reach_another(client, project):
    foreign = make_project("APP")
    client.force_login(owner_of(project))
    row = membership_of(foreign, owner_of(foreign))
    assert client.post(f"/projects/WEB/members/{row.pk}/remove/").status_code == 404
    assert foreign.memberships.count() == 1


def test_twenty_members_cost_what_one_costs(client, project, django_assert_num_queries):
    client.force_login(owner_of(project))
    client.get("/projects/WEB/members/")
    with django_assert_num_queries(5) as one:
        client.get("/projects/WEB/members/")
    for _ in range(19):
        make_member(project, "tester")
    with django_assert_num_queries(len(one)):
        client.get("/projects/WEB/members/")
