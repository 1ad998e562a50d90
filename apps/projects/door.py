"""The one way in to what a project owns: who asks, which project, and what they may do there."""

import re
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404

from apps.accounts.second_factor import has_one, has_second_factor, having_second_factor

from .models import (
    KEY_PATTERN,
    Project,
    ProjectGroupObjectPermission,
    ProjectUserObjectPermission,
)
from .permissions import (
    IN_WORDS,
    KEPT_BY_ARCHIVE,
    RESULTS,
    ROLE_PERMISSIONS,
    SCOPE_PERMISSIONS,
    SCOPE_SENTENCES,
    VIEW,
    archived_sentence,
    why_not,
)

# As a statement of our own: each request asks it, and Django takes longer to write one than
# PostgreSQL to answer.
GRANTED = """
SELECT p.*, ARRAY(
    SELECT a.codename FROM auth_permission a WHERE a.id IN (
        SELECT o.permission_id FROM projects_projectuserobjectpermission o
        WHERE o.content_object_id = p.id AND o.user_id = %(user)s
        UNION ALL
        SELECT o.permission_id FROM projects_projectgroupobjectpermission o
        JOIN accounts_user_groups g ON g.group_id = o.group_id
        WHERE o.content_object_id = p.id AND g.user_id = %(user)s
    )
) AS granted
FROM projects_project p WHERE p.key = %(key)s AND p.deleted_at IS NULL
"""


@dataclass(frozen=True)
class RequestContext:
    """Who asks (a person, perhaps through a token), in which project, with which permissions.

    Of one run alone where somebody is its guest: then the permissions hold for that `run`.
    """

    user: Any
    project: Project
    permissions: frozenset[str]
    token: Any = None
    run: Any = None
    is_guest: bool = False

    def may(self, name: str) -> bool:
        return name in self.permissions

    def require(self, name: str) -> None:
        if self.may(name):
            return
        if self.is_guest:
            raise PermissionDenied(f"{IN_WORDS[name]} is not what a guest of this run was given.")
        if self.token is not None and name not in SCOPE_PERMISSIONS[self.token.scope]:
            raise PermissionDenied(SCOPE_SENTENCES[self.token.scope])
        raise PermissionDenied(why_not(name, self.permissions, self.project))

    def require_membership(self) -> None:
        """Refuses a guest, who sees the run and does nothing else there than what is offered."""
        if self.is_guest:
            raise PermissionDenied(
                f"You are a guest of this run; this takes a member of {self.project.key}."
            )

    @property
    def has_word(self) -> bool:
        """Whether this person may say something here: any member, until the project is archived."""
        return not self.is_guest and not self.project.is_archived

    def require_word(self) -> None:
        self.require_membership()
        if not self.has_word:
            raise PermissionDenied(archived_sentence(self.project))

    @property
    def sends_results_only(self) -> bool:
        return self.token is not None and self.token.scope == RESULTS


class SecondFactorMissing(PermissionDenied):
    """The project asks for a second factor, which this person has not set up."""

    def __init__(self, project):
        super().__init__(
            f"{project.key} is open only to people with a second factor, and you have none yet. "
            "Set up an authenticator app or a passkey in the security settings of your account; "
            "then the project opens to you and to your tokens."
        )


def require_second_factor(user, project) -> None:
    """Asked of everybody who comes in, by session or token; costs a query where it is required."""
    if project.second_factor and not has_second_factor(user):
        raise SecondFactorMissing(project)


def open_to(user, relation=""):
    """A condition for lists: the project asks this person for no second factor that they lack."""
    return Q(**{f"{relation}second_factor": False}) | Q(has_one(user))


def find_project(user, key: str, *, token=None) -> RequestContext:
    """The project that this person may see.

    Raises Http404 for a project that is missing and for one they may not see alike, so that its
    existence stays private, and SecondFactorMissing where the project asks for one. A token
    confined to a project opens that one only, and no more of it than the token's role allows.
    """
    project = _granted(user, key)
    elsewhere = project and token is not None and token.project_id not in (None, project.pk)
    if project is None or VIEW not in project.granted or elsewhere:
        raise Http404(f"There is no project {key} that you can see.")
    require_second_factor(user, project)
    names = narrowed(frozenset(project.granted), project, token)
    return RequestContext(user=user, project=project, permissions=names, token=token)


def _granted(user, key):
    """The project, with the names of the permissions that rows give this person: `granted`.

    Being a superuser gives none.
    """
    if not user.is_active or not _may_be_key(key):
        return None
    return next(iter(Project.objects.raw(GRANTED, {"key": key, "user": user.pk})), None)


def _may_be_key(key):
    """What cannot be one is not looked for: the database's driver fails on a NUL."""
    return re.fullmatch(KEY_PATTERN, key) is not None


def narrowed(names: frozenset[str], project, token) -> frozenset[str]:
    """What is left of these permissions by way of a token, and in an archived project."""
    if token is not None:
        names &= SCOPE_PERMISSIONS[token.scope]
        if token.role:
            names &= ROLE_PERMISSIONS[token.role]
    if project.is_archived:
        names &= KEPT_BY_ARCHIVE
    return names


def visible_projects(user, *, key=None, token=None):
    """Those that this person may see; with a key that one alone."""
    if not user.is_active or (key is not None and not _may_be_key(key)):
        return Project.objects.none()
    projects = Project.objects.visible_to(user)
    if key is not None:
        projects = projects.filter(key=key)
    if token is not None and token.project_id:
        projects = projects.filter(pk=token.project_id)
    return projects


def who_may_view(users, projects) -> set[tuple[int, int]]:
    """(user id, project id) of those among these who may see the project.

    One query; one more where a project asks for a second factor.
    """
    wanted = {"permission__codename": VIEW, "content_object__in": projects}
    by_group = ProjectGroupObjectPermission.objects.filter(
        **wanted, group__user__in=users, group__user__is_active=True
    ).values_list("group__user", "content_object", "content_object__second_factor")
    by_user = ProjectUserObjectPermission.objects.filter(
        **wanted, user__in=users, user__is_active=True
    ).values_list("user", "content_object", "content_object__second_factor")
    found = set(by_group.union(by_user))
    asked = {user for user, _, second_factor in found if second_factor}
    have = having_second_factor(asked) if asked else set()
    return {
        (user, project)
        for user, project, second_factor in found
        if not second_factor or user in have
    }


def project_view(permission: str = "view_project"):
    """A page of one project: finds it by the `key` of the address and asks for the permission.

    The view gets the project in place of the key; `request.context` holds the RequestContext.
    """

    def decorate(view):
        @wraps(view)
        def find_and_ask(request, key, *args, **kwargs):
            request.context = find_project(request.user, key)
            request.context.require(permission)
            return view(request, request.context.project, *args, **kwargs)

        find_and_ask.permission = permission
        return find_and_ask

    return decorate
