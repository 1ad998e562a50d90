"""What the page of a case tells of its review, and whom it asks."""

from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Subquery

from apps.projects.permissions import EDIT, REVIEW

from .content import BLANK, Difference, content_of, differences
from .lifecycle.reviews import SENDABLE
from .models import Case, CaseVersion, Review


@dataclass
class Panel:
    """The open review of a case or the last one, and what the reader may do about it."""

    review: Review | None = None
    is_open: bool = False
    may_send: bool = False
    may_withdraw: bool = False
    may_decide: bool = False
    is_own: bool = False
    approved: CaseVersion | None = None
    changes: list[Difference] = field(default_factory=list)


def panel_of(case, context) -> Panel:
    """Two queries for a case in review; none where nobody reviews, else one."""
    project, active = case.project, not case.is_archived
    may_edit = active and context.may(EDIT)
    panel = Panel(may_send=may_edit and case.status in SENDABLE)
    if case.status == Case.Status.IN_REVIEW:
        panel.review = _open(case, context.user)
    elif project.review_required or project.review_again:
        panel.review = case.reviews.select_related("asked_by", "decided_by").first()
    if panel.review and panel.review.state == Review.State.OPEN:
        panel.is_open = True
        panel.is_own = panel.review.is_own
        panel.may_withdraw = may_edit
        panel.may_decide = active and context.may(REVIEW) and not panel.is_own
        _compare(panel, case)
    return panel


def _open(case, user):
    own = Review.objects.filter(pk=OuterRef("pk")).written_by(user)
    last = Review.objects.filter(case=OuterRef("case"), state=Review.State.APPROVED)
    reviews = case.reviews.filter(state=Review.State.OPEN).select_related("asked_by")
    return reviews.annotate(
        is_own=Exists(own), approved=Subquery(last.order_by("-version").values("version")[:1])
    ).first()


def _compare(panel, case):
    """What a reviewer looks at: all that is not as it was approved."""
    if panel.review.approved is None:
        return
    panel.approved = case.versions.filter(number=panel.review.approved).first()
    before = panel.approved.content if panel.approved else BLANK
    panel.changes = [
        change for change in differences(before, content_of(case)) if change.name != "status"
    ]
