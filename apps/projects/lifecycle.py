from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.second_factor import has_second_factor
from apps.accounts.trail import note_instance

from .environments import ALWAYS_THERE
from .locks import lock_project
from .models import Environment, Project
from .permissions import make_role_groups
from .refusals import Refused, TransitionRefused
from .tasks import erase_project
from .trail import changes, note


@transaction.atomic
def create_project(*, key, name, by, **fields):
    """A project with its default environments and the four groups of its roles.

    It has no owner yet: memberships.lifecycle.found_project is what people call. Raises Refused
    when the key is taken.
    """
    if fields.get("second_factor"):
        _require_own_second_factor(by)
    try:
        with transaction.atomic():
            project = Project.objects.create(key=key, name=name, **fields)
    except IntegrityError:
        if (taken := Project.objects.filter(key=key).first()) is None:
            raise
        raise Refused(_why_taken(taken), field="key", code="unique") from None
    Environment.objects.bulk_create(
        Environment(project=project, name=environment) for environment in Environment.DEFAULTS
    )
    make_role_groups(project)
    note(project, "project.create", project, by=by, after={"key": key, "name": name})
    return project


def _why_taken(project):
    if project.deleted_at is None:
        return f"Another project has the key {project.key}; choose a different one."
    return (
        f"The project that had the key {project.key} is being deleted; "
        "try again in a while, or choose a different one."
    )


@transaction.atomic
def change_project(project, *, by, **fields):
    """Rename or describe a project, or say how it works. `fields`: name, description,
    default_branch, repeats, review_required, review_again, second_factor.

    Raises Refused when a second factor is required by somebody who has none. Saves these alone: a
    row read before somebody took a number would give it out again.
    """
    project = lock_project(project)
    before, after = changes(project, fields)
    if after.get("second_factor"):
        _require_own_second_factor(by)
    for name, value in fields.items():
        setattr(project, name, value)
    project.save(update_fields=list(fields))
    note(project, "project.change", project, by=by, before=before, after=after)
    return project


def _require_own_second_factor(by):
    if not has_second_factor(by):
        raise Refused(
            "Set up a second factor of your own first, in the security settings of your account; "
            "else this would close the project to you.",
            field="second_factor",
            code="no_second_factor",
        )


@transaction.atomic
def archive_project(project, *, by):
    """Keep the project as it is: everybody in it reads, nobody changes anything until restored."""
    project = lock_project(project)
    if project.is_archived:
        raise TransitionRefused(f"{project.key} is archived already.", code="archived")
    project.archived_at = timezone.now()
    project.save(update_fields=["archived_at"])
    note(project, "project.archive", project, by=by)
    return project


@transaction.atomic
def restore_project(project, *, by):
    """Let people work in an archived project again, each by their role."""
    project = lock_project(project)
    if not project.is_archived:
        raise TransitionRefused(f"{project.key} is not archived.", code="not_archived")
    project.archived_at = None
    project.save(update_fields=["archived_at"])
    note(project, "project.restore", project, by=by)
    return project


@transaction.atomic
def delete_project(project, *, by):
    """Take the project from everybody's sight at once; a job removes what it holds.

    The key is free when the job has ended. The instance's own trail keeps who asked for it.
    """
    project = lock_project(project)
    if project.deleted_at is not None:
        raise TransitionRefused(f"{project.key} is being deleted already.", code="deleted")
    project.deleted_at = timezone.now()
    project.save(update_fields=["deleted_at"])
    project.projectgroupobjectpermission_set.all().delete()
    project.projectuserobjectpermission_set.all().delete()
    note_instance(
        "project.delete", project, by=by, project_key=project.key, before={"name": project.name}
    )
    erase_project.defer(project_id=project.pk)


def take_numbers(project, kind, count=1):
    """Reserve a block of numbers counted within the project; returns the first.

    `kind` is case, run or report. Holds the project's row until the transaction ends, so a
    pipeline takes its block last.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Numbers are taken within a transaction.")
    field = f"last_{kind}_number"
    last = getattr(lock_project(project), field)
    Project.objects.filter(pk=project.pk).update(**{field: last + count})
    return last + 1


@transaction.atomic
def add_environment(project, *, by, name):
    """A further place where runs can be. Raises Refused for a name that is there already."""
    lock_project(project)
    if project.environments.filter(name=name).exists():
        raise Refused(
            "The project has an environment of this name already.", field="name", code="unique"
        )
    environment = project.environments.create(name=name)
    note(project, "environment.add", environment, by=by)
    return environment


@transaction.atomic
def remove_environment(environment, *, by):
    """Take an environment away that no run has used. Raises Refused for any other.

    Waits for verbs that hold it for a run.
    """
    if environment.name in ALWAYS_THERE:
        raise Refused(
            f"{environment} stays: results that name no environment go there.", code="always_there"
        )
    rows = Environment.objects.select_for_update(of=("self",))
    if (locked := rows.filter(pk=environment.pk).first()) is None:
        return
    if locked.runs.exists():
        raise Refused(f"Runs have used {locked}, so it stays.", code="in_use")
    note(locked.project, "environment.remove", locked, by=by)
    locked.delete()
