from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import carry_out, render_page, submit

from .. import lifecycle
from ..forms import SuiteForm
from ..suites import paths_like
from .answers import NAV, status_of, uuid_of


@require_safe
@project_view()
def offered(request, project):
    """Paths for the field of a suite, as somebody types one."""
    typed = request.GET.get("suite") or request.GET.get("parent", "")
    return render_page(request, "_offered.html", {"offered": paths_like(project.suites, typed)})


@project_view("edit_cases")
def create(request, project):
    form = SuiteForm(request.POST or None, project=project, initial=_parent(request, project))
    if request.method == "POST" and form.is_valid():
        suite = submit(form, lifecycle.create_suite, project, by=request.user, **form.cleaned_data)
        if suite:
            return redirect(suite)
    return render_page(
        request, "cases/suite_form.html", {"form": form}, nav=NAV, status=status_of(form)
    )


@project_view("edit_cases")
def edit(request, project, id):
    suite = get_object_or_404(project.suites, pk=id)
    path = suite.path
    form = SuiteForm(request.POST or None, project=project, instance=suite)
    if request.method == "POST" and form.is_valid():
        changed = submit(form, lifecycle.change_suite, suite, by=request.user, **form.cleaned_data)
        if changed:
            return redirect(changed)
    context = {"form": form, "suite": suite, "path": path}
    return render_page(request, "cases/suite_form.html", context, nav=NAV, status=status_of(form))


@require_POST
@project_view("edit_cases")
def delete(request, project, id):
    suite = get_object_or_404(project.suites, pk=id)
    if carry_out(request, lifecycle.delete_suite, suite, done=f"{suite} is deleted."):
        return redirect("cases:list", project.key)
    return redirect(suite)


def _parent(request, project):
    return {"parent": project.suites.filter(pk=uuid_of(request.GET.get("parent"))).first()}
