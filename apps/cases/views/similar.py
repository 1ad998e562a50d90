from django.views.decorators.http import require_safe

from apps.projects.door import project_view
from apps.projects.pages import render_page

from ..similar import similar_cases


@require_safe
@project_view("edit_cases")
def similar(request, project):
    """Cases with a title close to ?title=, as somebody types it; ?but= leaves one number out."""
    but = request.GET.get("but", "")
    found = similar_cases(
        project,
        request.GET.get("title", ""),
        but=int(but) if but.isascii() and but.isdigit() and len(but) < 10 else None,
    )
    return render_page(request, "cases/_similar.html", {"similar": found})
