"""What the pages of cases and suites answer alike."""

from uuid import UUID

from django.shortcuts import get_object_or_404

NAV = "cases"


def status_of(*forms):
    return 422 if any(form.is_bound and not form.is_valid() for form in forms) else 200


def uuid_of(text):
    """An id from the address; what is none finds nothing."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def find_case(project, number):
    """The case of this number with all that it says, or 404."""
    return get_object_or_404(project.cases.with_content(), number=number)
