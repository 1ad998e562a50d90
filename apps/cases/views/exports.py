from django.http import Http404
from django.views.decorators.http import require_safe

from apps.projects.door import project_view

from ..exports import FORMATS
from ..exports import export as exported
from ..filters import CaseFilter


@require_safe
@project_view()
def export(request, project):
    """The cases of the list as a file: ?format=csv, xlsx, json, md, or html to print."""
    kind = request.GET.get("format")
    if kind not in FORMATS:
        raise Http404(f"There is no such format; there are {', '.join(FORMATS)}.")
    filters = CaseFilter(request.GET, project.cases.all(), project=project)
    return exported(request, project, filters.qs, kind, narrowed=is_narrowed(request.GET))


def is_narrowed(params):
    """Whether an address asks for less than all cases that the list shows."""
    return any(value for name, value in params.items() if name != "format")
