from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.projects.door import project_view

from ..exports import FORMATS
from ..exports import export as exported
from ..searching import Search


@require_safe
@project_view()
def export(request, project):
    """The cases of the list as a file: ?format=csv, xlsx, json, md, or html to print.

    A query that is wrong leads back to the list, which says where.
    """
    kind = request.GET.get("format")
    if kind not in FORMATS:
        raise Http404(f"There is no such format; there are {', '.join(FORMATS)}.")
    search = Search(project, request.GET, request.user)
    cases = search.cases()
    if search.error:
        return redirect(reverse("cases:list", args=[project.key], query={"q": search.text}))
    return exported(request, project, cases, kind, narrowed=is_narrowed(request.GET))


def is_narrowed(params):
    """Whether an address asks for less than all cases that the list shows."""
    return any(value for name, value in params.items() if name != "format")
