"""Rows of a project's own that a verb holds until its transaction ends."""

from .models import Environment, Project
from .refusals import Unprocessable


def lock_project(project: Project) -> Project:
    """The project as it is now; whoever takes numbers, makes runs or changes its tree waits."""
    return Project.objects.select_for_update(no_key=True, of=("self",)).get(pk=project.pk)


def hold_environment(environment: Environment) -> Environment:
    """The environment as it is now, which nobody can remove meanwhile.

    Raises Unprocessable when somebody did.
    """
    rows = Environment.objects.select_for_update(no_key=True, of=("self",))
    held = rows.filter(pk=environment.pk).first()
    if held is None:
        raise Unprocessable(
            f"The environment {environment} has been removed meanwhile; choose another.",
            field="environment",
            code="unknown_environment",
        )
    return held
