from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import carry_out, render_page, submit
from apps.projects.permissions import MANAGE_PROJECT

from .. import lifecycle
from ..custom_fields import held_values
from ..definitions import CustomFieldForm
from .answers import status_of

NAV = "settings"


@require_safe
@project_view()
def field_list(request, project):
    """The fields that the project adds to its cases; everybody in it sees them."""
    held = held_values(project)
    fields = list(project.custom_fields.all())
    rows = [
        {
            "field": field,
            "id": str(field.pk),
            "loss": _loss(held.get(field.name, 0)),
            "held": held.get(field.name, 0),
            "up": place - 1 if place > 1 else None,
            "down": place + 1 if place < len(fields) else None,
        }
        for place, field in enumerate(fields, 1)
    ]
    return render_page(request, "cases/fields.html", {"rows": rows}, nav=NAV)


@project_view(MANAGE_PROJECT)
def create(request, project):
    form = CustomFieldForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        field = submit(
            form, lifecycle.create_custom_field, project, by=request.user, **form.cleaned_data
        )
        if field:
            messages.success(request, f"Cases have the field {field} now.")
            return redirect(field)
    return _form_page(request, form)


@project_view(MANAGE_PROJECT)
def change(request, project, id):
    field = get_object_or_404(project.custom_fields, pk=id)
    name = field.name
    form = CustomFieldForm(request.POST or None, project=project, instance=field)
    if request.method == "POST" and form.is_valid():
        changed = submit(
            form, lifecycle.change_custom_field, field, by=request.user, **form.cleaned_data
        )
        if changed:
            messages.success(request, f"The field {changed} is saved.")
            return redirect(changed)
    return _form_page(request, form, field=field, name=name)


@require_POST
@project_view(MANAGE_PROJECT)
def move(request, project, id):
    """To the place, counted from 1, that the button names."""
    field = get_object_or_404(project.custom_fields, pk=id)
    to = request.POST.get("to", "")
    if to.isascii() and to.isdigit() and len(to) < 5:
        carry_out(request, lifecycle.change_custom_field, field, position=int(to))
    return redirect(field)


@require_POST
@project_view(MANAGE_PROJECT)
def delete(request, project, id):
    field = get_object_or_404(project.custom_fields, pk=id)
    carry_out(request, lifecycle.delete_custom_field, field, done=f"The field {field} is deleted.")
    return redirect("cases:fields", project.key)


def _loss(held):
    """What deleting a field takes with it."""
    if not held:
        return "No case holds a value of it."
    cases = "1 case holds" if held == 1 else f"{held:,} cases hold"
    return f"{cases} a value of it, which goes with it; their versions keep what they said."


def _form_page(request, form, **context):
    context["form"] = form
    return render_page(request, "cases/field_form.html", context, nav=NAV, status=status_of(form))
