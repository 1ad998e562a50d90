"""Sending a case to review, deciding on it, and the list of what waits."""

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.projects.door import project_view
from apps.projects.pages import carry_out, keyset_page, render_page

from .. import lifecycle
from .answers import NAV, find_case

MINE, SENT, ALL = "mine", "sent", "all"


class DecisionForm(forms.Form):
    note = forms.CharField(required=False, max_length=5000, widget=forms.Textarea)
    version = forms.IntegerField(required=False)


@require_safe
@project_view()
def review_list(request, project):
    """What waits for a reviewer: what I may decide, what I sent, and all of it."""
    may_decide = request.context.may("review_cases")
    waiting = project.reviews.waiting()
    mine = waiting.decidable_by(request.user) if may_decide else waiting.none()
    sent = waiting.filter(asked_by=request.user)
    chosen = request.GET.get("of")
    if chosen not in (MINE, SENT, ALL):
        chosen = MINE if may_decide else ALL
    page = keyset_page(
        {MINE: mine, SENT: sent, ALL: waiting}[chosen].for_list(), request, field="id"
    )
    counts = waiting.aggregate(sent=Count("pk", filter=Q(asked_by=request.user)), all=Count("pk"))
    counts[MINE] = mine.count()
    context = {
        "page": page,
        "rows": page.rows,
        "chosen": chosen,
        "counts": counts,
        "may_decide": may_decide,
        "shown": f"{len(page.rows):,} of {counts[chosen]:,}",
    }
    return render_page(request, "cases/reviews.html", context, nav=NAV)


@require_POST
@project_view("edit_cases")
def send(request, project, number):
    case = find_case(project, number)
    done = f"{case.key} waits for a reviewer."
    carry_out(request, lifecycle.send_to_review, case, done=done)
    return redirect(case)


@require_POST
@project_view("edit_cases")
def withdraw(request, project, number):
    case = find_case(project, number)
    carry_out(request, lifecycle.withdraw_review, case, done=f"{case.key} is a draft again.")
    return redirect(case)


@require_POST
@project_view("review_cases")
def approve(request, project, number):
    return _decide(request, project, number, lifecycle.approve_case, "{} is approved and ready.")


@require_POST
@project_view("review_cases")
def send_back(request, project, number):
    return _decide(request, project, number, lifecycle.return_case, "{} is returned as a draft.")


def _decide(request, project, number, verb, done):
    case = find_case(project, number)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "A note has at most 5,000 letters. Nothing is decided.")
    elif carry_out(request, verb, case, **form.cleaned_data):
        kept_as = reverse("cases:approve", args=[project.key, number])
        messages.success(request, done.format(case.key), extra_tags=kept_as)
    return redirect(case)
