"""What is done in the administration is told to the project's own trail as well."""

import pytest
from django.contrib import admin
from django.urls import reverse

from apps.memberships.lifecycle import issue_token
from apps.projects import lifecycle
from apps.projects.admin import ReadOnlyAdmin, VerbAdmin
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user
from tests.walls.world import all_models, tenant_models

pytestmark = uses(populate_cast)


@pytest.fixture
def administrator(client):
    person = make_user("admin@example.com", is_superuser=True)
    client.force_login(person)
    return person


def last(project):
    row = project.activity.order_by("-id").first()
    return row.who, row.verb, row.object_label, row.before, row.after


def test_whatever_a_project_owns_is_looked_at_or_changed_by_verbs():
    for model, page in admin.site._registry.items():
        if model in all_models() and model._meta.app_label != "accounts":
            assert isinstance(page, (ReadOnlyAdmin, VerbAdmin)), model
    assert {model for model in admin.site._registry if model in tenant_models()}


def test_a_project_that_is_renamed_there(client, administrator, project):
    path = reverse("admin:projects_project_change", args=[project.pk])
    body = {"name": "Shop", "description": "", "default_branch": "main", "repeats": "instances"}
    assert client.post(path, body).status_code == 302
    assert last(project) == (
        "admin@example.com",
        "project.change",
        "Shop",
        {"name": "Project WEB"},
        {"name": "Shop"},
    )


def test_a_member_who_is_added_changed_and_removed_there(client, administrator, project):
    person = make_user("new@example.com")
    body = {"project": project.pk, "user": person.pk, "role": "viewer"}
    client.post(reverse("admin:memberships_membership_add"), body)
    added = ("admin@example.com", "member.add", "new@example.com", {}, {"role": "viewer"})
    assert last(project) == added
    member = project.memberships.get(user=person)
    change = reverse("admin:memberships_membership_change", args=[member.pk])
    client.post(change, {"role": "tester"})
    assert last(project)[1:] == (
        "member.change_role",
        "new@example.com",
        {"role": "viewer"},
        {"role": "tester"},
    )
    delete = reverse("admin:memberships_membership_delete", args=[member.pk])
    client.post(delete, {"post": "yes"})
    assert last(project)[1:4] == ("member.remove", "new@example.com", {"role": "tester"})


def test_a_token_that_is_revoked_there(client, administrator, project, owner):
    token, _ = issue_token(owner, name="ci", by=owner, project=project, role="viewer")
    body = {"action": "revoke", "_selected_action": [token.pk]}
    client.post(reverse("admin:memberships_apitoken_changelist"), body)
    assert last(project)[:3] == ("admin@example.com", "token.revoke", str(token))


def test_a_deleted_project_is_seen_there_and_not_changed(client, administrator, project, owner):
    lifecycle.delete_project(project, by=owner)
    path = reverse("admin:projects_project_change", args=[project.pk])
    assert client.get(path).status_code == 200
    body = {"name": "Shop", "description": "", "default_branch": "main", "repeats": "instances"}
    assert client.post(path, body).status_code == 403
