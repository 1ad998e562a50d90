"""Pages of imports: the way in for result files, their receipts; and a verdict by hand."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import add_refusal, carry_out, keyset_page, render_page
from apps.projects.permissions import RUN
from apps.projects.refusals import Refused
from apps.runs.details import find_execution
from apps.runs.door import run_view
from apps.runs.views import page_of_execution

from . import lifecycle
from .forms import ImportForm, VerdictForm
from .intake import UploadRefused, import_file

page_of_imports = partial(render_page, nav="imports")


@require_http_methods(["GET", "HEAD", "POST"])
@project_view()
def import_list(request, project):
    """What was taken in, newest first, and the form to take more in."""
    form = None
    if request.method == "POST":
        request.context.require("run_tests")
        form = ImportForm(request.POST, request.FILES, project=project)
        if form.is_valid() and (arrivals := take_in(project, form, by=request.user)):
            return redirect(arrivals[0] if len(arrivals) == 1 else request.path)
    elif request.context.may("run_tests"):
        form = ImportForm(project=project, initial={"run": request.GET.get("run")})
    arrivals = project.imports.select_related("run", "created_by")
    page = keyset_page(arrivals, request, field="id", descending=True)
    status = 422 if form and form.errors else 200
    context = {"page": page, "form": form}
    return page_of_imports(request, "executions/imports.html", context, status=status)


def take_in(project, form, *, by):
    """Imports of the files of a form; none when a field is wrong, which the form then says."""
    arrivals = []
    for file in form.cleaned_data["file"]:
        try:
            arrival = import_file(project, file, by=by, filename=file.name, fields=form.sent)
        except UploadRefused as refusal:
            arrival = refusal.receipt
        except Refused as refusal:
            add_refusal(form, refusal)
            break
        arrivals.append(arrival)
    return arrivals


@require_safe
@project_view()
def receipt(request, project, id):
    """What became of an upload: numbers that add up, and its progress while it is read."""
    arrival = get_object_or_404(project.imports.select_related("run", "created_by"), pk=id)
    context = {
        "arrival": arrival,
        "waits": arrival.state in (arrival.State.QUEUED, arrival.State.READING),
        "undoable": arrival.state == arrival.State.DONE and not arrival.undone_at,
        "sent": {name: value for name, value in arrival.fields.items() if value},
    }
    return page_of_imports(request, "executions/receipt.html", context, partial="receipt")


@require_POST
@project_view("manage_runs")
def undo(request, project, id):
    """Take back what an import brought."""
    arrival = get_object_or_404(project.imports, pk=id)
    done = f"What {arrival} brought is taken back."
    carry_out(request, lifecycle.undo_import, arrival, done=done)
    return redirect(arrival)


@require_POST
@run_view(RUN, for_guests=True)
def verdict(request, run, id):
    """A verdict by hand, from the drawer or the page of an execution."""
    execution = find_execution(run, id)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return page_of_execution(request, execution, form=form)
    carry_out(request, lifecycle.set_verdict, execution, **form.cleaned_data)
    return redirect(execution)
