"""Lock-outs after wrong passwords, of an account and of an address.

What counts is the account that was named, whether it exists or not, so that a lock-out tells
nobody which ones there are.
"""

from datetime import timedelta
from math import ceil

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Sum
from django.shortcuts import render
from django.utils import timezone

from .trail import note_instance

LONGEST_NAME = 255
ACCOUNT, ADDRESS = "account", "address"


class LockOuts(AxesDatabaseHandler):
    """Axes' own, with another limit for an address, from where many people may come."""

    def get_failures(self, request, credentials=None):
        """Of the account; those of the address are weighed against its own limit."""
        by_account, by_address = self.count(request, credentials)
        weighed = by_address * settings.AXES_FAILURE_LIMIT // settings.ADDRESS_FAILURE_LIMIT
        request.lock_out = ACCOUNT if by_account >= weighed else ADDRESS
        return max(by_account, weighed)

    def count(self, request, credentials):
        by_account, by_address = self.get_user_attempts(request, credentials)
        if request.axes_ip_address is None:
            by_address = by_address.none()
        return failures(by_account), failures(by_address)

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        """Count and note it; a try while the lock-out lasts is refused unread, and is neither."""
        refused = request is not None and request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is None or refused:
            return
        account = account_named(request, credentials)
        note_instance("sign_in.fail", label=account)
        if request.axes_locked_out:
            note_instance("sign_in.lock_out", label=account, after={"of": request.lock_out})

    def user_logged_in(self, sender, request, user, **kwargs):
        forgive(user)

    def user_logged_out(self, sender, request, user, **kwargs):
        """Nothing is counted by it."""


def failures(attempts):
    return attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0


def forgive(user):
    """Forget the wrong passwords for this account; those for others count on for their address."""
    AccessAttempt.objects.filter(username=user.email[:LONGEST_NAME]).delete()


def account_named(request, credentials=None):
    """The account that somebody tries to enter, as allauth's form and its backend call it."""
    named = credentials or {}
    name = named.get("email") or named.get("login") or request.POST.get("login") or ""
    return name.strip().lower()[:LONGEST_NAME]


def locked_out(request, response, credentials):
    """The page that says for how long, and what can be done meanwhile."""
    wait = ends_in(request, credentials)
    context = {
        "minutes": max(1, ceil(wait.total_seconds() / 60)),
        "of_address": request.lock_out == ADDRESS,
        "limit": settings.AXES_FAILURE_LIMIT,
        "single_sign_on": bool(settings.OIDC_ISSUER),
    }
    page = render(request, "account/locked_out.html", context, status=429)
    page["Retry-After"] = str(max(1, ceil(wait.total_seconds())))
    return page


def ends_in(request, credentials):
    """How long the lock-out lasts at most."""
    attempts = AccessAttempt.objects.filter(username=account_named(request, credentials))
    if request.lock_out == ADDRESS:
        attempts = AccessAttempt.objects.filter(ip_address=request.axes_ip_address)
    last = attempts.aggregate(last=Max("attempt_time"))["last"]
    if last is None:
        return timedelta()
    return max(timedelta(), last + settings.AXES_COOLOFF_TIME - timezone.now())
