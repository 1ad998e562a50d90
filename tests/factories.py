"""Rows for tests, made by the verbs that people use."""

import itertools

from apps.accounts.models import User
from apps.artifacts.lifecycle import store_text
from apps.memberships.lifecycle import add_member, found_project, issue_token
from apps.projects.permissions import Role

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
