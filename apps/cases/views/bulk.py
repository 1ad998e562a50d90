"""What is done with the cases selected in the list: asking, progress, and undoing."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import add_refusal, carry_out, keyset_page, render_page, submit
from apps.projects.refusals import Refused

from .. import lifecycle
from ..bulk.forms import FORMS
from ..bulk.selecting import cases_of_address, cases_of_numbers, open_target
from ..bulk.telling import changed_by, sentence_of, tell
from .answers import NAV, status_of

LONGEST_QUERY = 4_000


@require_safe
@project_view()
def changes(request, project):
    """Changes of many cases, newest first; those of the last minutes can be undone."""
    rows = project.bulk_changes.defer("selected").select_related("created_by")
    page = keyset_page(rows, request, field="id", descending=True)
    return render_page(request, "cases/changes.html", {"page": page}, nav=NAV)


@require_http_methods(["GET", "HEAD", "POST"])
@project_view("edit_cases")
def start(request, project):
    """Ask what shall become of the selected cases, and begin it."""
    said = request.POST if request.method == "POST" else request.GET
    do = said.get("do") if said.get("do") in FORMS else "set"
    form = FORMS[do](request.POST or None, project=project, user=request.user)
    refusal, cases = None, project.cases.none()
    try:
        cases = _selected(request, project, said)
    except Refused as refused:
        refusal = refused
    if request.method == "POST" and form.is_valid():
        if refusal:
            add_refusal(form, refusal)
        elif change := _begin(request, project, cases, form, said):
            return _answer(request, change, said.get("query", ""))
    context = {
        "form": form,
        "do": do,
        "count": cases.count(),
        "refusal": refusal,
        "numbers": said.getlist("case"),
        "all": said.get("all", ""),
        "list_query": said.get("query", ""),
    }
    return render_page(
        request, "cases/bulk.html", context, partial="ask", nav=NAV, status=status_of(form)
    )


@require_safe
@project_view()
def change(request, project, id):
    """What became of each case, and how far it is."""
    shown = _find(project, id)
    told = tell(shown)
    lists = not (shown.is_under_way or shown.is_of_suite)
    context = {
        "change": shown,
        "told": told,
        "sentence": sentence_of(shown, told),
        "undoable": shown.can_be_undone,
        "page": keyset_page(changed_by(shown), request, field="case_id") if lists else None,
    }
    return render_page(request, "cases/change.html", context, partial="progress", nav=NAV)


@require_POST
@project_view("edit_cases")
def undo(request, project, id):
    undone = _find(project, id)
    try:
        if target := undone.copied_to:
            open_target(request.user, target.key)
        undone = lifecycle.undo_change(undone, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(undone)
    if not undone.is_under_way and "back" in request.POST:
        messages.success(request, sentence_of(undone, tell(undone)))
        return _to_list(project, request.POST["back"])
    return redirect(undone)


@require_POST
@project_view("edit_cases")
def stop(request, project, id):
    change = _find(project, id)
    carry_out(request, lifecycle.stop_change, change)
    return redirect(change)


def _find(project, id):
    rows = project.bulk_changes.defer("selected").select_related("created_by", "undone_by")
    return get_object_or_404(rows, pk=id)


def _selected(request, project, said):
    if said.get("all"):
        return cases_of_address(project, said.get("query", "")[:LONGEST_QUERY], request.user)
    return cases_of_numbers(project, said.getlist("case"))


def _begin(request, project, cases, form, said):
    wanted = form.wanted()
    if said.get("all"):
        wanted.query = said.get("query", "")[:LONGEST_QUERY]
    return submit(form, lifecycle.change_cases, project, cases, wanted, by=request.user)


def _answer(request, change, query):
    if change.is_under_way:
        return redirect(change)
    undo_address = reverse("cases:change_undo", args=[change.project.key, change.pk])
    extra = undo_address if change.can_be_undone else ""
    messages.success(request, sentence_of(change, tell(change)), extra_tags=extra)
    return _to_list(change.project, query)


def _to_list(project, query):
    return redirect(reverse("cases:list", args=[project.key], query=QueryDict(query)))
