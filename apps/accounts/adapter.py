from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from .addresses import settle_address
from .mail import send_after_commit
from .middleware import client_address
from .sessions import browser_of

UNKNOWN_ADDRESS = "::"
MAIL_HEADERS = {"Auto-Submitted": "auto-generated"}


def invited_address(request):
    """The address of the invitation by which somebody came, empty for whoever has none.

    The page of an invitation calls `AccountAdapter.stash_verified_email`: the link was in a message
    to that address, so whoever holds it has shown that the address is theirs.
    """
    return (request.session.get("account_verified_email") or "").lower()


class AccountAdapter(DefaultAccountAdapter):
    """How people sign in and up here, where that differs from what allauth does by itself."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": (
            "This address and password do not fit together; check both, or choose a new password."
        ),
        "incorrect_password": "This is not your password; type it again.",
        "enter_current_password": "This is not your password; type it again.",
    }

    def is_open_for_signup(self, request):
        if settings.SIGNUP == "invited":
            return bool(invited_address(request))
        return settings.SIGNUP == "open"

    def get_client_ip(self, request):
        return client_address(request) or UNKNOWN_ADDRESS

    def pre_authenticate(self, request, **credentials):
        """Wrong passwords are counted by apps/accounts/lockouts.py, which says how long to wait."""

    def pre_login(self, request, user, **kwargs):
        """Nobody signs in as a service account, by whatever means."""
        if user.is_service:
            return self.respond_user_inactive(request, user)
        settle_address(user)
        return super().pre_login(request, user, **kwargs)

    def send_mail(self, template_prefix, email, context):
        """What allauth tells somebody by mail, once it is committed."""
        request = current.request
        context = {"request": request, "email": email, "site": request.get_host(), **context}
        if "user_agent" in context:
            context["browser"] = browser_of(context["user_agent"])
        send_after_commit(self.render_mail(template_prefix, email, context, headers=MAIL_HEADERS))

    def render_mail(self, template_prefix, email, context, headers=None):
        """In text, as allauth has it, and the same in HTML."""
        message = super().render_mail(template_prefix, email, context, headers)
        shown = {"title": message.subject, "text": message.body}
        html = render_to_string("account/email/message.html", shown)
        message.attach_alternative(html, "text/html")
        return message

    def get_password_change_redirect_url(self, request):
        return reverse("accounts:security")


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is wrong or used up; wait for the next one, and type that.",
    }


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Single sign-on by the one provider of the settings."""

    def list_apps(self, request, provider=None, client_id=None):
        """None are kept in the database, where their secrets would lie open."""
        configured = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        apps = [SocialApp(provider="openid_connect", **fields) for fields in configured]
        wanted = (None, "openid_connect", settings.OIDC_PROVIDER_ID)
        return [app for app in apps if provider in wanted and client_id in (None, app.client_id)]

    def populate_user(self, request, sociallogin, data):
        """Some providers say “false” in words, which would count as true."""
        for address in sociallogin.email_addresses:
            address.verified = address.verified is True or address.verified == "true"
        user = super().populate_user(request, sociallogin, data)
        user.name = (data.get("name") or "")[: user._meta.get_field("name").max_length]
        return user

    def authenticate_by_email(self, sociallogin):
        """The account that has the address which the provider has verified."""
        found = super().authenticate_by_email(sociallogin)
        if found:
            settle_address(found[0])
        return found

    def is_open_for_signup(self, request, sociallogin):
        """An invitation lets in its own address alone."""
        if settings.SIGNUP == "invited":
            verified = {row.email.lower() for row in sociallogin.email_addresses if row.verified}
            return invited_address(request) in verified
        return settings.SIGNUP == "open"

    def get_connect_redirect_url(self, request, socialaccount):
        return reverse("accounts:security")
