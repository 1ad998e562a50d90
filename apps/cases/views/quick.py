"""Title, status and priority of a case, changed where it stands in a list."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect

from apps.projects.door import project_view
from apps.projects.pages import add_refusal, render_page
from apps.projects.refusals import Refused

from .. import lifecycle
from ..forms import QuickForm
from ..lists import note_of
from ..models import Case
from .answers import NAV, status_of


@project_view("edit_cases")
def quick(request, project, number):
    """A row of fields for the script; a page of its own for who has none.

    After a conflict what was typed stays, beside what others saved: saving again is knowing.
    """
    case = get_object_or_404(project.cases.with_content(), number=number)
    form = _form(project, case, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = {**form.cleaned_data}
        try:
            saved = lifecycle.change_case(case, by=request.user, **said)
        except lifecycle.EditedMeanwhile as refusal:
            typed = request.POST.copy()
            typed["version"] = refusal.extra["version"]
            return _answer(request, case, _form(project, case, typed), conflict=str(refusal))
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            return _saved(request, saved)
    return _answer(request, case, form)


def _form(project, case, data):
    """On a row of its own, since checking a form writes into it."""
    row = Case.objects.get(pk=case.pk)
    return QuickForm(
        data,
        project=project,
        instance=row,
        initial={"version": row.version},
        auto_id=f"quick-{row.number}-%s",
    )


def _answer(request, case, form, conflict=""):
    status = 409 if conflict else status_of(form)
    context = {"case": case, "form": form, "conflict": conflict}
    return render_page(
        request, "cases/quick.html", context, partial="fields", nav=NAV, status=status
    )


def _saved(request, case):
    if request.htmx:
        context = {"case": case, "note": note_of(case)}
        return render_page(request, "cases/_cell.html", context)
    messages.success(request, f"{case.key} is saved as version {case.version}.")
    return redirect("cases:list", case.project.key)
