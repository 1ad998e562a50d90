"""What people say of a case. The trail tells that they did, and not what."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from apps.projects import trail
from apps.projects.refusals import Refused

from ..mentions import named_in
from ..models import Comment, Mention
from ..tasks import tell_mentioned
from .writing import lock_case


@transaction.atomic
def add_comment(case, body, *, by, site="") -> Comment:
    """Say something of a case; who is mentioned is told, by e-mail too where `site` is the
    address of this one."""
    case = lock_case(case)
    comment = Comment.objects.create(project=case.project, case=case, body=body, created_by=by)
    called = _call(comment, by=by, site=site)
    trail.note(case.project, "case.comment", case, by=by, after=_people(called))
    return comment


@transaction.atomic
def edit_comment(comment, body, *, by, site="") -> Comment:
    """Say it better. Raises PermissionDenied for whoever did not write it.

    Who is mentioned newly is told; a mention that is gone and unread is taken back.
    """
    comment = _lock(comment)
    if comment.created_by_id != by.pk:
        raise PermissionDenied("Only who wrote a comment changes it.")
    if comment.body == body:
        return comment
    comment.body, comment.edited_at = body, timezone.now()
    comment.save(update_fields=["body", "edited_at"])
    called = _call(comment, by=by, site=site)
    trail.note(comment.project, "case.edit_comment", comment.case, by=by, after=_people(called))
    return comment


@transaction.atomic
def delete_comment(comment, *, by, manages=False) -> Comment:
    """Take the words away; that there were some stays.

    Raises PermissionDenied for whoever neither wrote it nor `manages` the cases.
    """
    comment = _lock(comment)
    if comment.created_by_id != by.pk and not manages:
        raise PermissionDenied("Who wrote a comment deletes it, or whoever may edit cases.")
    comment.body, comment.deleted_at = "", timezone.now()
    comment.save(update_fields=["body", "deleted_at"])
    comment.mentions.all().delete()
    trail.note(comment.project, "case.delete_comment", comment.case, by=by)
    return comment


def _lock(comment):
    rows = Comment.objects.select_for_update(no_key=True, of=("self",)).select_related("case")
    locked = rows.filter(pk=comment.pk).first()
    if locked is None or locked.deleted_at:
        raise Refused("The comment has been deleted meanwhile.", code="gone")
    return locked


def _call(comment, *, by, site):
    """Mention those whom the text names and who were not named before; whom it names newly."""
    named = [person for person in named_in(comment.project, comment.body) if person != by]
    before = set(comment.mentions.values_list("user_id", flat=True))
    comment.mentions.filter(read_at=None).exclude(user__in=named).delete()
    called = [person for person in named if person.pk not in before]
    rows = (Mention(project=comment.project, comment=comment, user=person) for person in called)
    for mention in Mention.objects.bulk_create(rows):
        if site:
            tell_mentioned.defer(mention_id=str(mention.pk), site=site)
    return called


def _people(called):
    return {"mentioned": [person.email for person in called]} if called else None
