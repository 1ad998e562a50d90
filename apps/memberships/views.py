from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.projects import lifecycle as project_lifecycle
from apps.projects.door import project_view
from apps.projects.environments import ALWAYS_THERE
from apps.projects.forms import EnvironmentForm, ProjectForm, ProjectSettingsForm
from apps.projects.pages import carry_out, render_page, submit
from apps.projects.permissions import MANAGE_PROJECT
from apps.projects.views import import_url

from . import lifecycle
from .forms import TokenForm


def create(request):
    """Make a project, which I then own."""
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        project = submit(form, lifecycle.found_project, by=request.user, **form.cleaned_data)
        if project:
            messages.success(request, f"{project} is made, and you own it.")
            return redirect(project)
    return render_page(request, "projects/form.html", {"form": form}, nav="projects")


@project_view()
def settings(request, project):
    """What the project is; everybody in it sees this, an owner changes it."""
    form = ProjectSettingsForm(request.POST or None, instance=project)
    if request.method == "POST":
        request.context.require(MANAGE_PROJECT)
        if form.is_valid() and submit(
            form, project_lifecycle.change_project, project, by=request.user, **form.cleaned_data
        ):
            messages.success(request, "The settings are saved.")
            return redirect("projects:settings", project.key)
        project.refresh_from_db()
    return settings_page(request, form=form)


@require_POST
@project_view(MANAGE_PROJECT)
def add_environment(request, project):
    form = EnvironmentForm(request.POST, project=project)
    if not form.is_valid():
        return settings_page(request, environment_form=form)
    environment = submit(
        form, project_lifecycle.add_environment, project, by=request.user, **form.cleaned_data
    )
    if environment is None:
        return settings_page(request, environment_form=form)
    messages.success(request, f"Runs can take place in {environment} now.")
    return redirect("projects:settings", project.key)


@require_POST
@project_view(MANAGE_PROJECT)
def remove_environment(request, project, pk):
    environment = get_object_or_404(project.environments, pk=pk)
    done = f"{environment} is gone."
    carry_out(request, project_lifecycle.remove_environment, environment, done=done)
    return redirect("projects:settings", project.key)


@never_cache
@require_POST
@project_view()
def issue_token(request, project):
    """Make a token, for myself or as an owner for the project; only the answer shows its secret."""
    form = TokenForm(request.POST, permissions=request.context.permissions)
    if not form.is_valid():
        return settings_page(request, token_form=form)
    asked = {"by": request.user, **form.fields_of_token}
    if form.is_of_project:
        issued = submit(form, lifecycle.issue_service_token, project, **asked)
    else:
        issued = submit(form, lifecycle.issue_token, request.user, project=project, **asked)
    if issued is None:
        return settings_page(request, token_form=form)
    _, secret = issued
    return settings_page(request, new_token=secret)


@require_POST
@project_view()
def revoke_token(request, project, pk):
    """End a token: my own, or as an owner anybody's."""
    token = get_object_or_404(tokens_seen(request.context), pk=pk)
    lifecycle.revoke_token(token, by=request.user)
    messages.success(request, f"The token {token.name} is revoked.")
    return redirect("projects:settings", project.key)


def tokens_seen(context):
    """Tokens confined to the project: one's own, for an owner all of them."""
    tokens = context.project.tokens.select_related("user").order_by("-id")
    return tokens if context.may(MANAGE_PROJECT) else tokens.filter(user=context.user)


def settings_page(request, *, form=None, environment_form=None, token_form=None, new_token=""):
    """The page of settings around whichever form was sent."""
    door = request.context
    project = door.project
    context = {
        "form": form or ProjectSettingsForm(instance=project),
        "environments": project.environments.all(),
        "kept": ALWAYS_THERE,
        "environment_form": environment_form or EnvironmentForm(project=project),
        "tokens": tokens_seen(door),
        "token_form": token_form or TokenForm(permissions=door.permissions),
        "new_token": new_token,
        "import_url": import_url(request, project),
    }
    return render_page(request, "projects/settings.html", context, nav="settings")
