"""What a file may hang on, found through the project: this app does not know the apps above it."""

from uuid import UUID

from django.core.exceptions import ValidationError

from apps.projects.models import Project
from apps.projects.refusals import Unprocessable

LARGEST_NUMBER = 2**31 - 1


def find_targets(project: Project, named: dict[str, str]) -> list:
    """Rows for {"case": "WEB-12", "run": "45", "execution": uuid, "report": "3"}.

    Empty values are left out. Raises Unprocessable for what the project does not have.
    """
    return [_find(project, noun, value) for noun, value in named.items() if value]


def _find(project, noun, value):
    queryset = {
        "case": project.cases,
        "run": project.runs,
        "execution": project.executions,
        "report": project.reports,
    }[noun]
    lookup = _lookup(project, noun, str(value))
    row = queryset.filter(**lookup).first() if lookup else None
    if row is None:
        raise Unprocessable(
            f"{project.key} has no {noun} {value!r}.", field=noun, code="does_not_exist"
        )
    return row


def _lookup(project, noun, value):
    if noun == "execution":
        try:
            return {"pk": UUID(value)}
        except (ValueError, ValidationError):
            return None
    number = value.removeprefix(f"{project.key}-" if noun == "case" else "#")
    whole = number.isascii() and number.isdigit() and len(number) <= 10
    return {"number": int(number)} if whole and int(number) <= LARGEST_NUMBER else None
