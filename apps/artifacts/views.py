from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.projects.door import project_view

from .downloads import download as answer


@require_safe
@project_view()
def download(request, project, id):
    """A stored file."""
    return answer(request, get_object_or_404(project.artifacts.visible_to(request.user), pk=id))
