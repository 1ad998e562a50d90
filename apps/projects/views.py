from django.contrib import messages
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from . import figures, lifecycle, markdown
from .door import open_to, project_view
from .models import Project
from .pages import carry_out, render_page
from .permissions import MANAGE_PROJECT

LATEST = 10
BROKEN = 8
SHARED = 100


@require_safe
def project_list(request):
    """My projects, each with my role, what it holds and its last run."""
    mine = Project.objects.visible_to(request.user).with_role_of(request.user)
    projects = list(mine.annotate(is_open=open_to(request.user)))
    closed = [project for project in projects if not project.is_open]
    projects = [project for project in projects if project.is_open]
    cases = counted(projects, "cases", Q(cases__archived_at=None))
    runs = counted(projects, "runs")
    newest = newest_runs(projects)
    for project in projects:
        project.case_count = cases.get(project.pk, 0)
        project.run_count = runs.get(project.pk, 0)
        project.last_run = newest.get(project.pk)
    context = {
        "projects": [project for project in projects if not project.is_archived],
        "archived": [project for project in projects if project.is_archived],
        "closed": closed,
        "shared": shared_runs(request.user),
    }
    return render_page(request, "projects/list.html", context, nav="projects")


def counted(projects, relation, condition=None):
    """{project id: how many}, for all of them in one query."""
    rows = Project.objects.filter(pk__in=[project.pk for project in projects]).order_by()
    return dict(rows.annotate(found=Count(relation, filter=condition)).values_list("pk", "found"))


def newest_runs(projects):
    """{project id: its newest run}; one step in an index for each project."""
    run = Project._meta.get_field("runs").related_model
    newest = run.objects.filter(project=OuterRef("pk")).order_by("-id").values("pk")[:1]
    rows = Project.objects.filter(pk__in=[project.pk for project in projects]).order_by()
    ids = rows.annotate(newest=Subquery(newest)).values("newest")
    return {row.project_id: row for row in run.objects.filter(pk__in=ids)}


def shared_runs(user):
    """Runs of other projects that I am a guest of, the newest first."""
    guests = Project._meta.get_field("runguests").related_model
    rows = guests.objects.filter(open_to(user, "project__"), user=user, project__deleted_at=None)
    rows = rows.exclude(project__memberships__user=user)
    found = rows.select_related("run", "project").order_by("-run_id")[:SHARED]
    for row in found:
        row.run.project = row.project
    return found


@require_safe
@project_view()
def overview(request, project):
    """What broke, how it went lately, and the latest runs."""
    finished = list(figures.trend_runs(project))
    last_runs = list(project.runs.completed().for_list()[: figures.LAST])
    context = {
        "latest_runs": project.runs.for_list()[:LATEST],
        "trend": finished,
        "last_runs": last_runs,
        "broken": figures.broken(project, last_runs)[:BROKEN],
        "broken_total": sum(run.new_failures for run in last_runs),
        "kpis": figures.kpis(project, last_runs, finished),
        "import_command": import_command(request, project),
    }
    return render_page(request, "projects/overview.html", context, nav="overview")


def import_command(request, project):
    """The line that sends a first result file, with this project's own address."""
    return (
        f"curl --fail-with-body {import_url(request, project)} "
        '-H "Authorization: Bearer $TESTOQA_TOKEN" -F file=@junit.xml'
    )


def import_url(request, project):
    address = reverse("projects:overview", args=[project.key])
    return request.build_absolute_uri(f"/api/v1{address}imports/")


@require_POST
@project_view()
def preview(request, project):
    """What a text in Markdown looks like, for who writes it; an element of the page."""
    return HttpResponse(markdown.render(request.POST.get("text", ""), project))


@require_POST
@project_view(MANAGE_PROJECT)
def archive(request, project):
    """Nobody changes anything in it until it is restored."""
    carry_out(request, lifecycle.archive_project, project, done=f"{project} is archived.")
    return redirect("projects:settings", project.key)


@require_POST
@project_view(MANAGE_PROJECT)
def restore(request, project):
    carry_out(request, lifecycle.restore_project, project, done=f"{project} is restored.")
    return redirect("projects:settings", project.key)


@require_POST
@project_view(MANAGE_PROJECT)
def delete(request, project):
    """Gone for everybody, once its key was typed; a job removes what it holds."""
    if request.POST.get("confirmation", "").strip() != project.key:
        messages.error(request, f"Nothing was deleted: type {project.key} to confirm.")
        return redirect("projects:settings", project.key)
    done = f"{project} is deleted. Its key is free when all it held has been removed."
    if carry_out(request, lifecycle.delete_project, project, done=done):
        return redirect("projects:list")
    return redirect("projects:settings", project.key)
