from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import carry_out, keyset_page, render_page, submit
from apps.projects.permissions import MANAGE_RUNS, RUN

from . import lifecycle
from .downloads import download
from .formats import FORMATS
from .forms import ReportForm
from .freshness import mark_outdated

SHOWN_FAILURES = 200
"""Failures on the page; the printable one, Markdown and JSON hold all."""


@require_safe
@project_view()
def list_reports(request, project):
    reports = project.reports.for_list()
    page = keyset_page(reports, request, field="id", descending=True)
    mark_outdated(page.rows)
    return render_page(request, "reports/list.html", {"page": page}, nav="reports")


@require_safe
@project_view()
def detail(request, project, number):
    """The report as a page, or with ?format= as a file."""
    report = get_object_or_404(project.reports.select_related("created_by"), number=number)
    mark_outdated([report])
    kind = request.GET.get("format")
    if kind is not None:
        if kind not in FORMATS:
            raise Http404(f"A report has no format {kind}; it has {', '.join(FORMATS)}.")
        return download(request, report, kind)
    failures = report.content["failures"]
    context = {
        "report": report,
        "content": report.content,
        "failures": failures[:SHOWN_FAILURES],
        "unshown": max(0, len(failures) - SHOWN_FAILURES) + report.content["truncated"],
        "delete_url": reverse("reports:delete", args=[project.key, report.number]),
    }
    return render_page(request, "reports/detail.html", context, nav="reports")


@require_http_methods(["GET", "HEAD", "POST"])
@project_view(RUN)
def create(request, project):
    """A form; the button of a run posts run=45 alone."""
    data = request.POST if request.method == "POST" else None
    form = ReportForm(data, project=project, initial=_chosen(request.GET))
    if form.is_valid():
        sent = form.cleaned_data
        report = submit(
            form,
            lifecycle.make_report,
            project,
            first_run=sent["run"],
            last_run=sent["last_run"],
            detail=sent["detail"],
            title=sent["title"],
            by=request.user,
        )
        if report:
            return redirect(report)
    status = 422 if form.is_bound else 200
    return render_page(request, "reports/form.html", {"form": form}, nav="reports", status=status)


def _chosen(query):
    return {name: query[name] for name in ["run", "last_run"] if name in query}


@require_POST
@project_view(RUN)
def remake(request, project, number):
    report = get_object_or_404(project.reports, number=number)
    done = f"Report {report.number} has been made again."
    carry_out(request, lifecycle.remake_report, report, done=done)
    return redirect(report)


@require_POST
@project_view(MANAGE_RUNS)
def delete(request, project, number):
    report = get_object_or_404(project.reports, number=number)
    done = f"Report {report.number} has been deleted."
    carry_out(request, lifecycle.delete_report, report, done=done)
    return redirect("reports:list", project.key)
