import pytest

from apps.memberships.models import ApiToken, Membership
from apps.projects.permissions import group_name
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_token, make_user

pytestmark = uses(populate_cast)
LIST = "/admin/memberships/membership/"


@pytest.fixture
def administrator(client):
    client.force_login(make_user(is_superuser=True))
    return client


def groups_of(person):
    return [group.name for group in person.groups.all()]


def test_a_membership_made_there_has_its_group(administrator, project):
    person = make_user()
    body = {"project": project.pk, "user": person.pk, "role": "tester"}
    assert administrator.post(f"{LIST}add/", body).status_code == 302
    assert project.memberships.get(user=person).role == "tester"
    assert groups_of(person) == [group_name(project, "tester")]


def test_a_role_changed_there_moves_the_group(administrator, project, viewer):
    row = project.memberships.get(user=viewer)
    administrator.post(f"{LIST}{row.pk}/change/", {"role": "manager"})
    assert groups_of(viewer) == [group_name(project, "manager")]


@pytest.mark.parametrize("in_bulk", [False, True])
def test_a_membership_deleted_there_takes_group_and_tokens_along(
    administrator, project, tester, in_bulk
):
    make_token(tester, project, "tester")
    row = project.memberships.get(user=tester)
    if in_bulk:
        body = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        administrator.post(LIST, body)
    else:
        administrator.post(f"{LIST}{row.pk}/delete/", {"post": "yes"})
    assert not Membership.objects.filter(pk=row.pk).exists()
    assert groups_of(tester) == []
    assert not ApiToken.objects.usable().exists()


@pytest.mark.parametrize("action", ["change", "delete", "bulk"])
def test_the_last_owner_stays_there_too(administrator, project, owner, action):
    row = project.memberships.get(user=owner)
    if action == "bulk":
        body = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        response = administrator.post(LIST, body, follow=True)
    else:
        body = {"role": "viewer", "post": "yes"}
        response = administrator.post(f"{LIST}{row.pk}/{action}/", body, follow=True)
    assert "is the last owner of WEB" in response.text
    assert Membership.objects.get(pk=row.pk).role == "owner"


@pytest.mark.parametrize(
    "model",
    [
        "accounts/user",
        "projects/project",
        "projects/environment",
        "projects/projectgroupobjectpermission",
        "projects/projectuserobjectpermission",
        "memberships/membership",
        "memberships/apitoken",
        "auth/group",
    ],
)
def test_everything_can_be_searched(administrator, project, owner, model):
    make_token(owner, project, "owner")
    assert administrator.get(f"/admin/{model}/?q=web").status_code == 200


@pytest.mark.parametrize("model", ["projects/projectgroupobjectpermission", "memberships/apitoken"])
def test_permissions_and_tokens_are_only_looked_at(administrator, project, owner, model):
    make_token(owner, project, "owner")
    assert administrator.get(f"/admin/{model}/add/").status_code == 403


def test_a_member_of_a_project_is_no_administrator(client, owner):
    client.force_login(owner)
    assert client.get("/admin/").status_code == 302
