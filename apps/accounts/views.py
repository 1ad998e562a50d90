from allauth.account.decorators import reauthentication_required
from allauth.account.views import LoginView
from allauth.mfa.models import Authenticator
from allauth.socialaccount.internal.flows import connect as links
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.openid_connect import views as openid
from allauth.usersessions.models import UserSession
from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from . import lifecycle
from .addresses import settle_address
from .forms import AccountForm, ThemeForm
from .sessions import browser_of, open_sessions

Kind = Authenticator.Type


class SignIn(LoginView):
    """Says who may sign up, and by what else one may sign in, beside what allauth says."""

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            may_sign_up=site.SIGNUP == "open", single_sign_on=single_sign_on(), **kwargs
        )


def single_sign_on():
    """What the provider is called, empty where there is none."""
    return site.OIDC_NAME if site.OIDC_ISSUER else ""


def settings(request):
    """How the site looks and reads to me."""
    form = AccountForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your settings are saved.")
        return redirect("accounts:settings")
    return render(request, "accounts/settings.html", {"form": form})


@require_POST
def theme(request):
    """Keep the theme chosen in the account menu."""
    form = ThemeForm(request.POST, instance=request.user)
    if not form.is_valid():
        return HttpResponseBadRequest(form.errors.as_text())
    form.save()
    return redirect("accounts:settings")


@require_safe
def security(request):
    """By what I sign in, and where I am signed in."""
    own = {kind: [] for kind in Kind}
    for row in Authenticator.objects.filter(user=request.user).order_by("created_at"):
        own[row.type].append(row)
    codes = [row.wrap() for row in own[Kind.RECOVERY_CODES]]
    context = {
        "app": next(iter(own[Kind.TOTP]), None),
        "keys": own[Kind.WEBAUTHN],
        "codes_left": len(codes[0].get_unused_codes()) if codes else None,
        "has_second_factor": bool(own[Kind.TOTP] or own[Kind.WEBAUTHN]),
        "sessions": sessions_of(request),
        "links": SocialAccount.objects.filter(user=request.user).order_by("pk"),
        "single_sign_on": single_sign_on(),
    }
    return render(request, "accounts/security.html", context)


def sessions_of(request):
    sessions = open_sessions(request.user)
    for session in sessions:
        session.browser = browser_of(session.user_agent)
        session.mine = session.session_key == request.session.session_key
    return sessions


@require_POST
def end_session(request, pk):
    """Sign one of my other browsers out."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    lifecycle.end_session(session, by=request.user)
    messages.success(request, f"{browser_of(session.user_agent)} is signed out.")
    return redirect("accounts:security")


@require_POST
def end_other_sessions(request):
    """Sign all my other browsers out."""
    keep = request.session.session_key
    count = lifecycle.end_other_sessions(request.user, keep=keep, by=request.user)
    browsers = "1 other browser is" if count == 1 else f"{count} other browsers are"
    messages.success(request, f"{browsers} signed out.")
    return redirect("accounts:security")


@require_POST
@reauthentication_required(app="allauth.socialaccount")
def unlink(request, pk):
    """End signing in by the provider; the account keeps its password."""
    account = get_object_or_404(SocialAccount, pk=pk, user=request.user)
    settle_address(request.user)
    try:
        links.validate_disconnect(request, account)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        links.disconnect(request, account)
    return redirect("accounts:security")


@login_not_required
@require_safe
def single_sign_on_begins(request, provider_id):
    """Go to the provider; a page of somebody else cannot send people there."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") in ("cross-site", "same-site"):
        return redirect("account_login")
    return openid.login(request, provider_id)
