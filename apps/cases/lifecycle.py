"""The verbs on cases and suites.

Locks are taken in this order: the project's row (by what makes a number or changes the tree), the
suite that a case goes into, the case.
"""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.artifacts.lifecycle import delete_unlinked
from apps.projects import trail
from apps.projects.lifecycle import take_numbers
from apps.projects.locks import lock_project
from apps.projects.refusals import Refused, TransitionRefused

from .content import STEP_KEYS, content_of, differences, summary
from .locks import hold_suite, wait_for_matches
from .models import Case, CaseAlias, CaseStep, CaseTag, CaseVersion, Suite, Tag
from .tree import Wanted, branch_of, ids_above, write_paths

SUITE_FIELDS = {"name", "parent", "description", "position"}
CASE_FIELDS = {
    "title", "suite", "kind", "status", "priority", "preconditions", "description",
    "automation_key",
}  # fmt: skip


class EditedMeanwhile(Refused):
    """Somebody saved the case since the version that this change began from."""


@transaction.atomic
def create_case(
    project, *, by, title, id=None, suite=None, steps=(), tags=(), aliases=(), **fields
) -> Case:
    """A case with the project's next number, and its first version.

    `steps` are {"action", "expected", "data"}, `tags` and `aliases` (former automation keys) texts;
    `fields`: kind, status, priority, preconditions, description, automation_key.
    """
    number = take_numbers(project, "case")
    case = Case(
        project=project,
        number=number,
        suite=hold_suite(project, suite),
        title=title,
        created_by=by,
        **_known(fields, CASE_FIELDS),
        **({"id": id} if id else {}),
    )
    _insert(case)
    _write_steps(case, steps)
    _write_tags(case, tags)
    _write_aliases(case, aliases)
    _add_version(_with_content(case), by=by)
    trail.note(project, "case.create", case, by=by, after={"title": title, "kind": case.kind})
    return case


@transaction.atomic
def change_case(case, *, by, version=None, **changes) -> Case:
    """Change what a case says, and keep a version of it; nothing changed, no version.

    `changes` are the fields of create_case. A former automation key stays as an alias, so that its
    results still find the case. `version` is the one that the change began from: raises
    EditedMeanwhile when it is not the latest. Raises TransitionRefused for an archived case.
    """
    if "suite" in changes:
        changes["suite"] = hold_suite(case.project, changes["suite"])
    case = _lock(case)
    _require_active(case)
    _require_latest(case, version)
    before = content_of(case)
    _apply(case, **changes)
    case = _with_content(case)
    if content_of(case) == before:
        return case
    case.version += 1
    case.updated_at = timezone.now()
    case.save(update_fields=["version", "updated_at"])
    _add_version(case, by=by)
    _note_change(case, before, by=by)
    return case


@transaction.atomic
def archive_case(case, *, by) -> Case:
    """Take a case out of use; its results and versions stay."""
    case = _lock(case)
    _require_active(case)
    trail.note(case.project, "case.archive", case, by=by)
    return _set_archived(case, timezone.now())


@transaction.atomic
def restore_case(case, *, by) -> Case:
    """Bring an archived case back."""
    case = _lock(case)
    if not case.is_archived:
        raise TransitionRefused(f"{case.key} is not archived.", code="wrong_state")
    trail.note(case.project, "case.restore", case, by=by)
    return _set_archived(case, None)


@transaction.atomic
def delete_case(case, *, by) -> None:
    """Remove a case that never ran. Raises Refused for one with results: those are evidence.

    Its files go with it unless something else holds them too.
    """
    # Before the case's row, which whoever is waited for may need.
    wait_for_matches(case.project)
    case = _lock(case, no_key=False)
    if case.executions.exists():
        raise Refused(
            f"{case.key} has results, so it cannot be deleted; archive it instead.",
            code="has_results",
        )
    project, files = case.project, set(case.files.values_list("artifact_id", flat=True))
    trail.note(project, "case.delete", case, by=by)
    case.delete()
    delete_unlinked(project, files, by=by)


@transaction.atomic
def create_suite(project, *, by, name, id=None, parent=None, **fields) -> Suite:
    """A suite below another, or at the top. `fields`: description, position."""
    lock_project(project)
    suite = Suite(
        project=project,
        name=name,
        parent=hold_suite(project, parent, field="parent"),
        **_known(fields, SUITE_FIELDS),
        **({"id": id} if id else {}),
    )
    _require_free_name(suite)
    _insert(suite)
    write_paths(suite)
    suite.refresh_from_db(fields=["path"])
    trail.note(project, "suite.create", suite, by=by)
    return suite


@transaction.atomic
def change_suite(suite, *, by, **changes) -> Suite:
    """Rename, move or describe a suite; the paths of everything below follow.

    `changes`: name, parent, description, position. Raises Refused where the suite would come to lie
    within itself, or beside one of the same name.
    """
    lock_project(suite.project)
    suite = hold_suite(suite.project, suite)
    if "parent" in changes:
        changes["parent"] = hold_suite(suite.project, changes["parent"], field="parent")
    before, after = trail.changes(suite, _known(changes, SUITE_FIELDS))
    for name, value in changes.items():
        setattr(suite, name, value)
    if suite.parent_id and suite.pk in ids_above(suite.parent):
        raise Refused("A suite cannot lie within itself.", field="parent", code="cycle")
    _require_free_name(suite)
    suite.save(update_fields=list(changes))
    write_paths(suite)
    suite.refresh_from_db(fields=["path"])
    trail.note(suite.project, "suite.change", suite, by=by, before=before, after=after)
    return suite


@transaction.atomic
def delete_suite(suite, *, by) -> None:
    """Remove a suite with those below it. Raises Refused while they hold a case or have a run."""
    project = suite.project
    lock_project(project)
    branch = project.suites.filter(pk__in=branch_of(suite))
    branch = list(branch.select_for_update(of=("self",)).order_by("pk"))
    cases = project.cases.filter(suite__in=branch)
    if count := cases.count():
        raise Refused(
            f"{suite} holds {count:,} cases, archived ones included; move or delete them first.",
            code="not_empty",
        )
    if Suite.objects.filter(pk__in=[row.pk for row in branch], runs__isnull=False).exists():
        raise Refused(f"{suite} has runs, so it cannot be deleted.", code="has_runs")
    trail.note(project, "suite.delete", suite, by=by, before={"suites": len(branch)})
    project.suites.filter(pk__in=[row.pk for row in branch]).delete()


@transaction.atomic
def find_or_create_suites(project, paths: Iterable[tuple[str, ...]]) -> dict:
    """{path: suite id} of paths of names from the top; those that are missing are made.

    One statement where all are known, four otherwise, whatever the number. Empty names within a
    path are passed over; a path without any name is not in the answer.
    """
    wanted = Wanted(paths)
    if not wanted.given:
        return {}
    found = wanted.find(project)
    if found is None:
        lock_project(project)
        wanted.grow(project)
        found = wanted.find(project)
    if found is None:
        raise IntegrityError("A suite went while it was looked for.")
    return found


def _known(fields, names):
    if unknown := set(fields) - names:
        raise TypeError(f"unknown fields: {', '.join(sorted(unknown))}")
    return fields


def _lock(case, *, no_key=True):
    """The case as it is now, read after the lock: what is joined to a locked row may be old."""
    locked = Case.objects.select_for_update(no_key=no_key, of=("self",)).filter(pk=case.pk)
    if locked.first() is None:
        raise Refused(f"{case.key} has been deleted meanwhile.", code="gone")
    return _with_content(case)


def _with_content(case):
    return Case.objects.with_content().get(pk=case.pk)


def _insert(row):
    """Keys may come from a client; one that is taken anywhere is refused and says nothing more."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("This id is taken already.", field="id", code="unique") from None


def _require_active(case):
    if case.is_archived:
        raise TransitionRefused(f"{case.key} is archived; restore it first.", code="archived")


def _require_latest(case, version):
    if version is None or version == case.version:
        return
    opened = case.versions.filter(number=version).first()
    latest = case.versions.select_related("created_by").filter(number=case.version).first()
    changed = differences(opened.content, content_of(case)) if opened else []
    who = (latest and latest.created_by) or "Somebody"
    raise EditedMeanwhile(
        f"{who} saved version {case.version} meanwhile"
        + (f": {summary(changed)}." if changed else ".")
        + " Nothing of yours is saved yet.",
        field="version",
        code="edited_meanwhile",
        version=case.version,
        changed=[change.name for change in changed],
    )


def _require_free_name(suite):
    siblings = suite.project.suites.filter(parent=suite.parent, name=suite.name)
    if suite.pk is not None and not suite._state.adding:
        siblings = siblings.exclude(pk=suite.pk)
    if siblings.exists():
        raise Refused("There is a suite of this name here already.", field="name", code="unique")


def _apply(case, *, steps=None, tags=None, aliases=None, **fields):
    former = case.automation_key
    for name, value in _known(fields, CASE_FIELDS).items():
        setattr(case, name, value)
    case.save(update_fields=list(fields))
    if steps is not None:
        _write_steps(case, steps)
    if tags is not None:
        _write_tags(case, tags)
    keys = set(case.former_keys if aliases is None else aliases)
    if former != case.automation_key:
        keys |= {former}
    _write_aliases(case, keys)


def _write_steps(case, steps):
    """Steps keep their rows by place, so that one changed text is one changed row."""
    kept = {step.position: step for step in case.steps.all()}
    added = []
    for position, said in enumerate(steps, 1):
        said = {key: said.get(key, "") for key in STEP_KEYS}
        step = kept.pop(position, None)
        if step is None:
            added.append(CaseStep(project=case.project, case=case, position=position, **said))
        elif any(getattr(step, key) != text for key, text in said.items()):
            CaseStep.objects.filter(pk=step.pk).update(**said)
    CaseStep.objects.bulk_create(added)
    case.steps.filter(pk__in=[step.pk for step in kept.values()]).delete()


def _write_tags(case, names):
    names = sorted({" ".join(name.split()) for name in names} - {""})
    if names == case.tags:
        return
    Tag.objects.bulk_create(
        (Tag(project=case.project, name=name) for name in names), ignore_conflicts=True
    )
    case.case_tags.exclude(tag__name__in=names).delete()
    CaseTag.objects.bulk_create(
        (
            CaseTag(project=case.project, case=case, tag=tag)
            for tag in case.project.tags.filter(name__in=names)
        ),
        ignore_conflicts=True,
    )


def _write_aliases(case, keys):
    keys = {key.strip() for key in keys} - {"", case.automation_key}
    if keys == set(case.former_keys):
        return
    case.aliases.exclude(automation_key__in=keys).delete()
    CaseAlias.objects.bulk_create(
        (CaseAlias(project=case.project, case=case, automation_key=key) for key in sorted(keys)),
        ignore_conflicts=True,
    )


def _add_version(case, *, by):
    return CaseVersion.objects.create(
        project=case.project,
        case=case,
        number=case.version,
        content=content_of(case),
        created_by=by,
    )


def _note_change(case, before, *, by):
    after = content_of(case)
    names = [name for name in after if before.get(name) != after[name]]
    trail.note(
        case.project,
        "case.change",
        case,
        by=by,
        before={name: before.get(name) for name in names},
        after={name: after[name] for name in names} | {"version": case.version},
    )


def _set_archived(case, moment):
    case.archived_at, case.updated_at = moment, timezone.now()
    case.save(update_fields=["archived_at", "updated_at"])
    return case
