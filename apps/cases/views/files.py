from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from apps.artifacts.lifecycle import hang_artifact, store_artifact, unhang_artifact
from apps.projects.api.problems import plain_problem
from apps.projects.door import project_view
from apps.projects.pages import carry_out
from apps.projects.refusals import Refused

from ..forms import AttachForm
from ..pictures import store_picture


@require_POST
@project_view("edit_cases")
def attach(request, project, number):
    case = get_object_or_404(project.cases, number=number)
    form = AttachForm(request.POST, request.FILES)
    if form.is_valid():
        carry_out(request, _store_on, case, form.cleaned_data["file"])
    else:
        messages.error(request, "Choose a file that is not empty.")
    return redirect(case)


@require_POST
@project_view("edit_cases")
def remove(request, project, number, id):
    """Take a file off the case."""
    case = get_object_or_404(project.cases, number=number)
    link = get_object_or_404(case.files.select_related("artifact"), artifact=id)
    done = f"“{link.artifact.name}” is removed."
    carry_out(request, unhang_artifact, link.artifact, case, done=done)
    return redirect(f"{case.get_absolute_url()}#files")


@require_POST
@project_view("edit_cases")
def paste(request, project):
    """A picture pasted into a text that is being written: {"id", "name"}, for a script."""
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        return plain_problem(422, "Paste a picture that is not empty.")
    try:
        picture = store_picture(project, form.cleaned_data["file"], by=request.user)
    except ValidationError as error:
        return plain_problem(422, error.messages[0])
    except Refused as refusal:
        return plain_problem(refusal.status, str(refusal))
    return JsonResponse({"id": str(picture.pk), "name": picture.name}, status=201)


@transaction.atomic
def _store_on(case, file, *, by):
    """Both or neither: a file that could not be hung would lie about."""
    hang_artifact(store_artifact(case.project, file, by=by), case, by=by)
