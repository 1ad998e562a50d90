"""Whether somebody has shown that the e-mail address of an account is theirs.

Who signs up alone must confirm it. An address that an administrator, a command or an invitation
gave to an account is taken for confirmed.
"""

from allauth.account.models import EmailAddress

from .models import User


def confirm_address(user: User) -> None:
    """The address of the account belongs to the person; any other that was kept for it is gone."""
    drop_former_addresses(user)
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def settle_address(user: User) -> None:
    """An account without any address of allauth's did not come by signing up."""
    if not EmailAddress.objects.filter(user=user).exists():
        confirm_address(user)


def drop_former_addresses(user: User) -> None:
    """Nobody signs in, or resets a password, by the address that the account had before."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
