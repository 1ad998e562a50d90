"""The instance's own trail: what superusers change is in it, and nobody changes the trail."""

import pytest
from django.urls import reverse

from apps.accounts.models import InstanceActivity, User
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user

pytestmark = uses(populate_cast)


@pytest.fixture
def root(client):
    person = make_user("root@example.com", is_superuser=True)
    client.force_login(person)
    return person


def newest():
    return InstanceActivity.objects.first()


def form_of(person, **changed):
    fields = {
        "email": person.email, "name": person.name, "time_zone": "UTC", "theme": "system",
        "density": "compact", "shortcuts": "on", "is_active": "on",
    }  # fmt: skip
    return {name: value for name, value in {**fields, **changed}.items() if value}


def test_making_somebody_a_superuser_is_noted_with_before_and_after(client, root, viewer):
    path = f"/admin/accounts/user/{viewer.pk}/change/"
    assert client.post(path, form_of(viewer, is_superuser="on")).status_code == 302
    row = newest()
    assert (row.verb, row.user, row.object_id) == ("admin.change", root, str(viewer.pk))
    assert (row.before["is_superuser"], row.after["is_superuser"]) == (False, True)
    assert row.address == "127.0.0.1"


def test_a_password_set_by_an_administrator_is_noted_without_it(client, root, viewer):
    form = {"password1": "Quiet-Harbour-12", "password2": "Quiet-Harbour-12"}
    path = f"/admin/accounts/user/{viewer.pk}/password/"
    assert client.post(path, {"usable_password": "true", **form}).status_code == 302
    row = newest()
    assert (row.verb, row.object_id) == ("admin.change", str(viewer.pk))
    assert "Quiet-Harbour" not in repr(vars(row))
    viewer.refresh_from_db()
    assert viewer.password not in repr(vars(row))


def test_a_person_made_in_the_administration_is_noted(client, root):
    form = {
        "email": "new@example.com",
        "usable_password": "false",
        "password1": "",
        "password2": "",
    }
    client.post("/admin/accounts/user/add/", form)
    row = newest()
    assert (row.verb, row.object_label) == ("admin.add", "new@example.com")
    assert row.after["email"] == "new@example.com"


def test_a_change_within_a_project_names_the_project(client, root, project):
    form = {"name": "Web shop", "default_branch": "main", "repeats": "tries"}
    path = f"/admin/projects/project/{project.pk}/change/"
    assert client.post(path, form).status_code == 302
    row = newest()
    assert (row.verb, row.project_key, row.after["name"]) == ("admin.change", "WEB", "Web shop")


def test_the_trail_is_shown_and_filtered_and_never_changed(client, root, viewer):
    client.post(f"/admin/accounts/user/{viewer.pk}/change/", form_of(viewer, name="Vera"))
    row = newest()
    listing = reverse("admin:accounts_instanceactivity_changelist")
    for query in ("", "?subject=admin", "?q=root", "?q=admin.change", "?q=WEB"):
        assert client.get(listing + query).status_code == 200
    assert "admin.change" in client.get(f"{listing}?subject=admin").content.decode()
    assert "admin.change" not in client.get(f"{listing}?subject=sign_in").content.decode()
    detail = reverse("admin:accounts_instanceactivity_change", args=[row.pk])
    assert "Vera" in client.get(detail).content.decode()
    assert client.post(detail, {"verb": "nothing"}).status_code == 403
    delete = reverse("admin:accounts_instanceactivity_delete", args=[row.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    add = reverse("admin:accounts_instanceactivity_add")
    assert client.post(add, {}).status_code == 403


def test_an_address_changed_by_an_administrator_opens_the_account_no_more(client, root):
    person = make_user("before@example.com", password="correct horse battery")
    login = {"login": person.email, "password": "correct horse battery"}
    client.logout()
    assert client.post(reverse("account_login"), login).status_code == 302
    client.logout()
    client.force_login(root)
    client.post(
        f"/admin/accounts/user/{person.pk}/change/", form_of(person, email="after@example.com")
    )
    assert User.objects.get(pk=person.pk).email == "after@example.com"
    client.logout()
    assert client.post(reverse("account_login"), login).status_code == 200
    login["login"] = "after@example.com"
    assert client.post(reverse("account_login"), login).status_code == 302
