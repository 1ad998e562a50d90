from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import add_refusal, carry_out, keyset_page, render_page, submit
from apps.projects.refusals import Refused

from .. import lifecycle
from ..editing import AGAIN
from ..forms import SharedStepsForm, ShareForm
from ..sharing import reach_of, shared_steps_like, titled, titles_like, with_uses
from ..step_forms import step_formset, with_more
from ..using import cases_using, runs_under_way
from .answers import NAV, status_of

page_of_cases = partial(render_page, nav=NAV)


@require_safe
@project_view()
def shared_list(request, project):
    text = " ".join(request.GET.get("q", "").split())
    page = keyset_page(with_uses(shared_steps_like(project, text)), request, field="title")
    return page_of_cases(request, "cases/shared_list.html", {"page": page, "q": text})


@require_safe
@project_view()
def offered(request, project):
    """What fits a title that somebody types."""
    found = titles_like(project, request.GET.get("shared_title", ""))
    return render(request, "_offered.html", {"offered": found})


@require_safe
@project_view()
def row(request, project):
    """The row of a form of steps for those of this title, to be numbered; nothing for no title."""
    used = titled(project, request.GET.get("shared_title", ""))
    if used is None:
        return HttpResponse()
    step = step_formset(project).row_of(used)
    return page_of_cases(request, "cases/_step_row.html", {"step": step})


@require_safe
@project_view()
def detail(request, project, id):
    shared = _find(project, id)
    page = keyset_page(cases_using(shared).defer("search"), request, field="number")
    context = {"shared": shared, "page": page, "runs": runs_under_way(shared)}
    return page_of_cases(request, "cases/shared_detail.html", context)


@project_view("edit_cases")
def create(request, project):
    form, steps, shared = _save(request, project)
    if shared:
        done = f"The shared steps “{shared}” are made."
        messages.success(request, done, extra_tags=request.path)
        return redirect(shared)
    return _form_page(request, form, steps)


@project_view("edit_cases")
def edit(request, project, id):
    shared = _find(project, id)
    try:
        form, steps, saved = _save(request, project, shared)
    except lifecycle.EditedMeanwhile as refusal:
        return _conflict(request, project, id, str(refusal))
    if saved:
        is_new = saved.version > shared.version
        done = f"“{saved}” {'is saved' if is_new else 'is as it was'}."
        messages.success(request, done, extra_tags=request.path)
        return redirect(saved)
    return _form_page(request, form, steps, shared)


@require_POST
@project_view("edit_cases")
def inline(request, project, id):
    shared = _find(project, id)
    done = "Each case that used them has these steps as its own now."
    carry_out(request, lifecycle.inline_shared_steps, shared, done=done)
    return redirect(shared)


@require_POST
@project_view("edit_cases")
def delete(request, project, id):
    shared = _find(project, id)
    done = f"The shared steps “{shared}” are deleted."
    if carry_out(request, lifecycle.delete_shared_steps, shared, done=done):
        return redirect("cases:shared_steps", project.key)
    return redirect(shared)


@project_view("edit_cases")
def share(request, project, number):
    """Which steps of a case become shared, and under which title."""
    case = get_object_or_404(project.cases.with_content(), number=number)
    rows = sorted(case.steps.all(), key=lambda step: step.position)
    places = [(place, str(row)) for place, row in enumerate(rows, 1) if not row.shared_id]
    form = ShareForm(request.POST or None, places=places, initial={"version": case.version})
    if request.method == "POST" and form.is_valid():
        said = {**form.cleaned_data}
        places = said.pop("steps")
        shared = submit(form, lifecycle.share_steps, case, places, by=request.user, **said)
        if shared:
            done = f"The shared steps “{shared}” are made, and {case.key} uses them."
            messages.success(request, done)
            return redirect(case)
    context = {"case": case, "form": form, "any": bool(places)}
    return page_of_cases(request, "cases/share.html", context, status=status_of(form))


def _find(project, id):
    return get_object_or_404(project.shared_steps, pk=id)


def _save(request, project, shared=None):
    """(form, steps, the row that was saved or None)."""
    data = request.POST or None
    row = project.shared_steps.get(pk=shared.pk) if shared else None
    initial = {"version": row.version} if row else {}
    form = SharedStepsForm(data, project=project, instance=row, initial=initial)
    steps = _steps_of(project, data, steps=row.steps if row and data is None else ())
    if data is None:
        return form, steps, None
    fits = [form.is_valid(), steps.is_valid()]
    if AGAIN & set(data):
        typed = {name: data.get(name, "") for name in form.fields}
        form = SharedStepsForm(project=project, instance=row, initial=typed)
        return form, _alone(with_more(project, data, steps)), None
    if not all(fits):
        return form, steps, None
    said = {"by": request.user, "title": form.cleaned_data["title"], "steps": _said(steps)}
    if shared is None:
        return form, steps, submit(form, lifecycle.create_shared_steps, project, **said)
    said["version"] = form.cleaned_data["version"]
    return form, steps, _change(form, shared, said)


def _change(form, shared, said):
    try:
        return lifecycle.change_shared_steps(shared, **said)
    except lifecycle.EditedMeanwhile:
        raise
    except Refused as refusal:
        add_refusal(form, refusal)
        return None


def _steps_of(project, data, **options):
    return _alone(step_formset(project, data, **options))


def _alone(steps):
    """Shared steps hold no others."""
    steps.offers_shared = False
    return steps


def _said(steps):
    plain = [step for step in steps.steps() if "shared" not in step]
    return [{key: text.replace("\r\n", "\n") for key, text in step.items()} for step in plain]


def _conflict(request, project, id, sentence):
    """Mine stays in the form; theirs stands above it, and saving again puts mine in its place."""
    shared = _find(project, id)
    data = request.POST.copy()
    data["version"] = shared.version
    form = SharedStepsForm(data, project=project, instance=_find(project, id))
    steps = _steps_of(project, data)
    return _form_page(request, form, steps, shared, conflict=sentence)


def _form_page(request, form, steps, shared=None, conflict=""):
    status = 409 if conflict else status_of(form, steps)
    context = {
        "form": form,
        "steps": steps,
        "shared": shared,
        "conflict": conflict,
        "reach": reach_of(shared) if shared else None,
    }
    return page_of_cases(request, "cases/shared_form.html", context, status=status)
