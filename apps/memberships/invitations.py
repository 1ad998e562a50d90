"""Invitations as they are found and told of: their secrets, why one has ended, their messages."""

import logging
import secrets
from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from apps.accounts.models import User
from apps.projects.door import visible_projects

from .models import Invitation

logger = logging.getLogger(__name__)

UNKNOWN = (
    "This link is not known here. Each new message ends the link of the one before: use the "
    "newest, or ask whoever invited you to send another."
)
LONGEST_SUBJECT = 150


@dataclass
class Invited:
    """What became of one address: `invitation` is None for a member, else the pending one."""

    email: str
    outcome: str
    invitation: Invitation | None = None

    INVITED = "invited"
    MEMBER = "member"
    PENDING = "pending"

    @property
    def sentence(self):
        return {
            self.INVITED: f"{self.email} is invited.",
            self.MEMBER: f"{self.email} is a member already.",
            self.PENDING: f"{self.email} is invited already; send the message again if it is lost.",
        }[self.outcome]


def new_secret():
    return secrets.token_urlsafe(32)


def find_invitation(secret):
    """The invitation of this secret, whatever became of it, or None."""
    rows = Invitation.objects.filter(project__deleted_at=None)
    rows = rows.select_related("project", "created_by")
    return rows.filter(digest=Invitation.digest_of(secret)).first()


def why_closed(invitation):
    """In a sentence why it cannot be accepted, empty for one that can."""
    if invitation is None:
        return UNKNOWN
    if invitation.accepted_at:
        return "This invitation has been used already; each works once."
    if invitation.withdrawn_at:
        return "This invitation has been withdrawn. Ask for a new one if that was a mistake."
    if invitation.expires_at <= timezone.now():
        ended = date_format(timezone.localtime(invitation.expires_at), "j F Y, H:i")
        return f"This invitation ended on {ended}. Ask whoever invited you to send it again."
    return ""


def find_acquaintance(user, email, *, token=None):
    """The person of this address who is in a project with the one who asks, or None.

    Of anybody else nobody is told whether they have an account here.
    """
    shared = visible_projects(user, token=token).filter(memberships__user=user)
    people = User.objects.filter(is_active=True, is_service=False)
    return people.filter(email=email.strip().lower(), memberships__project__in=shared).first()


def send_invitations(letters, *, by, site):
    """Send each (invitation, secret) its message; what cannot be sent is marked undelivered."""
    try:
        with mailers.default as mailer:
            for invitation, secret in letters:
                _send(mailer, invitation, _message(invitation, secret, by=by, site=site))
    except OSError as error:
        logger.warning("No e-mail can be sent: %s", type(error).__name__)
        for invitation, _ in letters:
            invitation.undelivered = invitation.sent_at is None


def _send(mailer, invitation, message):
    try:
        mailer.send_messages([message])
    except (OSError, ValueError) as error:
        name = type(error).__name__
        logger.warning("The message of invitation %s is not sent: %s", invitation.pk, name)
        invitation.undelivered = True
        return
    invitation.sent_at = timezone.now()
    row = Invitation.objects.filter(pk=invitation.pk, digest=invitation.digest)
    row.update(sent_at=invitation.sent_at)


def _message(invitation, secret, *, by, site):
    context = {
        "invitation": invitation,
        "project": invitation.project,
        "by": by,
        "link": urljoin(site, reverse("invitations:invitation", args=[secret])),
    }
    subject = " ".join(f"{by or 'TestoQA'} invites you to {invitation.project}".split())
    message = EmailMultiAlternatives(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject[:LONGEST_SUBJECT]}",
        render_to_string("memberships/mail/invitation.txt", context),
        to=[invitation.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    html = render_to_string("memberships/mail/invitation.html", context)
    message.attach_alternative(html, "text/html")
    return message
