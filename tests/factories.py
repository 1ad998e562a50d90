"""Rows for tests, made by the verbs that people use."""

import io
import itertools
from datetime import timedelta

import orjson
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.artifacts.lifecycle import store_text
from apps.cases import lifecycle as cases
from apps.executions.intake import record_results
from apps.memberships.invitations import new_secret
from apps.memberships.lifecycle import add_member, found_project, invite, issue_token
from apps.memberships.models import Invitation
from apps.projects.permissions import Role
from apps.reports import lifecycle as reports
from apps.runs.lifecycle import create_run

counter = itertools.count(1)


def make_user(email=None, **fields):
    """A person who signs in by client.force_login; give a password to sign in by the form."""
    return User.objects.create_user(email or f"person{next(counter)}@example.com", **fields)


def make_project(key="WEB", owner=None, **fields):
    """A project with its environments and an owner."""
    fields.setdefault("name", f"Project {key}")
    return found_project(key=key, by=owner or make_user(), **fields)


def make_member(project, role=Role.TESTER, user=None):
    """A person with the role in the project; returns the person."""
    user = user or make_user()
    add_member(project, user, Role(role), by=user)
    return user


def owner_of(project):
    return project.memberships.filter(role=Role.OWNER).order_by("id").first().user


def make_invitation(project, email="new@example.com", role=Role.TESTER, *, by=None):
    """The secret of a new invitation: its page is /invitations/{secret}/."""
    invite(project, [email], role, by=by or owner_of(project), site="http://testserver/")
    secret = new_secret()
    pending = project.invitations.pending().filter(email=email)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    pending.update(digest=Invitation.digest_of(secret), sent_at=an_hour_ago)
    return secret


def make_token(user, project=None, role="", **fields):
    """The secret of a new token: HTTP_AUTHORIZATION=f"Bearer {secret}"."""
    fields.setdefault("name", "ci")
    return issue_token(user, project=project, role=role, by=user, **fields)[1]


def make_artifact(project, data=b"words\n", name="notes.txt", *, by=None):
    """A stored file; its type follows from the bytes."""
    return store_text(project, data, by=by or owner_of(project), name=name)


def make_suite(project, name="checkout", parent=None, **fields):
    """A suite at the top, or below `parent`."""
    return cases.create_suite(project, by=owner_of(project), name=name, parent=parent, **fields)


def make_case(project, title="Pays by card", *, by=None, **fields):
    """A case with the project's next number; see cases.lifecycle.create_case for the fields."""
    return cases.create_case(project, by=by or owner_of(project), title=title, **fields)


def make_shared_steps(project, title="Sign in", *, steps=("Open the page", "Sign in"), by=None):
    """Shared steps of these actions; a case uses them by steps=[{"shared": shared.pk}]."""
    steps = [{"action": step} if isinstance(step, str) else step for step in steps]
    return cases.create_shared_steps(project, by=by or owner_of(project), title=title, steps=steps)


def make_report(project, first_run, last_run=None, *, detail="summary", by=None, **fields):
    """A report of one run, or of all from the first to the last."""
    return reports.make_report(
        project,
        first_run=first_run,
        last_run=last_run,
        detail=detail,
        by=by or owner_of(project),
        **fields,
    )


def make_run(project, name="Nightly", *, environment="ci", by=None, **fields):
    """A run in the state created; results sent to it start it."""
    return create_run(
        project,
        by=by or owner_of(project),
        name=name,
        environment=project.environments.get(name=environment),
        **fields,
    )


def send_results(run, *results, by=None):
    """Take results in as a script sends them; returns the Import.

    A name alone is a pass: send_results(run, "pays", {"name": "refunds", "status": "failed"}).
    """
    named = [{"name": result} if isinstance(result, str) else result for result in results]
    body = orjson.dumps([{"status": "passed", **result} for result in named])
    by = by or owner_of(run.project)
    arrival = record_results(run, io.BytesIO(body), by=by, content_type="application/json")
    with connection.cursor() as cursor:
        # The pipeline's tables last until the commit that most tests never come to.
        cursor.execute("DISCARD TEMP")
    return arrival
