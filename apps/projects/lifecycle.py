from django.db import transaction

from .models import Environment, Project
from .permissions import make_role_groups


@transaction.atomic
def create_project(*, key, name, **fields):
    """A project with its default environments and the four groups of its roles.

    It has no owner yet: memberships.lifecycle.found_project is what people call.
    """
    project = Project.objects.create(key=key, name=name, **fields)
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
