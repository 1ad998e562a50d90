"""People of an archive are accounts here by their addresses."""

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from apps.accounts.models import User

from .reading import Archive, CannotImport


def account_of(email: str) -> User:
    person = User.objects.filter(email=email.strip().lower(), is_service=False).first()
    if person is None:
        raise CannotImport(
            f"Nobody here has the address {email}; make the account first, with add_person."
        )
    return person


def accounts_of(archive: Archive) -> dict[str, int]:
    """{address: key of the account}; who has none here gets one without a password.

    Members and guests of runs can set a password by their address; others are named in the history
    alone, and their accounts are inactive.
    """
    told = {person["email"]: person for person in archive.people()}
    found = dict(User.objects.filter(email__in=told).values_list("email", "pk"))
    missing = [person for email, person in told.items() if email not in found]
    made = User.objects.bulk_create([_account(person) for person in missing])
    return found | {account.email: account.pk for account in made}


def _account(person):
    email = person["email"]
    try:
        validate_email(email)
    except ValidationError:
        raise CannotImport(f"“{email[:100]}” is no e-mail address.") from None
    is_service = person.get("is_service") is True
    return User(
        email=email,
        name=str(person.get("name") or "")[:150],
        is_service=is_service,
        is_active=person.get("is_active") is True and not is_service,
        password=make_password(None),
    )
