"""Shared steps as their pages and the editor of steps find them."""

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from .models import CaseStep
from .using import cases_using, runs_under_way

OFFERED = 30
NAMED = 20


def shared_steps_like(project, text):
    """Those with the text in their title; no title holds what the database cannot."""
    rows = project.shared_steps.all()
    if "\0" in text:
        return rows.none()
    return rows.filter(title__icontains=text) if text else rows


def titles_like(project, text):
    found = shared_steps_like(project, text.strip())
    return list(found.order_by("title").values_list("title", flat=True)[:OFFERED])


def titled(project, text):
    """Those of this title, or None."""
    title = " ".join(text.split())
    return None if "\0" in title else project.shared_steps.filter(title=title).first()


def with_uses(rows):
    """Each with `uses`, the number of cases that have them."""
    places = CaseStep.objects.filter(project=OuterRef("project"), shared=OuterRef("pk"))
    counts = places.order_by().values("shared").annotate(count=Count("case", distinct=True))
    return rows.annotate(uses=Coalesce(Subquery(counts.values("count")), 0))


def reach_of(shared):
    """Where a change of them will appear: how many cases, the first of them, and runs under way."""
    cases = cases_using(shared)
    return {
        "count": cases.count(),
        "cases": cases.only("number", "title", "project", "archived_at").order_by("number")[:NAMED],
        "runs": runs_under_way(shared),
    }
