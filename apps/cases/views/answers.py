"""What the pages of cases and suites answer alike."""

from uuid import UUID

NAV = "cases"


def status_of(*forms):
    return 422 if any(form.is_bound and not form.is_valid() for form in forms) else 200


def uuid_of(text):
    """An id from the address; what is none finds nothing."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
