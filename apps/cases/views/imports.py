"""Pages of imports of cases: a file is sent, its columns get a meaning, a job takes it in."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import add_refusal, carry_out, keyset_page, render_page, submit
from apps.projects.permissions import MANAGE_PROJECT
from apps.projects.refusals import Refused

from .. import lifecycle
from ..content import worded
from ..formats import FORMATS
from ..intake import receipts
from ..intake.desired import Rules, new_content
from ..intake.forms import CaseFileForm, MappingForm, tool_label
from ..intake.uploads import plan_of, prepare, preview
from ..models import CaseImportRow
from ..tree import SEPARATOR
from .answers import NAV, status_of

page_of_imports = partial(render_page, nav=NAV)
Outcome = CaseImportRow.Outcome


@require_http_methods(["GET", "HEAD", "POST"])
@project_view()
def import_list(request, project):
    """Files that were sent, newest first, and the form to send one."""
    form = CaseFileForm() if request.context.may("edit_cases") else None
    if request.method == "POST":
        request.context.require("edit_cases")
        form = CaseFileForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            arrival = submit(
                form, lifecycle.send_case_file, project, file, by=request.user, filename=file.name
            )
            if arrival:
                return redirect("cases:import", project.key, arrival.pk)
    arrivals = project.case_imports.select_related("created_by").defer("options", "mapping")
    page = keyset_page(arrivals, request, field="id", descending=True)
    status = 422 if form and form.errors else 200
    context = {"page": page, "form": form}
    return page_of_imports(request, "cases/imports.html", context, status=status)


@require_safe
@project_view()
def detail(request, project, id):
    """Mapping and preview before the start, progress after it, then what became of each row."""
    return _page(request, _find(project, id))


@require_POST
@project_view("edit_cases")
def start(request, project, id):
    """Keep mapping and options to look at them again, try the file out, or take it in."""
    arrival = _find(project, id)
    form = MappingForm(request.POST, arrival=arrival)
    if not form.is_valid():
        return _page(request, arrival, form)
    if "preview" in request.POST:
        done = _carry(form, prepare, arrival)
    else:
        dry_run = "dry_run" in request.POST
        done = _carry(form, lifecycle.start_case_import, arrival, by=request.user, dry_run=dry_run)
    if not done:
        return _page(request, arrival, form)
    return redirect("cases:import", project.key, arrival.pk)


@require_POST
@project_view(MANAGE_PROJECT)
def add_fields(request, project, id):
    """Make the fields that the file defines and the project lacks."""
    arrival = _find(project, id)
    count = len(arrival.options.get("missing_fields", ()))
    done = f"{count} field{'' if count == 1 else 's'} added; the values of the file go into them."
    carry_out(request, lifecycle.add_missing_fields, arrival, done=done)
    return redirect("cases:import", project.key, arrival.pk)


@require_POST
@project_view("edit_cases")
def discard(request, project, id):
    """Give up a file that was not started."""
    arrival = _find(project, id)
    carry_out(request, lifecycle.discard_case_import, arrival, done=f"{arrival} is discarded.")
    return redirect("cases:imports", project.key)


@require_safe
@project_view()
def rows(request, project, id):
    """What became of the rows, or of those of one outcome, as CSV."""
    arrival = _find(project, id)
    return receipts.export(request, arrival, _narrowed(arrival, request))


def _find(project, id):
    return get_object_or_404(project.case_imports.select_related("project", "created_by"), pk=id)


def _narrowed(arrival, request):
    outcome = request.GET.get("outcome")
    return arrival.rows.filter(outcome=outcome) if outcome in Outcome.values else arrival.rows


def _carry(form, verb, arrival, **kwargs):
    try:
        return verb(arrival, mapping=form.mapping, **kwargs, **form.chosen)
    except Refused as refusal:
        add_refusal(form, refusal)
        return None


def _page(request, arrival, form=None):
    State = arrival.State
    startable = arrival.state in (State.UPLOADED, State.CHECKED)
    may = request.context.may("edit_cases")
    if startable and may and form is None:
        form = MappingForm(arrival=arrival)
    has_rows = arrival.state in (State.CHECKED, State.DONE, State.REFUSED)
    context = {
        "arrival": arrival,
        "format": FORMATS.get(arrival.format, arrival.format),
        "tool": tool_label(arrival),
        "waits": arrival.state in (State.QUEUED, State.READING),
        "form": form if startable and may else None,
        "drafts": _previewed(arrival) if startable and may else [],
        "page": keyset_page(_rows_of(arrival, request), request, field="row") if has_rows else None,
        "outcome": request.GET.get("outcome", ""),
        "outcomes": [(name, label, getattr(arrival, name)) for name, label in Outcome.choices],
    }
    status = status_of(form) if form is not None else 200
    return page_of_imports(request, "cases/import.html", context, partial="import", status=status)


def _rows_of(arrival, request):
    return _narrowed(arrival, request).select_related("case")


def _previewed(arrival):
    """The first cases as they would become, in words."""
    plan, rules = plan_of(arrival), Rules.of(arrival.project)
    found = []
    for draft in preview(arrival, plan):
        path = SEPARATOR.join((*plan.base, *(draft.suite or ())))
        content = worded(new_content(draft, plan, path, rules))
        found.append({"draft": draft, "content": content})
    return found
