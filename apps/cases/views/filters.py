from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import carry_out, render_page, submit

from .. import lifecycle
from ..forms import FilterForm
from ..saved_filters import (
    filters_seen_by,
    is_removable,
    require_own,
    require_removable,
    require_sharing,
)
from .answers import NAV, status_of


@require_safe
@project_view()
def filter_list(request, project):
    rows = [
        {
            "filter": saved,
            "is_own": saved.created_by_id == request.user.pk,
            "is_removable": is_removable(request.context, saved),
        }
        for saved in filters_seen_by(project, request.user)
    ]
    return render_page(request, "cases/filters.html", {"filters": rows}, nav=NAV)


@project_view()
def create(request, project):
    form = FilterForm(request.POST or None, context=request.context, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        require_sharing(request.context, form.cleaned_data["is_shared"])
        saved = submit(form, lifecycle.save_filter, project, by=request.user, **form.cleaned_data)
        if saved:
            return redirect(saved)
    return _form_page(request, form)


@project_view()
def edit(request, project, id):
    saved = _find(request, project, id)
    require_own(request.context, saved)
    name = saved.name
    was_shared = saved.is_shared
    form = FilterForm(request.POST or None, context=request.context, instance=saved)
    if request.method == "POST" and form.is_valid():
        require_sharing(request.context, was_shared or form.cleaned_data["is_shared"])
        changed = submit(form, lifecycle.change_filter, saved, by=request.user, **form.cleaned_data)
        if changed:
            return redirect(changed)
    return _form_page(request, form, saved=saved, name=name)


@require_POST
@project_view()
def delete(request, project, id):
    saved = _find(request, project, id)
    require_removable(request.context, saved)
    carry_out(request, lifecycle.delete_filter, saved, done=f"“{saved}” is deleted.")
    return redirect("cases:filters", project.key)


def _find(request, project, id):
    return get_object_or_404(filters_seen_by(project, request.user), pk=id)


def _form_page(request, form, **context):
    context |= {"form": form}
    status = status_of(form)
    return render_page(request, "cases/filter_form.html", context, nav=NAV, status=status)
