from django.db import IntegrityError, transaction

from .environments import ALWAYS_THERE
from .models import Environment, Project
from .permissions import make_role_groups
from .refusals import Refused


@transaction.atomic
def create_project(*, key, name, **fields):
    """A project with its default environments and the four groups of its roles.

    It has no owner yet: memberships.lifecycle.found_project is what people call. Raises Refused
    when the key is taken.
    """
    try:
        with transaction.atomic():
            project = Project.objects.create(key=key, name=name, **fields)
    except IntegrityError:
        if not Project.objects.filter(key=key).exists():
            raise
        raise Refused(
            f"Another project has the key {key}; choose a different one.",
            field="key",
            code="unique",
        ) from None
    Environment.objects.bulk_create(
        Environment(project=project, name=environment) for environment in Environment.DEFAULTS
    )
    make_role_groups(project)
    return project


def take_numbers(project, kind, count=1):
    """Reserve a block of numbers counted within the project; returns the first.

    `kind` is case, run or report. Holds the project's row until the transaction ends, so a
    pipeline takes its block last.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Numbers are taken within a transaction.")
    field = f"last_{kind}_number"
    locked = Project.objects.select_for_update(no_key=True, of=("self",)).get(pk=project.pk)
    last = getattr(locked, field)
    Project.objects.filter(pk=project.pk).update(**{field: last + count})
    return last + 1


@transaction.atomic
def remove_environment(environment, *, by):
    """Take an environment away that no run has used. Raises Refused for any other.

    Waits for runs that are being made, which hold the project's row for their number.
    """
    project = Project.objects.select_for_update(of=("self",)).get(pk=environment.project_id)
    if environment.name in ALWAYS_THERE:
        raise Refused(
            f"{environment} stays: results that name no environment go there.", code="always_there"
        )
    if project.runs.filter(environment=environment).exists():
        raise Refused(f"Runs have used {environment}, so it stays.", code="in_use")
    project.environments.filter(pk=environment.pk).delete()
