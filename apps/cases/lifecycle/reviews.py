"""A case is sent to review, and somebody else than its author decides on it."""

from django.db import transaction
from django.utils import timezone

from apps.projects.refusals import Refused, TransitionRefused

from ..content import content_of
from ..models import Case, Review
from .writing import lock_case, note_change, require_active, require_latest, save_version

SENDABLE = {Case.Status.DRAFT, Case.Status.READY}


@transaction.atomic
def send_to_review(case, *, by) -> Review:
    """Ask others to look at a draft, or at a ready case once more."""
    case = _lock(case)
    if case.status not in SENDABLE:
        raise TransitionRefused(
            f"{case.key} is {case.get_status_display().lower()}; a draft is sent to review.",
            code="wrong_state",
        )
    _move(case, Case.Status.IN_REVIEW, "Sent to review", "case.send_to_review", by=by)
    return case.reviews.get(state=Review.State.OPEN)


@transaction.atomic
def withdraw_review(case, *, by) -> Review:
    """Take a case back from review; it is a draft again."""
    case = _lock(case)
    review = _open_review(case)
    _move(case, Case.Status.DRAFT, "Taken back from review", "case.withdraw_review", by=by)
    review.refresh_from_db()
    return review


@transaction.atomic
def approve_case(case, *, by, version=None, note="") -> Review:
    """Find a case good: it is ready.

    Raises Refused for its author, who sent it or wrote a word of it since the last approval, and
    EditedMeanwhile when `version`, the one that was read, is not the latest.
    """
    case = _lock(case)
    review = _decided(case, Review.State.APPROVED, note, version, by=by)
    said = f"Approved: {note}" if note else "Approved"
    case = _move(case, Case.Status.READY, said, "case.approve", by=by)
    review.version = case.version
    review.save(update_fields=["version"])
    return review


@transaction.atomic
def return_case(case, *, by, note, version=None) -> Review:
    """Give a case back to be written better, as a draft; `note` says what is missing.

    Raises Refused and EditedMeanwhile as approve_case does.
    """
    case = _lock(case)
    if not note.strip():
        raise Refused(
            "Say what is missing, so that the author can go on.", field="note", code="required"
        )
    review = _decided(case, Review.State.RETURNED, note, version, by=by)
    _move(case, Case.Status.DRAFT, f"Returned: {note}", "case.return", by=by)
    return review


def _lock(case):
    case = lock_case(case)
    require_active(case)
    return case


def _open_review(case):
    review = case.reviews.filter(state=Review.State.OPEN).first()
    if review is None:
        raise TransitionRefused(f"{case.key} is not in review.", code="wrong_state")
    return review


def _decided(case, state, note, version, *, by):
    """The open review, closed like this before the case leaves the state."""
    review = _open_review(case)
    require_latest(case, version)
    if Review.objects.filter(pk=review.pk).written_by(by).exists():
        raise Refused(
            f"You sent {case.key} to review or wrote some of it; somebody else decides on it.",
            code="own_work",
        )
    review.state, review.note, review.version = state, note, case.version
    review.decided_by, review.decided_at = by, timezone.now()
    review.save(update_fields=["state", "note", "version", "decided_by", "decided_at"])
    return review


def _move(case, status, said, verb, *, by):
    before = content_of(case)
    case.status = status
    case.save(update_fields=["status"])
    case = save_version(case, before, by=by, note=said)
    note_change(case, before, by=by, verb=verb)
    return case
