from django.http import Http404
from django.views.decorators.http import require_safe

from ..door import project_view
from ..pages import keyset_page, render_page
from .changes import changes_of
from .exports import FORMATS, export
from .forms import ActivityFilterForm
from .links import link
from .rows import narrowed, seen_by, sees_origins
from .words import in_words


@require_safe
@project_view()
def activity(request, project):
    """Who did what, the newest first, narrowed by the address."""
    form = filter_of(request)
    page = keyset_page(found(request, form), request, field="id", descending=True)
    link(project, page.rows)
    for row in page.rows:
        row.words, row.changes = in_words(row.verb), changes_of(row)
    context = {"page": page, "filter": form, "origins": sees_origins(request.context)}
    return render_page(request, "projects/activity.html", context, partial="rows", nav="activity")


@require_safe
@project_view()
def download(request, project):
    """The same rows as a file: ?format=csv or jsonl."""
    kind = request.GET.get("format")
    if kind not in FORMATS:
        raise Http404(f"There is no such format; there are {' and '.join(FORMATS)}.")
    rows = found(request, filter_of(request))
    return export(request, request.context, rows, kind, request.build_absolute_uri)


def filter_of(request):
    origins = sees_origins(request.context)
    return ActivityFilterForm(request.GET, project=request.context.project, is_owner=origins)


def found(request, form):
    return narrowed(seen_by(request.context), form.asked)
