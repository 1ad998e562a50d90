from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import add_refusal, carry_out, render_page, submit
from apps.projects.refusals import Refused

from .. import lifecycle
from ..forms import PlaceForm, SuiteCopyForm, SuiteForm, SuiteNameForm
from ..models import Suite
from ..searching import is_large
from ..suite_copies import VERB, free_name
from ..suites import paths_like, state_of
from ..tree import branch_of, each_node, shown_tree
from .answers import NAV, status_of, uuid_of

MOST_OPEN = 100


@require_safe
@project_view()
def offered(request, project):
    """Paths for the field of a suite, as somebody types one."""
    typed = request.GET.get("suite") or request.GET.get("parent", "")
    suites = project.suites.filter(archived_at=None)
    return render_page(request, "_offered.html", {"offered": paths_like(suites, typed)})


@require_safe
@project_view()
def level(request, project, id=None):
    """The suites just below one, or the top ones, as the tree shows them when it is opened there.

    `from` is how many of them are there already.
    """
    suite = id and get_object_or_404(project.suites, pk=id)
    archived = bool(suite and suite.is_archived) or "archived" in request.GET
    skip = _count_of(request.GET.get("from", ""))
    tree = shown_tree(project, level=id, archived=archived, skip=skip)
    context = {"tree": tree, "level": id, **_addresses(project)}
    return render_page(request, "cases/_level.html", context)


@require_safe
@project_view()
def counts(request, project):
    """How many cases lie in each suite of the tree, which the query opens as the page shows it."""
    tree = _tree(project, uuid_of(request.GET.get("suite")), request.GET, counted=True)
    suites = {str(node.id): f"{node.count:,}" for node in each_node(tree.nodes)}
    told = {"total": f"{tree.total:,}", "outside": f"{tree.outside:,}", "suites": suites}
    return JsonResponse(told)


@project_view("edit_cases")
def create(request, project):
    form = SuiteForm(request.POST or None, project=project, initial=_parent(request, project))
    if request.method == "POST" and form.is_valid():
        suite = submit(form, lifecycle.create_suite, project, by=request.user, **form.cleaned_data)
        if suite:
            messages.success(request, f"{suite} is made.", extra_tags=request.path)
            return redirect(suite)
    return render_page(
        request, "cases/suite_form.html", {"form": form}, nav=NAV, status=status_of(form)
    )


@project_view("edit_cases")
def edit(request, project, id):
    suite = get_object_or_404(project.suites, pk=id)
    path = suite.path
    form = SuiteForm(request.POST or None, project=project, instance=suite)
    context = {"suite": suite, "path": path, **_inside(project, suite)}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            changed = lifecycle.change_suite(suite, by=request.user, **said)
            messages.success(request, f"{changed} is saved.", extra_tags=request.path)
            return redirect(changed)
        except lifecycle.EditedMeanwhile as refusal:
            form, theirs = _over_theirs(request, project, id, said)
            context |= {"form": form, "conflict": str(refusal), "theirs": theirs}
            return render_page(request, "cases/suite_form.html", context, nav=NAV, status=409)
        except Refused as refusal:
            add_refusal(form, refusal)
    context["form"] = form
    return render_page(request, "cases/suite_form.html", context, nav=NAV, status=status_of(form))


def _over_theirs(request, project, id, typed):
    """(form, [(label, value)] of what the suite says now and the form does not).

    The form shows what was typed, over the suite as it is now: saving again is knowing.
    """
    suite = get_object_or_404(project.suites.select_related("parent", "owner"), pk=id)
    now = {name: getattr(suite, name) for name in typed if name != "seen"}
    data = request.POST.copy()
    data["seen"] = state_of(suite)
    form = SuiteForm(data, project=project, instance=suite)
    theirs = [
        (form[name].label, _worded(value)) for name, value in now.items() if value != typed[name]
    ]
    return form, theirs


def _worded(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "empty" if value in (None, "") else str(value)


@require_POST
@project_view("edit_cases")
def add(request, project):
    """A suite named in the tree, below `parent` or at the top."""
    form = SuiteNameForm(request.POST, project=project)
    if not form.is_valid():
        return _wrong(request, form, reverse("cases:list", args=[project.key]))
    return _in_tree(request, project, lifecycle.create_suite, project, **form.cleaned_data)


@require_POST
@project_view("edit_cases")
def rename(request, project, id):
    suite = get_object_or_404(project.suites, pk=id)
    form = SuiteNameForm(request.POST, project=project)
    if not form.is_valid():
        return _wrong(request, form, suite)
    name = form.cleaned_data["name"]
    return _in_tree(request, project, lifecycle.change_suite, suite, name=name)


@require_POST
@project_view("edit_cases")
def move(request, project, id):
    """By one step (`to`), or below `parent` before the suite `before`."""
    suite = get_object_or_404(project.suites, pk=id)
    form = PlaceForm(request.POST, project=project)
    if not form.is_valid():
        return _wrong(request, form, suite)
    said = form.cleaned_data
    if direction := said.pop("to"):
        return _in_tree(request, project, lifecycle.step_suite, suite, direction=direction)
    return _in_tree(request, project, lifecycle.move_suite, suite, **said)


@project_view("edit_cases")
def copy(request, project, id):
    suite = get_object_or_404(project.suites, pk=id)
    initial = {"name": free_name(project, suite.name, suite.parent), "parent": suite.parent}
    form = SuiteCopyForm(request.POST or None, project=project, suite=suite, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = submit(form, lifecycle.copy_suite, suite, by=request.user, **form.cleaned_data)
        if made and made.change:
            return redirect("cases:suite_copied", project.key, made.change.pk)
        if made:
            messages.success(request, f"{made.suite} is a copy of {suite}.")
            return redirect(made.suite)
    context = {"form": form, "suite": suite, **_inside(project, suite)}
    return render_page(request, "cases/suite_copy.html", context, nav=NAV, status=status_of(form))


@require_safe
@project_view()
def copied(request, project, id):
    """How far the job is that copies the cases of a large suite."""
    change = get_object_or_404(project.bulk_changes.filter(verb=VERB), pk=id)
    context = {
        "change": change,
        "waits": change.state in (change.State.QUEUED, change.State.RUNNING),
        "copy": project.suites.filter(pk=uuid_of(change.arguments["to"])).first(),
    }
    return render_page(request, "cases/suite_copied.html", context, partial="progress", nav=NAV)


@require_POST
@project_view("edit_cases")
def archive(request, project, id):
    suite = get_object_or_404(project.suites, pk=id)
    carry_out(request, lifecycle.archive_suite, suite, done=f"{suite} is archived.")
    return redirect(suite)


@require_POST
@project_view("edit_cases")
def restore(request, project, id):
    suite = get_object_or_404(project.suites, pk=id)
    carry_out(request, lifecycle.restore_suite, suite, done=f"{suite} is back in use.")
    return redirect(suite)


@require_POST
@project_view("edit_cases")
def delete(request, project, id):
    """`confirmation` is how many cases go, as the dialog had it typed; empty for none."""
    suite = get_object_or_404(project.suites, pk=id)
    cases = _count_of(request.POST.get("confirmation", "").split(" ")[0])
    if carry_out(request, lifecycle.delete_suite, suite, cases=cases, done=f"{suite} is deleted."):
        return redirect("cases:list", project.key)
    return redirect(suite)


def pane(project, selected, params, *, focus=None):
    """What the pane of the tree shows: `open` and `archived_suites` come from the address.

    The counts of a large project follow the page.
    """
    tree = _tree(project, selected, params, counted=not is_large(project), focus=focus)
    return {
        "tree": tree,
        "suite": tree.selected,
        "shows_archived": bool(params.get("archived_suites")),
        **_addresses(project),
    }


def _tree(project, selected, params, **how):
    opened = [id for id in map(uuid_of, params.getlist("open")[:MOST_OPEN]) if id]
    archived = bool(params.get("archived_suites"))
    return shown_tree(project, selected, opened=opened, archived=archived, **how)


def _addresses(project):
    return {
        "cases_url": reverse("cases:list", args=[project.key]),
        "suites_url": reverse("cases:suites", args=[project.key]),
    }


def _count_of(typed):
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def _in_tree(request, project, verb, row, **said):
    """The tree as it is now, or the sentence of a refusal; without script the page of the suite."""
    back = row if isinstance(row, Suite) else reverse("cases:list", args=[project.key])
    try:
        suite = verb(row, by=request.user, **said)
    except Refused as refusal:
        if request.htmx:
            return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
        messages.error(request, str(refusal))
        return redirect(back)
    if not request.htmx:
        return redirect(suite)
    context = {
        **pane(project, uuid_of(request.POST.get("suite")), request.POST, focus=suite.pk),
        "focus": suite.pk,
        "said": _where(suite),
    }
    return render_page(request, "cases/_tree.html", context)


def _wrong(request, form, back):
    sentence = " ".join(error for errors in form.errors.values() for error in errors)
    if request.htmx:
        return HttpResponse(sentence, status=400, content_type="text/plain; charset=utf-8")
    messages.error(request, sentence)
    return redirect(back)


def _where(suite):
    siblings = list(
        suite.project.suites.filter(parent=suite.parent_id, archived_at=None).values_list(
            "pk", flat=True
        )
    )
    where = f"in {suite.parent.name}" if suite.parent else "at the top"
    return f"{suite.name} is {siblings.index(suite.pk) + 1} of {len(siblings)} {where}."


def _inside(project, suite):
    """What goes with the suite, and whether it may go."""
    cases = project.cases.filter(suite__in=branch_of(suite))
    ran = (
        cases.filter(executions__isnull=False).exists()
        or project.suites.filter(pk__in=branch_of(suite), runs__isnull=False).exists()
    )
    return {"cases": cases.count(), "cases_in_use": cases.active().count(), "ran": ran}


def _parent(request, project):
    return {"parent": project.suites.filter(pk=uuid_of(request.GET.get("parent"))).first()}
