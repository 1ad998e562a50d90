"""Invitations as they are found and told of: their secrets, why one has ended, their messages."""

import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from apps.accounts.models import User
from apps.projects.door import visible_projects
from apps.projects.refusals import Refused

from .models import ApiToken, Invitation

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


def require_room(project, emails):
    """Raises Refused for more invitations than a project may have waiting, or send in a day."""
    if any(email.endswith(ApiToken.SERVICE_DOMAIN) for email in emails):
        raise Refused("A token of a project is nobody to invite.", field="email", code="service")
    if project.invitations.pending().count() + len(emails) > Invitation.MOST_PENDING:
        raise Refused(
            f"{project.key} has {Invitation.MOST_PENDING} invitations waiting at most; withdraw "
            "some that nobody accepted.",
            field="email",
            code="too_many",
        )
    today = project.invitations.filter(created_at__gt=timezone.now() - timedelta(days=1))
    if today.count() + len(emails) > Invitation.MOST_A_DAY:
        raise Refused(
            f"{project.key} sends {Invitation.MOST_A_DAY} invitations a day at most; "
            "go on tomorrow.",
            field="email",
            code="too_many",
        )


def require_pause(invitation):
    """Raises Refused when its message went out a moment ago."""
    if invitation.sent_at and invitation.sent_at > timezone.now() - Invitation.PAUSE:
        raise Refused(
            f"The message to {invitation.email} went out a moment ago; wait a minute before it is "
            "sent again.",
            code="too_soon",
        )


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
