"""Jobs ask again: hours may lie between a request and the end of the job that it began."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from apps.projects.door import find_project
from apps.projects.permissions import EDIT
from apps.projects.refusals import Refused


def require_still_editor(by, *keys: str) -> None:
    """Who asked must still be allowed to change cases in all of these projects.

    Raises Refused otherwise.
    """
    try:
        for key in keys:
            find_project(by, key).require(EDIT)
    except (Http404, PermissionDenied):
        raise Refused(
            f"{by} may no longer change cases there; the rest is left as it was.", code="forbidden"
        ) from None
