from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import carry_out, render_page, wants_part

from .. import editing, lifecycle
from ..discussion import latest, unread_among
from ..exports import LABELS as EXPORTS
from ..forms import AttachForm
from ..history import duration_trend, recent_executions, shown_status
from ..lists import find_peeked, listed, with_results
from ..ordering import Order, columns_of
from ..query.chips import chips_of
from ..query.parsing import LONGEST
from ..query.suggesting import suggestions
from ..reviewing import panel_of
from ..saved_filters import filters_seen_by, query_to_save
from ..searching import Search, told_count
from ..suites import suites_like
from ..versions import each_told
from .answers import NAV, find_case, status_of, uuid_of
from .comments import CommentForm
from .suites import pane

VERSIONS_SHOWN = 10
SUITES_FOUND = 100


@require_safe
@project_view()
def case_list(request, project):
    peeked = find_peeked(project, request.GET.get("peek", ""))
    if peeked and wants_part(request):
        _, peek = with_results([], peeked)
        return render_page(request, "cases/list.html", {"peek": peek}, partial="peek", nav=NAV)
    search = Search(project, request.GET, request.user)
    order = Order.named(request.GET.get("sort", ""))
    around = _narrowing if wants_part(request) else _around
    found = search.found(listed(project))
    page = order.page(found.cases, request.GET)
    rows, peek = with_results(page.rows, peeked)
    context = {
        "search": search,
        "order": order,
        "columns": columns_of(order),
        "chips": chips_of(search.tree) if search.text and not search.error else [],
        "marked": search.error and search.error.parts_of(search.text),
        "filters": filters_seen_by(project, request.user),
        "page": page,
        "rows": rows,
        "has_archived": any(case.is_archived for case in page.rows),
        "has_in_use": any(not case.is_archived for case in page.rows),
        "peek": peek,
        "exports": EXPORTS.items(),
        "query": _query_without(request, "peek"),
        **told_count(found, page),
        **around(project, search, request.GET),
    }
    context["query_to_save"] = query_to_save(search, context["suite"])
    return render_page(request, "cases/list.html", context, partial="rows", nav=NAV)


@require_safe
@project_view()
def suggest(request, project):
    """What may stand at ?at= in the query of ?q=, for the field that completes it."""
    text = request.GET.get("q", "")[:LONGEST]
    place = request.GET.get("at", "")
    place = int(place) if place.isdecimal() and len(place) < 6 else len(text)
    context = {"suggestions": suggestions(text, place, project)}
    return render_page(request, "cases/_suggestions.html", context)


@require_safe
@project_view()
def detail(request, project, number):
    case = get_object_or_404(project.cases.for_page(), number=number)
    if case.suite:
        case.suite.project = project
    executions = recent_executions(case)
    versions = list(case.versions.select_related("created_by")[: VERSIONS_SHOWN + 1])
    comments, has_earlier = latest(case)
    context = {
        "case": case,
        "executions": executions,
        "statuses": [shown_status(row) for row in reversed(executions)],
        "trend": duration_trend(executions),
        "versions": each_told([*versions, None])[:VERSIONS_SHOWN],
        "review": panel_of(case, request.context),
        "comments": comments,
        "has_earlier": has_earlier,
        "unread_mentions": unread_among(comments, request.user),
        "comment_form": CommentForm(),
        "may_comment": request.context.has_word,
        "files": case.files.select_related("artifact", "artifact__created_by").order_by("id"),
        "attach": AttachForm(),
    }
    return render_page(request, "cases/detail.html", context, nav=NAV)


@project_view("edit_cases")
def create(request, project):
    if request.method == "POST":
        case, editor = editing.save(project, request.POST, by=request.user)
        if case:
            messages.success(request, f"{case.key} is made.", extra_tags=request.path)
            return redirect(case)
    else:
        suite = project.suites.filter(pk=uuid_of(request.GET.get("suite"))).first()
        editor = editing.open_editor(project, initial={"suite": suite})
    return _form_page(request, editor)


@project_view("edit_cases")
def edit(request, project, number):
    case = find_case(project, number)
    if case.is_archived:
        messages.error(request, f"{case.key} is archived; restore it first.")
        return redirect(case)
    if request.method == "POST":
        saved, editor = editing.save(project, request.POST, by=request.user, case=case)
        if saved:
            messages.success(request, _saved_sentence(case, saved), extra_tags=request.path)
            return redirect(saved)
    else:
        editor = editing.open_editor(project, case)
    return _form_page(request, editor, case)


@require_POST
@project_view("edit_cases")
def archive(request, project, number):
    case = find_case(project, number)
    carry_out(request, lifecycle.archive_case, case, done=f"{case.key} is archived.")
    return redirect(case)


@require_POST
@project_view("edit_cases")
def restore(request, project, number):
    case = find_case(project, number)
    carry_out(request, lifecycle.restore_case, case, done=f"{case.key} is back in use.")
    return redirect(case)


@require_POST
@project_view("edit_cases")
def delete(request, project, number):
    case = find_case(project, number)
    if carry_out(request, lifecycle.delete_case, case, done=f"{case.key} is deleted."):
        return redirect("cases:list", project.key)
    return redirect(case)


def _query_without(request, name):
    """The query of the address, ready for one more parameter."""
    query = request.GET.copy()
    query.pop(name, None)
    return query.urlencode() + "&" if query else ""


def _narrowing(project, search, params):
    """The suite that the list is narrowed to."""
    return {
        "suite": project.suites.filter(pk=search.suite_id).first() if search.suite_id else None,
        "outside": search.is_outside,
        "cases_url": reverse("cases:list", args=[project.key]),
    }


def _around(project, search, params):
    """The same, with the tree or the suites looked for by name."""
    find = params.get("find", "")
    found = suites_like(project.suites, find).order_by("path", "id")[:SUITES_FOUND]
    return {
        **pane(project, search.suite_id, params),
        "find": find,
        "found": found if find else None,
        "outside": search.is_outside,
    }


def _saved_sentence(before, saved):
    if saved.version == before.version:
        return f"Nothing changed in {saved.key}."
    return f"{saved.key} is saved as version {saved.version}."


def _form_page(request, editor, case=None):
    status = 409 if editor.conflict else status_of(editor.form, editor.steps)
    context = {
        "editor": editor,
        "form": editor.form,
        "steps": editor.steps,
        "case": case,
        "is_typed": request.method == "POST",
    }
    return render_page(request, "cases/form.html", context, nav=NAV, status=status)
