"""Steps written once and used by many cases, each of which gets a version when they change."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.projects import trail
from apps.projects.refusals import Refused

from ..content import MOST_STEPS, STEP_KEYS
from ..models import SharedSteps
from ..using import (
    add_versions,
    cases_using,
    hold_cases_using,
    too_long,
    unfold,
)
from .cases import change_case
from .writing import EditedMeanwhile


@transaction.atomic
def create_shared_steps(project, *, by, title, steps) -> SharedSteps:
    """Steps that cases may use by {"shared": id}; `steps` are {"action", "expected", "data"}.

    Raises Refused for a title that the project has already.
    """
    shared = SharedSteps(
        project=project, title=" ".join(title.split()), steps=_plain(steps), created_by=by
    )
    _save(shared, force_insert=True)
    after = {"title": shared.title, "steps": len(shared.steps)}
    trail.note(project, "shared_steps.create", shared, by=by, after=after)
    return shared


@transaction.atomic
def change_shared_steps(shared, *, by, version=None, title=None, steps=None) -> SharedSteps:
    """Change what they say: each case that uses them, archived or not, gets a version that tells.

    Nothing changed, no version. `version` is the one that the change began from: raises
    EditedMeanwhile when it is not the latest.
    """
    shared = _lock(shared)
    _require_latest(shared, version)
    said = {"title": shared.title, "steps": shared.steps}
    if title is not None:
        said["title"] = " ".join(title.split())
    if steps is not None:
        said["steps"] = _plain(steps)
    before, after = trail.changes(shared, said)
    if not after:
        return shared
    shared.title, shared.steps = said["title"], said["steps"]
    shared.version += 1
    shared.updated_at = timezone.now()
    _save(shared, update_fields=["title", "steps", "version", "updated_at"])
    cases = hold_cases_using(shared)
    add_versions(shared.project, cases, by=by, note=f"Shared steps “{shared.title}” changed")
    after |= {"version": shared.version, "cases": len(cases)}
    trail.note(shared.project, "shared_steps.change", shared, by=by, before=before, after=after)
    return shared


@transaction.atomic
def inline_shared_steps(shared, *, by) -> int:
    """Turn each use into steps of the case's own; the number of cases that had one.

    Raises Refused where a case would have more steps than a case may.
    """
    shared = _lock(shared)
    cases = hold_cases_using(shared)
    if not cases:
        return 0
    if number := too_long(shared, cases):
        raise Refused(
            f"{shared.project.key}-{number} would have more than {MOST_STEPS} steps; "
            "shorten it first.",
            code="too_many_steps",
        )
    unfold(shared, cases)
    note = f"Shared steps “{shared.title}” made steps of its own"
    add_versions(shared.project, cases, by=by, note=note)
    after = {"cases": len(cases)}
    trail.note(shared.project, "shared_steps.inline", shared, by=by, after=after)
    return len(cases)


@transaction.atomic
def delete_shared_steps(shared, *, by) -> None:
    """Remove shared steps that no case uses. Raises Refused while one does."""
    shared = _lock(shared, no_key=False)
    if count := cases_using(shared).count():
        raise Refused(
            f"{count:,} case{'s use' if count > 1 else ' uses'} “{shared.title}”; "
            "turn the uses into plain steps first.",
            code="used",
        )
    trail.note(shared.project, "shared_steps.delete", shared, by=by)
    shared.delete()


@transaction.atomic
def share_steps(case, places, *, by, title, version=None) -> SharedSteps:
    """Make shared steps of some that a case has, at these places from 1 on; the case uses them.

    Raises Refused where the places are not one after the other, or hold shared steps already.
    """
    places = sorted(set(places))
    steps = list(case.steps.order_by("position"))
    chosen = [steps[place - 1] for place in places if 0 < place <= len(steps)]
    if not places or len(chosen) < len(places) or places[-1] - places[0] >= len(places):
        raise Refused(
            "Choose steps of the case that stand one after the other.", field="steps", code="gap"
        )
    if any(step.shared_id for step in chosen):
        raise Refused(
            "Some of these are shared already; choose the case's own.", field="steps", code="shared"
        )
    shared = create_shared_steps(case.project, by=by, title=title, steps=map(_said, chosen))
    kept = [_said(step) for step in steps]
    kept[places[0] - 1 : places[-1]] = [{"shared": shared.pk}]
    change_case(
        case,
        by=by,
        version=case.version if version is None else version,
        note=f"Made shared steps “{shared.title}” of some",
        steps=kept,
    )
    return shared


def _said(step):
    if step.shared_id:
        return {"shared": step.shared_id}
    return {key: getattr(step, key) for key in STEP_KEYS}


def _plain(steps):
    """As they are kept; what says nothing is left out."""
    said = [{key: step.get(key) or "" for key in STEP_KEYS} for step in steps]
    said = [step for step in said if any(step.values())]
    if not said:
        raise Refused("Write at least one step.", field="steps", code="required")
    if len(said) > MOST_STEPS:
        raise Refused(
            f"Shared steps are at most {MOST_STEPS}, not {len(said):,}.",
            field="steps",
            code="max_length",
        )
    return said


def _lock(shared, *, no_key=True):
    rows = SharedSteps.objects.select_for_update(no_key=no_key, of=("self",))
    locked = rows.filter(pk=shared.pk).first()
    if locked is None:
        raise Refused("These shared steps have been deleted meanwhile.", code="gone")
    return locked


def _require_latest(shared, version):
    if version is None or version == shared.version:
        return
    raise EditedMeanwhile(
        f"Somebody saved version {shared.version} of these shared steps meanwhile. "
        "Nothing of yours is saved yet.",
        field="version",
        code="edited_meanwhile",
        version=shared.version,
    )


def _save(shared, **options):
    try:
        with transaction.atomic():
            shared.save(**options)
    except IntegrityError:
        raise Refused(
            "The project has shared steps of this title already.", field="title", code="unique"
        ) from None
