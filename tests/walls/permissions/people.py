"""Rows of projects, members, tokens and one's own account."""

from django.utils import timezone

from apps.projects.models import Project

from .row import Row
from .setting import secret_of_invitation

PROJECT = "projects/<str:key>/"
API = "api/v1/projects/<str:key>/"
SETTINGS = {"name": "Web shop", "default_branch": "main", "repeats": "tries"}

SENT_ON = "302 302 302 302 302 302 302"


def member(things):
    return {"pk": things.membership.pk}


def token(things):
    return {"pk": things.token.pk}


def environment(things):
    return {"pk": things.spare_environment.pk}


def invitation(things):
    return {"pk": things.invitation.pk}


def link(things):
    """The link in the message, which opens the invitation for whoever holds it."""
    return {"secret": secret_of_invitation(things.project)}


def invited(things):
    return {"emails": things.newcomer.email, "role": "tester"}


def new_member(things):
    return {"email": things.newcomer.email, "role": "tester"}


def successor(things):
    return {"member": str(things.membership.pk), "confirmation": things.project.key}


def new_project(things):
    return {"key": "NEW", "name": "New"}


def archive(things):
    """So that there is something to restore; taken back with what the request did."""
    Project.objects.filter(pk=things.project.pk).update(archived_at=timezone.now())
    return {}


def new_token(things):
    return {"name": "laptop", "role": "viewer", "lifetime": "30"}


def own_token(things):
    return {"name": "laptop", "lifetime": "30"}


def manager(things):
    return {"role": "manager"}


def viewer_token(things):
    return {"name": "laptop", "role": "viewer"}


ROWS = [
    Row("GET", "", "200 200 200 200 200 200 302"),
    Row("GET", "projects/new/", "200 200 200 200 200 200 302"),
    Row("POST", "projects/new/", "302 302 302 302 302 302 302", form=new_project),
    Row("GET", PROJECT, "200 200 200 200 404 404 302"),
    Row("GET", f"{PROJECT}members/", "200 200 200 200 404 404 302"),
    Row("POST", f"{PROJECT}members/", "302 403 403 403 404 404 302", form=invited),
    Row(
        "POST", f"{PROJECT}members/hand-over/", "302 403 403 403 404 404 302", form=successor
    ),
    Row(
        "POST", f"{PROJECT}invitations/<uuid:pk>/resend/", "302 403 403 403 404 404 302",
        where=invitation,
    ),
    Row(
        "POST", f"{PROJECT}invitations/<uuid:pk>/withdraw/", "302 403 403 403 404 404 302",
        where=invitation,
    ),
    Row("GET", "invitations/<str:secret>/", SENT_ON, where=link, public=True),
    Row("POST", "invitations/<str:secret>/", SENT_ON, where=link, public=True),
    Row(
        "POST", f"{PROJECT}members/<uuid:pk>/change/", "302 403 403 403 404 404 302",
        where=member, form=manager,
    ),
    Row(
        "POST", f"{PROJECT}members/<uuid:pk>/remove/", "302 403 403 403 404 404 302", where=member
    ),
    Row("POST", f"{PROJECT}members/leave/", "302 302 302 302 404 404 302"),
    Row("GET", f"{PROJECT}settings/", "200 200 200 200 404 404 302"),
    Row("POST", f"{PROJECT}settings/", "302 403 403 403 404 404 302", form=lambda _: SETTINGS),
    Row(
        "POST", f"{PROJECT}settings/environments/", "302 403 403 403 404 404 302",
        form=lambda _: {"name": "uat"},
    ),
    Row(
        "POST", f"{PROJECT}settings/environments/<uuid:pk>/remove/", "302 403 403 403 404 404 302",
        where=environment,
    ),
    Row("POST", f"{PROJECT}settings/tokens/", "200 200 200 200 404 404 302", form=new_token),
    Row(
        "POST", f"{PROJECT}settings/tokens/<int:pk>/revoke/", "302 404 404 404 404 404 302",
        where=token,
    ),
    Row("GET", f"{PROJECT}activity/", "200 200 200 200 404 404 302"),
    Row(
        "GET", f"{PROJECT}activity/export/", "200 200 200 200 404 404 302", query="?format=csv"
    ),
    Row("POST", f"{PROJECT}settings/archive/", "302 403 403 403 404 404 302"),
    Row("POST", f"{PROJECT}settings/restore/", "302 403 403 403 404 404 302", form=archive),
    Row(
        "POST", f"{PROJECT}settings/delete/", "302 403 403 403 404 404 302",
        form=lambda things: {"confirmation": things.project.key},
    ),
    Row("GET", "accounts/tokens/", "200 200 200 200 200 200 302"),
    Row("POST", "accounts/tokens/", "200 200 200 200 200 200 302", form=own_token),
    Row(
        "POST", "accounts/tokens/<int:pk>/revoke/", "404 404 404 404 404 404 302", where=token
    ),
    Row("GET", "api/v1/tokens/", "200 200 200 200 200 200 401", "403 403 403 401"),
    Row(
        "POST", "api/v1/tokens/", "201 201 201 201 201 201 401", "403 403 403 401",
        json=lambda _: {"name": "laptop"},
    ),
    Row(
        "DELETE", "api/v1/tokens/<int:pk>/", "404 404 404 404 404 404 401", "403 403 403 401",
        where=token,
    ),
    Row("GET", "accounts/settings/", "200 200 200 200 200 200 302"),
    Row(
        "POST", "accounts/settings/", "302 302 302 302 302 302 302",
        form=lambda _: {"time_zone": "Europe/Berlin", "theme": "dark", "density": "cosy"},
    ),
    Row("POST", "accounts/theme/", "302 302 302 302 302 302 302", form=lambda _: {"theme": "dark"}),
    Row("GET", "api/v1/projects/", "200 200 200 200 200 200 401", "200 200 200 401"),
    Row(
        "POST", "api/v1/projects/", "201 201 201 201 201 201 401", "403 403 403 401",
        json=new_project,
    ),
    Row("GET", API, "200 200 200 200 404 404 401", "200 200 404 401"),
    Row("PATCH", API, "200 403 403 403 404 404 401", "200 403 404 401", json=lambda _: SETTINGS),
    Row(
        "DELETE", API, "202 403 403 403 404 404 401", "202 403 404 401",
        headers={"X-Confirm": "WEB"},
    ),
    Row("POST", f"{API}archive/", "200 403 403 403 404 404 401", "200 403 404 401"),
    Row(
        "POST", f"{API}restore/", "200 403 403 403 404 404 401", "200 403 404 401", form=archive
    ),
    Row("GET", f"{API}activity/", "200 200 200 200 404 404 401", "200 200 404 401"),
    Row(
        "GET", f"{API}activity/export/", "200 200 200 200 404 404 401", "200 200 404 401",
        query="?format=jsonl",
    ),
    Row("GET", f"{API}environments/", "200 200 200 200 404 404 401", "200 200 404 401"),
    Row(
        "POST", f"{API}environments/", "201 403 403 403 404 404 401", "201 403 404 401",
        json=lambda _: {"name": "uat"},
    ),
    Row("GET", f"{API}members/", "200 200 200 200 404 404 401", "200 200 404 401"),
    Row(
        "POST", f"{API}members/", "202 403 403 403 404 404 401", "202 403 404 401", json=new_member
    ),
    Row(
        "POST", f"{API}members/<uuid:pk>/hand-over/", "200 403 403 403 404 404 401",
        "200 403 404 401", where=member,
    ),
    Row("GET", f"{API}invitations/", "200 403 403 403 404 404 401", "200 403 404 401"),
    Row(
        "POST", f"{API}invitations/", "201 403 403 403 404 404 401", "201 403 404 401",
        json=new_member,
    ),
    Row(
        "DELETE", f"{API}invitations/<uuid:pk>/", "204 403 403 403 404 404 401", "204 403 404 401",
        where=invitation,
    ),
    Row(
        "POST", f"{API}invitations/<uuid:pk>/resend/", "200 403 403 403 404 404 401",
        "200 403 404 401", where=invitation,
    ),
    Row(
        "PATCH", f"{API}members/<uuid:pk>/", "200 403 403 403 404 404 401", "200 403 404 401",
        where=member, json=manager,
    ),
    Row(
        "DELETE", f"{API}members/<uuid:pk>/", "204 403 403 403 404 404 401", "204 403 404 401",
        where=member,
    ),
    Row("GET", f"{API}tokens/", "200 200 200 200 404 404 401", "200 200 404 401"),
    Row(
        "POST", f"{API}tokens/", "201 201 201 201 404 404 401", "201 201 404 401",
        json=viewer_token,
    ),
    Row(
        "DELETE", f"{API}tokens/<int:pk>/", "204 404 404 404 404 404 401", "204 404 404 401",
        where=token,
    ),
]  # fmt: skip
