"""The page behind the link: who may accept, and who makes an account on the way."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.memberships import lifecycle
from apps.projects.permissions import group_name
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_invitation, make_user

pytestmark = uses(populate_cast)

OPENED = "/invitations/opened/"
EVE = "eve@example.com"
FIELDS = {"name": "Eve", "new_password1": "Quiet-Harbour-12", "new_password2": "Quiet-Harbour-12"}


@pytest.fixture(autouse=True)
def by_invitation(settings):
    settings.SIGNUP = "invited"


@pytest.fixture
def secret(project):
    return make_invitation(project, EVE)


def open_link(client, secret):
    return client.get(f"/invitations/{secret}/", follow=True)


def role_of(project, email=EVE):
    return project.memberships.filter(user__email=email).values_list("role", flat=True).first()


def test_a_newcomer_makes_an_account_and_is_in(client, project, secret):
    page = open_link(client, secret)
    assert page.redirect_chain == [(OPENED, 302)]
    assert "Project WEB" in page.text and "as <b>tester</b>" in page.text and EVE in page.text
    assert "owner@example.com" in page.text
    assert secret not in page.text
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"
    answer = client.post(OPENED, FIELDS)
    assert (answer.status_code, answer.url) == (302, "/projects/WEB/")
    eve = User.objects.get(email=EVE)
    assert (get_user(client), eve.name, role_of(project)) == (eve, "Eve", "tester")
    assert [group.name for group in eve.groups.all()] == [group_name(project, "tester")]
    assert client.get("/projects/WEB/").status_code == 200
    assert eve.check_password(FIELDS["new_password1"])


def test_the_address_of_a_newcomer_is_that_of_the_invitation(client, project, secret):
    open_link(client, secret)
    client.post(OPENED, FIELDS | {"email": "mallory@example.com"})
    assert not User.objects.filter(email="mallory@example.com").exists()
    assert role_of(project) == "tester"


def test_a_weak_or_mistyped_password_is_refused_and_nothing_is_made(client, secret):
    open_link(client, secret)
    for wrong in ({"new_password2": "another"}, {"new_password1": "123", "new_password2": "123"}):
        assert 'class="err"' in client.post(OPENED, FIELDS | wrong).text
    assert not User.objects.filter(email=EVE).exists()


def test_somebody_with_an_account_signs_in_and_accepts(client, project, secret):
    make_user(EVE, password=FIELDS["new_password1"])
    page = open_link(client, secret)
    assert f"/accounts/login/?next={OPENED.replace('/', '%2F')}" in page.text
    assert "new_password1" not in page.text
    client.post(OPENED, FIELDS)
    assert role_of(project) is None
    sent = {"login": EVE, "password": FIELDS["new_password1"]}
    page = client.post(f"/accounts/login/?next={OPENED}", sent, follow=True)
    assert ">Accept<" in page.text
    assert client.post(OPENED).url == "/projects/WEB/"
    assert role_of(project) == "tester"


def test_nobody_else_accepts(client, project, secret, outsider):
    client.force_login(outsider)
    page = open_link(client, secret)
    assert f"Only {EVE} can accept" in page.text
    assert ">Accept<" not in page.text
    page = client.post(OPENED)
    assert f"This invitation is for {EVE}" in page.text
    assert role_of(project, outsider.email) is None
    assert project.invitations.pending().exists()


def test_case_makes_no_other_address(project):
    secret = make_invitation(project, "EVE@Example.com".lower())
    assert lifecycle.accept_invitation(secret, by=make_user("Eve@EXAMPLE.com")).role == "tester"


def test_it_works_once(client, project, secret, owner):
    eve = make_user(EVE)
    lifecycle.accept_invitation(secret, by=eve)
    lifecycle.remove_member(project.memberships.get(user=eve), by=owner)
    client.force_login(eve)
    page = open_link(client, secret)
    assert page.status_code == 404
    assert "used already" in page.text
    assert client.post(OPENED).status_code == 404
    assert role_of(project) is None


def test_whoever_is_in_already_is_led_into_the_project(client, project, secret):
    eve = make_user(EVE)
    lifecycle.accept_invitation(secret, by=eve)
    client.force_login(eve)
    assert client.get(f"/invitations/{secret}/", follow=True).redirect_chain[-1] == (
        "/projects/WEB/",
        302,
    )


def test_one_that_ran_out_was_withdrawn_or_never_was_says_so(client, project, secret, owner):
    project.invitations.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "This invitation ended on" in open_link(client, secret).text
    client.post(OPENED, FIELDS)
    lifecycle.withdraw_invitation(project.invitations.get(), by=owner)
    assert "has been withdrawn" in open_link(client, secret).text
    page = open_link(client, secret[:-1])
    assert page.status_code == 404
    assert "not known here" in page.text
    assert "Project WEB" not in page.text
    assert not User.objects.filter(email=EVE).exists()


def test_without_a_link_there_is_nothing_to_accept(client, secret):
    for answer in (client.get(OPENED), client.post(OPENED, FIELDS)):
        assert answer.status_code == 404
    assert not User.objects.filter(email=EVE).exists()


def test_looking_at_the_link_uses_nothing_up(client, project, secret):
    for _ in range(3):
        open_link(client, secret)
    assert project.invitations.pending().count() == 1


def test_a_closed_site_takes_only_people_with_an_account(client, project, secret, settings):
    settings.SIGNUP = "closed"
    page = open_link(client, secret)
    assert "Ask whoever runs this TestoQA for an account" in page.text
    client.post(OPENED, FIELDS)
    assert not User.objects.filter(email=EVE).exists()
    client.force_login(make_user(EVE))
    open_link(client, secret)
    client.post(OPENED)
    assert role_of(project) == "tester"


def test_an_open_site_binds_the_account_to_the_address_too(client, project, secret, settings):
    settings.SIGNUP = "open"
    open_link(client, secret)
    client.post(OPENED, FIELDS)
    assert role_of(project) == "tester"


def test_an_invitation_outlives_the_role_of_whoever_sent_it(project, secret, owner, manager):
    lifecycle.hand_over(project.memberships.get(user=manager), by=owner)
    assert lifecycle.accept_invitation(secret, by=make_user(EVE)).role == "tester"


def test_an_archived_project_is_entered_to_be_read_and_a_deleted_one_never(client, project, secret):
    project.archived_at = timezone.now()
    project.save(update_fields=["archived_at"])
    client.force_login(make_user(EVE))
    open_link(client, secret)
    assert client.post(OPENED).url == "/projects/WEB/"
    assert client.get("/projects/WEB/").status_code == 200
    assert client.post("/projects/WEB/runs/new/", {"name": "x"}).status_code == 403


def test_no_link_leads_into_a_deleted_project(client, project, secret):
    project.deleted_at = timezone.now()
    project.save(update_fields=["deleted_at"])
    client.force_login(make_user(EVE))
    page = open_link(client, secret)
    assert page.status_code == 404
    assert "Project WEB" not in page.text
    assert role_of(project) is None


def test_a_forged_form_is_refused(secret, project):
    strict = Client(enforce_csrf_checks=True)
    strict.get(f"/invitations/{secret}/", follow=True)
    assert strict.post(OPENED, FIELDS).status_code == 403
    assert role_of(project) is None
