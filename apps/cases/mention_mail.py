"""The message to somebody whom a comment mentions, in text and HTML."""

from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from apps.projects.door import who_may_view

from .models import Mention

LONGEST_SUBJECT = 150


def send_mention(mention_id: str, site: str) -> None:
    """Nothing goes to who has read it meanwhile, or may not see the project any more."""
    rows = Mention.objects.select_related("user", "project", "comment__case", "comment__created_by")
    mention = rows.filter(pk=mention_id, read_at=None, project__deleted_at=None).first()
    if mention and who_may_view([mention.user_id], [mention.project_id]):
        _message(mention, site).send()


def _message(mention, site):
    comment = mention.comment
    context = {
        "comment": comment,
        "case": comment.case,
        "project": mention.project,
        "by": comment.created_by,
        "link": urljoin(site, reverse("mentions:open", args=[mention.pk])),
    }
    subject = f"{comment.created_by or 'TestoQA'} mentions you in {comment.case}"
    message = EmailMultiAlternatives(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{' '.join(subject.split())[:LONGEST_SUBJECT]}",
        render_to_string("cases/mail/mention.txt", context),
        to=[mention.user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    html = render_to_string("cases/mail/mention.html", context)
    message.attach_alternative(html, "text/html")
    return message
