from django.db import transaction
from django.utils import timezone

from apps.artifacts.lifecycle import delete_unlinked
from apps.projects import trail
from apps.projects.lifecycle import take_numbers
from apps.projects.refusals import Refused, TransitionRefused

from ..content import content_of
from ..locks import hold_suite, require_in_use, wait_for_matches
from ..models import Case
from ..pictures import hang_named
from .checking import checked, share_what_is_named
from .writing import (
    CASE_FIELDS,
    add_version,
    hold_shared_steps,
    insert,
    keep_review,
    known,
    lock_case,
    note_change,
    require_active,
    require_latest,
    require_review,
    reread,
    set_archived,
    write_aliases,
    write_change,
    write_steps,
    write_tags,
)


@transaction.atomic
def create_case(
    project, *, by, title, id=None, suite=None, steps=(), tags=(), aliases=(), note="", **fields
) -> Case:
    """A case with the project's next number, and its first version.

    `steps` are {"action", "expected", "data"} or {"shared": id}, `tags` and `aliases` (former
    automation keys) texts; `fields` are those of CASE_FIELDS; `note` tells whence the version came.
    Raises Unprocessable for links, values of custom fields and owners that do not fit.
    """
    number = take_numbers(project, "case")
    suite = hold_suite(project, suite)
    require_in_use(suite)
    case = Case(
        project=project,
        number=number,
        suite=suite,
        title=title,
        created_by=by,
        **checked(project, known(fields, CASE_FIELDS)),
        **({"id": id} if id else {}),
    )
    require_review(case, "", case.status)
    insert(case)
    write_steps(case, steps)
    write_tags(case, tags)
    write_aliases(case, aliases)
    hang_named(case, case.description, case.preconditions, case.steps_text, by=by)
    add_version(reread(case), by=by, note=note)
    keep_review(case, "", by=by)
    trail.note(project, "case.create", case, by=by, after={"title": title, "kind": case.kind})
    return case


@transaction.atomic
def change_case(case, *, by, version=None, note="", **changes) -> Case:
    """Change what a case says, and keep a version of it; nothing changed, no version.

    `changes` are the fields of create_case. A former automation key stays as an alias, so that its
    results still find the case. `version` is the one that the change began from: raises
    EditedMeanwhile when it is not the latest. Raises TransitionRefused for an archived case, and
    Unprocessable as create_case does; `custom` replaces all its values.
    """
    if "suite" in changes:
        changes["suite"] = hold_suite(case.project, changes["suite"])
    share_what_is_named(case.project, changes)
    hold_shared_steps(case.project, changes.get("steps") or ())
    case = lock_case(case)
    require_active(case)
    require_latest(case, version)
    if "suite" in changes and changes["suite"] != case.suite:
        require_in_use(changes["suite"])
    changes = checked(case.project, changes, case=case)
    before = content_of(case)
    case = write_change(case, before, by=by, note=note, **changes)
    if content_of(case) != before:
        hang_named(case, case.description, case.preconditions, case.steps_text, by=by)
        note_change(case, before, by=by)
    return case


@transaction.atomic
def archive_case(case, *, by) -> Case:
    """Take a case out of use; its results and versions stay."""
    case = lock_case(case)
    require_active(case)
    trail.note(case.project, "case.archive", case, by=by)
    return set_archived(case, timezone.now())


@transaction.atomic
def restore_case(case, *, by) -> Case:
    """Bring an archived case back. Raises TransitionRefused while its suite is archived."""
    suite = hold_suite(case.project, case.suite)
    case = lock_case(case)
    if not case.is_archived:
        raise TransitionRefused(f"{case.key} is not archived.", code="wrong_state")
    require_in_use(suite)
    trail.note(case.project, "case.restore", case, by=by)
    return set_archived(case, None)


@transaction.atomic
def delete_case(case, *, by) -> None:
    """Remove a case that never ran. Raises Refused for one with results: those are evidence.

    Its files go with it unless something else holds them too.
    """
    # Before the case's row, which whoever is waited for may need.
    wait_for_matches(case.project)
    case = lock_case(case, no_key=False)
    if case.executions.exists():
        raise Refused(
            f"{case.key} has results, so it cannot be deleted; archive it instead.",
            code="has_results",
        )
    project, files = case.project, set(case.files.values_list("artifact_id", flat=True))
    trail.note(project, "case.delete", case, by=by)
    case.delete()
    delete_unlinked(project, files, by=by)
