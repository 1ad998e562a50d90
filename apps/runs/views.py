"""Pages of runs: the list, one run with its executions, and what may be done with it."""

from functools import partial, wraps

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import carry_out, keyset_page, render_page, submit, wants_part
from apps.projects.permissions import MANAGE_RUNS

from . import lifecycle, progress, rows
from .details import detail_of, find_execution
from .door import run_view
from .forms import GuestForm, RunFilterForm, RunForm
from .jumping import places
from .lists import narrowed
from .shards import missing_shards

page_of_runs = partial(render_page, nav="runs")


@require_safe
@project_view()
def run_list(request, project):
    """The runs of the project, newest first."""
    form = RunFilterForm(request.GET, project=project)
    runs = narrowed(project.runs.select_related("environment"), form.asked)
    page = keyset_page(runs, request, field="number", descending=True)
    context = {
        "page": page,
        "filter": form,
        "busy": any(not run.is_finished for run in page.rows),
        "follows": not page.previous,
    }
    return page_of_runs(request, "runs/list.html", context, partial="rows")


@require_safe
@project_view()
def find(request, project):
    """What ?q= names in the project: cases, runs, suites and actions, for Control K."""
    groups = places(request.context, request.GET.get("q", ""))
    return render_page(request, "runs/_places.html", {"groups": groups})


@project_view("run_tests")
def create(request, project):
    """A new run: by hand with the cases of a suite, or automated, waiting for results."""
    form = RunForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        fields = {"by": request.user, "cases": form.cases, **form.cleaned_data}
        run = submit(form, lifecycle.create_run, project, **fields)
        if run:
            return redirect(run)
    return page_of_runs(request, "runs/form.html", {"form": form})


@require_safe
@run_view(for_guests=True)
def detail(request, run):
    """A run with its executions; ?group= shows one group alone, page by page."""
    shown = rows.Filter.of(request.GET)
    alone = rows.GROUPS_BY_NAME.get(request.GET.get("group"))
    after = rows.uuid_or_none(request.GET.get("after"))
    pages = [rows.page_after(run, shown, alone, after)] if alone else rows.first_page(run, shown)
    if request.context.is_guest:
        rows.forget_history(pages)
    context = {
        **page_context(run, shown, pages),
        "alone": alone,
        "opened": opened(request, run),
        "files": run.files.select_related("artifact").order_by("id"),
        "guests": run.guests.all() if request.context.may(MANAGE_RUNS) else None,
        "guest_form": GuestForm(),
    }
    partial = "more" if after else "results"
    return page_of_runs(request, "runs/detail.html", context, partial=partial)


@require_safe
@run_view(for_guests=True)
def live(request, run):
    """What changed on the page of a run after ?since=: the head, each group's ids, and new rows.

    The sizes of the windows come as ?new=25&failed=50 …; ?rows= names rows the page lacks.
    """
    etag = f'"{run.seq}-{run.status}"'
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    shown = rows.Filter.of(request.GET)
    pages = rows.changed_pages(run, shown, request.GET)
    if request.context.is_guest:
        rows.forget_history(pages)
    context = page_context(run, shown, pages)
    response = render_page(request, "runs/live.html", context)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@run_view(for_guests=True)
def execution(request, run, id):
    """One execution: the drawer of its run's page, and a page of its own."""
    return page_of_execution(request, find_execution(run, id))


def opened(request, run):
    """The result that ?x= names: its failure is within the page, the drawer's rest comes after."""
    id = rows.uuid_or_none(request.GET.get("x"))
    return run.executions.filter(pk=id).first() if id else None


def page_of_execution(request, execution, *, form=None):
    """The drawer pushes the address of the run's page with ?x=, so that a reload opens it again.

    `form` holds a verdict that was not accepted.
    """
    run = execution.run
    in_drawer = wants_part(request)
    context = {
        "run": run,
        "in_drawer": in_drawer,
        "run_url": run.get_absolute_url(),
        "ci_url": ci_url_of(run),
        **detail_of(execution, history=not request.context.is_guest),
        "verdict_form": form,
        **({name: form.data.get(name, "") for name in form.fields} if form else {}),
    }
    status = 422 if form else 200
    response = page_of_runs(
        request, "runs/execution.html", context, partial="detail", status=status
    )
    if in_drawer:
        response["HX-Push-Url"] = address_with_drawer(request, execution)
    return response


def address_with_drawer(request, execution):
    page = execution.run.get_absolute_url()
    path, _, query = (request.htmx.current_url_abs_path or "").partition("?")
    query = QueryDict(query if path == page else "", mutable=True)
    query["x"] = str(execution.pk)
    return f"{page}?{query.urlencode()}"


def verb(permission):
    """A POST that carries out a verb of the run and comes back to its page."""

    def decorate(act):
        @require_POST
        @run_view(permission)
        @wraps(act)
        def view(request, run):
            return act(request, run) or redirect(run)

        return view

    return decorate


@verb("run_tests")
def start(request, run):
    carry_out(request, lifecycle.start, run)


@verb("run_tests")
def finish(request, run):
    carry_out(request, lifecycle.finish, run)


@verb("run_tests")
def cancel(request, run):
    carry_out(request, lifecycle.cancel, run)


@verb("manage_runs")
def abort(request, run):
    carry_out(request, lifecycle.abort, run)


@verb("manage_runs")
def delete(request, run):
    """Gone with its results, once its number or its name was typed."""
    if request.POST.get("confirmation", "").strip() not in {f"#{run.number}", run.name}:
        messages.error(request, f"Nothing was deleted: type #{run.number} to confirm.")
        return None
    done = f"Run #{run.number} and its results are deleted."
    if carry_out(request, lifecycle.delete_run, run, done=done):
        return redirect("runs:list", run.project.key)
    return None


def page_context(run, shown, pages):
    """What the whole page and its live updates show alike."""
    return {
        "run": run,
        "run_url": run.get_absolute_url(),
        "filter": shown,
        "pages": pages,
        "any_shown": any(page.count for page in pages),
        "chips": chips_of(run),
        "phrase": f"#{run.number}",
        **summary_of(run),
    }


def summary_of(run):
    """The head of the page: counters, ribbon, estimate and shards."""
    estimate = progress.estimate(run)
    return {
        "estimate": estimate,
        "ribbon": progress.ribbon(run, estimate),
        "slots": progress.slots(run, estimate),
        "running": run.state == run.State.RUNNING,
        "known_failures": run.failed + run.error - run.new_failures,
        "shards_there": run.shards - len(missing_shards(run)) if run.shards else None,
        "ci_url": ci_url_of(run),
    }


def ci_url_of(run):
    """The link to the CI job, where it is one that a browser may follow."""
    return run.ci_url if run.ci_url.startswith(("https://", "http://")) else ""


def chips_of(run):
    """Filters by status, with their counts."""
    counts = {"new": run.new_failures, **run.counts}
    labels = {"new": "New", "error": "Errors", "pending": "Pending"}
    return [
        {
            "name": name,
            "status": {"new": "failed", "pending": "queued"}.get(name, name),
            "label": labels.get(name, name.capitalize()),
            "count": counts[name],
        }
        for name in rows.STATUSES
    ]
