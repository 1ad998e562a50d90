"""The way in to one run: for the members of its project, and for whoever is its guest."""

import re
from dataclasses import replace
from functools import wraps

from django.http import Http404

from apps.projects.door import RequestContext, find_project, narrowed, require_second_factor
from apps.projects.models import KEY_PATTERN
from apps.projects.permissions import RUN, VIEW

from .models import RunGuest

OF_GUEST = {False: frozenset({VIEW}), True: frozenset({VIEW, RUN})}


def find_run(user, key: str, number: int, *, token=None) -> RequestContext:
    """The run that this person may see, as a member of its project or as a guest.

    Raises Http404 for what is missing and what they may not see alike. A guest's permissions hold
    for the context's run alone: whatever else the project has must not be reached from there.
    """
    try:
        context = find_project(user, key, token=token)
    except Http404:
        return find_as_guest(user, key, number, token)
    runs = context.project.runs.select_related("environment", "suite")
    if (run := runs.filter(number=number).first()) is None:
        raise Http404(f"{key} has no such run.")
    return replace(context, run=run)


def find_as_guest(user, key, number, token):
    # The database's driver fails on a NUL.
    known = guests_of(user, token) if re.fullmatch(KEY_PATTERN, key) else RunGuest.objects.none()
    guests = known.filter(project__key=key, run__number=number)
    guest = guests.select_related("project", "run__environment", "run__suite").first()
    if guest is None:
        raise Http404(f"There is no project {key} that you can see.")
    require_second_factor(user, guest.project)
    require_second_factor(user, guest.project)
    run = guest.run
    run.project = guest.project
    return RequestContext(
        user=user,
        project=run.project,
        permissions=narrowed(OF_GUEST[guest.may_execute], run.project, token),
        token=token,
        run=run,
        is_guest=True,
    )


def guests_of(user, token=None):
    """Rows by which this person is somebody's guest; a token confined to a project has none."""
    if not user.is_active or (token is not None and token.project_id):
        return RunGuest.objects.none()
    return RunGuest.objects.filter(user=user, project__deleted_at=None)


def run_view(permission: str = VIEW, *, for_guests: bool = False):
    """A page of one run: finds it by the `key` and `number` of the address, which it replaces.

    Guests are refused unless the page is meant `for_guests` too.
    """

    def decorate(view):
        @wraps(view)
        def find_and_ask(request, key, number, *args, **kwargs):
            request.context = find_run(request.user, key, number)
            if not for_guests:
                request.context.require_membership()
            request.context.require(permission)
            return view(request, request.context.run, *args, **kwargs)

        find_and_ask.permission = permission
        return find_and_ask

    return decorate
