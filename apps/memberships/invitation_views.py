"""The page behind the link of an invitation, for whoever holds it."""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.utils import complete_signup
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from apps.accounts.models import User
from apps.projects.pages import carry_out, submit

from . import lifecycle
from .forms import NewcomerForm
from .invitations import find_invitation, why_closed

OPENED = "opened"
"""Stands in the address for the secret, which the session holds from then on."""
SECRET = "invitation"
"""Where it does."""


@never_cache
@login_not_required
@sensitive_post_parameters()
def invitation(request, secret):
    """What somebody is invited to; they accept here, and make their account on the way."""
    if secret != OPENED and find_invitation(secret):
        request.session[SECRET] = secret
        return redirect("invitations:invitation", OPENED)
    secret = request.session.get(SECRET, "") if secret == OPENED else secret
    found = find_invitation(secret)
    if is_in(request.user, found):
        return enter(request, found.project)
    if why := why_closed(found):
        context = {"why": why}
        return render(request, "memberships/invitation_closed.html", context, status=404)
    if request.user.is_authenticated:
        return accept(request, found, secret)
    return sign_up(request, found, secret)


def is_in(user, found):
    """Whether the person of the invitation is a member already, as after a second click."""
    return (
        user.is_authenticated
        and found is not None
        and found.project.memberships.filter(user=user, user__email=found.email).exists()
    )


def enter(request, project):
    request.session.pop(SECRET, None)
    return redirect(project)


def accept(request, found, secret):
    for_me = request.user.email == found.email
    done = f"You are {found.role} in {found.project} now."
    if request.method == "POST" and carry_out(
        request, lifecycle.accept_invitation, secret, done=done
    ):
        return enter(request, found.project)
    return page(request, found, "accept" if for_me else "other_person")


def sign_up(request, found, secret):
    """An account for the address of the invitation, made by whoever holds the link."""
    if User.objects.filter(email=found.email).exists():
        return page(request, found, "sign_in")
    if settings.SIGNUP == "closed":
        return page(request, found, "no_account")
    get_adapter().stash_verified_email(request, found.email)  # for single sign-on
    form = NewcomerForm(found.email, request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = {"name": form.cleaned_data["name"], "password": form.cleaned_data["new_password1"]}
        if member := submit(form, lifecycle.accept_as_newcomer, secret, **fields):
            del request.session[SECRET]
            return complete_signup(request, member.user, None, found.project.get_absolute_url())
    return page(request, found, "sign_up", form=form)


def page(request, found, offer, **context):
    back = urlencode({"next": reverse("invitations:invitation", args=[OPENED])})
    context |= {
        "invitation": found,
        "project": found.project,
        "offer": offer,
        "sign_in_url": f"{reverse('account_login')}?{back}",
    }
    return render(request, "memberships/invitation.html", context)
