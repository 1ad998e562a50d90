"""What concerns signing in, told to the instance's own trail; never a password or a secret.

Wrong passwords and lock-outs are told by lockouts.py.
"""

from allauth.account import signals as account
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_save
from django.dispatch import receiver

from .addresses import confirm_address, drop_former_addresses
from .lifecycle import end_other_sessions
from .lockouts import forgive
from .models import User
from .sessions import begin_to_see
from .trail import note_instance


@receiver(account.user_logged_in)
def note_sign_in(request, user, **kwargs):
    begin_to_see(request)
    records = get_authentication_records(request, user)
    note_instance("sign_in", by=user, after={"by": [means(record) for record in records]})


def means(record):
    """password, totp, recovery_codes, webauthn, socialaccount …"""
    return record.get("type") or record["method"]


@receiver(user_logged_out)
def note_sign_out(user, **kwargs):
    if user is not None:
        note_instance("sign_out", by=user)


@receiver(account.user_signed_up)
def note_sign_up(user, **kwargs):
    note_instance("sign_up", user, by=user)


@receiver(account.email_confirmed)
def note_confirmed(email_address, **kwargs):
    note_instance("email.confirm", by=email_address.user, label=email_address.email)


@receiver(account.password_changed)
@receiver(account.password_set)
def note_password(request, user, signal, **kwargs):
    """A new password ends every other session; one of them may be why it was changed."""
    verb = "password.change" if signal is account.password_changed else "password.set"
    note_instance(verb, user, by=user)
    end_other_sessions(user, keep=request.session.session_key, by=user)


@receiver(account.password_reset)
def note_reset(user, **kwargs):
    """The link was read at the address, which is confirmed by that; a lock-out ends."""
    confirm_address(user)
    forgive(user)
    note_instance("password.reset", user, by=user)
    end_other_sessions(user, keep=None, by=user)


@receiver(mfa.authenticator_added)
@receiver(mfa.authenticator_removed)
@receiver(mfa.authenticator_reset)
def note_second_factor(user, authenticator, signal, **kwargs):
    verb = {
        mfa.authenticator_added: "second_factor.add",
        mfa.authenticator_removed: "second_factor.remove",
    }.get(signal, "second_factor.renew")
    named = authenticator.type == Authenticator.Type.WEBAUTHN
    label = authenticator.wrap().name if named else ""
    note_instance(verb, user, by=user, label=label, after={"kind": authenticator.type})


@receiver(mfa.authentication_failed)
def note_wrong_code(user, authenticator, **kwargs):
    note_instance("second_factor.fail", user, label=user.email, after={"kind": authenticator.type})


@receiver(social.social_account_added)
def note_link(sociallogin, **kwargs):
    note_instance("sign_in.link", sociallogin.user, by=sociallogin.user)


@receiver(social.social_account_removed)
def note_unlink(request, socialaccount, **kwargs):
    note_instance("sign_in.unlink", socialaccount.user, by=request.user)


@receiver(post_save, sender=User)
def follow_address(instance, created, update_fields, **kwargs):
    if not created and (update_fields is None or "email" in update_fields):
        drop_former_addresses(instance)
