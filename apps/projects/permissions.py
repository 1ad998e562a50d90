"""Roles, and what each may do in a project: one group per project and role holds it."""

from django.contrib.auth.models import Group, Permission
from django.db import models

VIEW = "view_project"
RUN = "run_tests"
EDIT = "edit_cases"
REVIEW = "review_cases"
MANAGE_RUNS = "manage_runs"
MANAGE_MEMBERS = "manage_members"
MANAGE_PROJECT = "manage_project"


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    TESTER = "tester", "Tester"
    VIEWER = "viewer", "Viewer"


ROLE_PERMISSIONS = {
    Role.VIEWER: frozenset({VIEW}),
    Role.TESTER: frozenset({VIEW, RUN}),
    Role.MANAGER: frozenset({VIEW, RUN, EDIT, REVIEW, MANAGE_RUNS}),
    Role.OWNER: frozenset({VIEW, RUN, EDIT, REVIEW, MANAGE_RUNS, MANAGE_MEMBERS, MANAGE_PROJECT}),
}

KEPT_BY_ARCHIVE = frozenset({VIEW, MANAGE_MEMBERS, MANAGE_PROJECT})
"""An archived project is read; its owners still say who reads it, and restore it."""

READ, RESULTS = "read", "results"
SCOPE_PERMISSIONS = {
    "all": ROLE_PERMISSIONS[Role.OWNER],
    READ: frozenset({VIEW}),
    RESULTS: frozenset({VIEW, RUN}),
}
"""What a token's scope leaves of its role; of results the API lets through the sending alone."""
SCOPE_SENTENCES = {
    READ: "This token may only read; use one whose scope is all.",
    RESULTS: (
        "This token may only send results: make, start, finish and read a run, and send results, "
        "result files and files of a run."
    ),
}

IN_WORDS = {
    VIEW: "Seeing the project",
    RUN: "Running tests",
    EDIT: "Changing cases",
    REVIEW: "Reviewing cases",
    MANAGE_RUNS: "Ending and deleting runs",
    MANAGE_MEMBERS: "Changing who is a member",
    MANAGE_PROJECT: "Changing the project",
}


def role_of(permissions):
    """The role that has exactly these permissions, or None."""
    return next((role for role, names in ROLE_PERMISSIONS.items() if names == permissions), None)


def why_not(name, permissions, project):
    """What is refused, to whom it is open, and who can help, in two sentences."""
    if project.is_archived and name not in KEPT_BY_ARCHIVE:
        return archived_sentence(project)
    *less, most = [str(role) for role, names in ROLE_PERMISSIONS.items() if name in names]
    able = f"{', '.join(less)} or {most}" if less else most
    role = None if project.is_archived else role_of(permissions)
    mine = f"your role here is {role}" if role else "you do not have it here"
    return (
        f"{IN_WORDS[name]} in {project.key} ({name}) takes the role {able}; {mine}. "
        "An owner of the project can change that."
    )


def archived_sentence(project):
    return (
        f"{project.key} is archived: it is read, and nobody changes anything in it. "
        "An owner can restore it in its settings."
    )


def group_name(project, role):
    return f"project {project.pk} {role}"


def role_group(project, role):
    return Group.objects.get(name=group_name(project, role))


def make_role_groups(project):
    """The four groups of a new project, each with its role's permissions on it."""
    from .models import ProjectGroupObjectPermission

    permissions = {
        permission.codename: permission
        for permission in Permission.objects.filter(
            content_type__app_label="projects", content_type__model="project"
        )
    }
    groups = Group.objects.bulk_create(Group(name=group_name(project, role)) for role in Role)
    ProjectGroupObjectPermission.objects.bulk_create(
        ProjectGroupObjectPermission(
            group=group, permission=permissions[codename], content_object=project
        )
        for role, group in zip(Role, groups, strict=True)
        for codename in sorted(ROLE_PERMISSIONS[role])
    )
