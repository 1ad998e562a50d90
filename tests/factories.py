"""Rows for tests, made by the verbs that people use."""

import itertools

from apps.accounts.models import User
from apps.artifacts.lifecycle import store_text
from apps.cases import lifecycle as cases
from apps.memberships.lifecycle import add_member, found_project, issue_token
from apps.projects.permissions import Role
from apps.reports import lifecycle as reports

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
