"""A project that asks for a second factor: who has none is told what to do, wherever they ask."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.projects.door import SecondFactorMissing, find_project, who_may_view
from apps.projects.lifecycle import change_project
from apps.projects.models import Activity, Project
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_member, make_run, make_token, make_user

pytestmark = uses(populate_cast)
API = "/api/v1/projects/WEB/"


def give_app(user):
    return TOTP.activate(user, "JBSWY3DPEHPK3PXP").instance


@pytest.fixture
def strict(project, owner):
    """The project asks for a second factor, and its owner has one."""
    give_app(owner)
    return change_project(project, by=owner, second_factor=True)


def test_a_member_without_one_is_refused_by_page_api_and_token(client, strict, tester):
    client.force_login(tester)
    page = client.get(reverse("projects:overview", args=["WEB"]))
    assert page.status_code == 403
    assert f'href="{reverse("accounts:security")}"' in page.content.decode()
    answer = client.get(API)
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "second_factor"
    assert answer.json()["url"].endswith("/accounts/security/")
    bearer = {"authorization": f"Bearer {make_token(tester)}"}
    client.logout()
    assert client.get(API, headers=bearer).status_code == 403
    give_app(tester)
    assert client.get(API, headers=bearer).status_code == 200
    client.force_login(tester)
    assert client.get(reverse("projects:overview", args=["WEB"])).status_code == 200


def test_somebody_from_another_project_is_told_nothing_of_it(client, strict, outsider):
    client.force_login(outsider)
    assert client.get(reverse("projects:overview", args=["WEB"])).status_code == 404


def test_recovery_codes_alone_are_no_second_factor(strict, tester):
    Authenticator.objects.create(user=tester, type="recovery_codes", data={})
    with pytest.raises(SecondFactorMissing):
        find_project(tester, "WEB")


def test_a_passkey_is_one(strict, tester):
    Authenticator.objects.create(user=tester, type="webauthn", data={"name": "laptop"})
    assert find_project(tester, "WEB").project == strict


def test_a_service_account_needs_none(strict):
    robot = make_member(strict, "tester", make_user("robot@example.com"))
    robot.set_unusable_password()
    robot.is_service = True
    robot.save()
    assert find_project(robot, "WEB").project == strict
    assert (robot.pk, strict.pk) in who_may_view([robot], [strict])


def test_lists_hide_what_it_holds_and_say_why(client, strict, tester):
    make_run(strict, "Secret nightly")
    client.force_login(tester)
    page = client.get(reverse("projects:list")).content.decode()
    assert "not open to you yet" in page
    assert reverse("projects:overview", args=["WEB"]) not in page
    assert client.get("/api/v1/projects/").json()["results"] == []
    give_app(tester)
    assert reverse("projects:overview", args=["WEB"]) in client.get("/").content.decode()
    assert len(client.get("/api/v1/projects/").json()["results"]) == 1


def test_sockets_are_asked_again(strict, tester, owner):
    assert who_may_view([tester, owner], [strict]) == {(owner.pk, strict.pk)}
    give_app(tester)
    assert (tester.pk, strict.pk) in who_may_view([tester, owner], [strict])


def test_an_owner_turns_it_on_only_with_one_of_their_own(client, project, owner):
    client.force_login(owner)
    form = {"name": "Web", "default_branch": "main", "repeats": "tries", "second_factor": "on"}
    answer = client.post(reverse("projects:settings", args=["WEB"]), form)
    assert "Set up a second factor of your own first" in answer.content.decode()
    refused = client.patch(API, {"second_factor": True}, "application/json")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "no_second_factor")
    made = client.post(
        "/api/v1/projects/",
        {"key": "NEW", "name": "New", "second_factor": True},
        "application/json",
    )
    assert made.status_code == 409
    assert not Project.objects.filter(second_factor=True).exists()
    give_app(owner)
    assert client.post(reverse("projects:settings", args=["WEB"]), form).status_code == 302
    project.refresh_from_db()
    assert project.second_factor
    assert Activity.objects.first().after["second_factor"] is True


def test_a_manager_cannot_turn_it_off(client, strict, manager):
    give_app(manager)
    client.force_login(manager)
    answer = client.patch(API, {"second_factor": False}, "application/json")
    assert answer.status_code == 403


def queries_of(call):
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


def test_it_costs_one_query_and_only_where_it_is_asked_for(project, owner):
    give_app(owner)
    owner = User.objects.get(pk=owner.pk)
    ways = [lambda: find_project(owner, "WEB"), lambda: who_may_view([owner], [project])]
    before = [queries_of(way) for way in ways]
    assert before == [1, 1]
    change_project(project, by=owner, second_factor=True)
    assert [queries_of(way) for way in ways] == [2, 2]


def test_require_is_refused_by_the_verb_itself(project, tester):
    with pytest.raises(Refused):
        change_project(project, by=tester, second_factor=True)
