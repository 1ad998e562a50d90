"""What the verbs on cases share: the row held, what it says written, the version and the trail."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.projects import trail
from apps.projects.refusals import Refused, TransitionRefused

from ..content import STEP_KEYS, content_of, differences, summary, text_of_steps
from ..models import Case, CaseAlias, CaseStep, CaseTag, CaseVersion, Review, Tag
from ..tags import tidy

CASE_FIELDS = {
    "title", "suite", "kind", "status", "priority", "severity", "owner", "estimate_seconds",
    "preconditions", "description", "links", "requirements", "custom", "automation_key",
}  # fmt: skip


class EditedMeanwhile(Refused):
    """Somebody saved the case since the version that this change began from."""


def known(fields, names):
    if unknown := set(fields) - names:
        raise TypeError(f"unknown fields: {', '.join(sorted(unknown))}")
    return fields


def lock_case(case, *, no_key=True):
    """The case as it is now, read after the lock: what is joined to a locked row may be old."""
    locked = Case.objects.select_for_update(no_key=no_key, of=("self",)).filter(pk=case.pk)
    if locked.first() is None:
        raise Refused(f"{case.key} has been deleted meanwhile.", code="gone")
    return reread(case)


def reread(case):
    return Case.objects.with_content().get(pk=case.pk)


def insert(row):
    """Keys may come from a client; one that is taken anywhere is refused and says nothing more."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("This id is taken already.", field="id", code="unique") from None


def require_active(case):
    if case.is_archived:
        raise TransitionRefused(f"{case.key} is archived; restore it first.", code="archived")


def require_latest(case, version):
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


def require_review(case, before, after):
    """Raises Refused where a case would become ready past the review that its project asks for."""
    becomes_ready = after == Case.Status.READY and before != Case.Status.READY
    if becomes_ready and case.project.review_required:
        raise Refused(
            f"In {case.project.key} a case becomes ready by a review: send it to review, and "
            "somebody else approves it.",
            field="status",
            code="review_required",
        )


def send_back(case, before):
    """A ready case that says something else now goes to review again, if its project says so."""
    stays_ready = before["status"] == case.status == Case.Status.READY
    if stays_ready and case.project.review_again:
        case.status = Case.Status.IN_REVIEW
        case.save(update_fields=["status"])


def keep_review(case, former_status, *, by):
    """A case in review has one that is open, and no other case has."""
    if case.status == former_status:
        return
    if case.status == Case.Status.IN_REVIEW:
        Review.objects.get_or_create(
            case=case,
            state=Review.State.OPEN,
            defaults={"project": case.project, "version": case.version, "asked_by": by},
        )
    elif former_status == Case.Status.IN_REVIEW:
        case.reviews.filter(state=Review.State.OPEN).update(
            state=Review.State.WITHDRAWN, decided_by=by, decided_at=timezone.now()
        )


def apply(case, *, steps=None, tags=None, aliases=None, **fields):
    require_review(case, case.status, fields.get("status"))
    former = case.automation_key
    for name, value in known(fields, CASE_FIELDS).items():
        setattr(case, name, value)
    case.save(update_fields=list(fields))
    if steps is not None:
        write_steps(case, steps)
    if tags is not None:
        write_tags(case, tags)
    keys = set(case.former_keys if aliases is None else aliases)
    if former != case.automation_key:
        keys |= {former}
    write_aliases(case, keys)


def write_steps(case, steps):
    """Steps keep their rows by place, so that one changed text is one changed row.

    A step is {"action", "expected", "data"}, or {"shared": id} for shared steps of the project.
    """
    steps = list(steps)
    shared = hold_shared_steps(case.project, steps)
    kept = {step.position: step for step in case.steps.all()}
    added = []
    for position, said in enumerate(steps, 1):
        values = {key: said.get(key, "") for key in STEP_KEYS}
        if said.get("shared"):
            values = dict.fromkeys(STEP_KEYS, "") | {"shared": shared[str(said["shared"])]}
        else:
            values["shared"] = None
        step = kept.pop(position, None)
        if step is None:
            added.append(CaseStep(project=case.project, case=case, position=position, **values))
        elif any(getattr(step, key) != value for key, value in values.items()):
            CaseStep.objects.filter(pk=step.pk).update(**values)
    CaseStep.objects.bulk_create(added)
    case.steps.filter(pk__in=[step.pk for step in kept.values()]).delete()
    case.steps_text = text_of_steps(steps, shared)
    case.save(update_fields=["steps_text"])


def hold_shared_steps(project, steps):
    """{id as text: SharedSteps} of those that the steps name, which nobody changes meanwhile."""
    wanted = {str(step["shared"]) for step in steps if step.get("shared")}
    if not wanted:
        return {}
    rows = project.shared_steps.select_for_update(no_key=True, of=("self",)).order_by("pk")
    found = {str(row.pk): row for row in rows.filter(pk__in=wanted)}
    if wanted - set(found):
        raise Refused("The shared steps are gone; choose others.", field="steps", code="gone")
    return found


def write_tags(case, names):
    names = sorted({tidy(name) for name in names} - {""})
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


def write_aliases(case, keys):
    keys = {key.strip() for key in keys} - {"", case.automation_key}
    if keys == set(case.former_keys):
        return
    case.aliases.exclude(automation_key__in=keys).delete()
    CaseAlias.objects.bulk_create(
        (CaseAlias(project=case.project, case=case, automation_key=key) for key in sorted(keys)),
        ignore_conflicts=True,
    )


def write_change(case, before, *, by, note="", **changes):
    """Write these fields of a case that is locked, and the version; answers the case as it is then.

    Nothing changed, no version. `before` is what it said.
    """
    apply(case, **changes)
    case = reread(case)
    if content_of(case) == before:
        return case
    send_back(case, before)
    return save_version(case, before, by=by, note=note)


def save_version(case, before, *, by, note=""):
    """The next version, of what the case says by now, and the review that its status asks for."""
    case.version += 1
    case.updated_at = timezone.now()
    case.save(update_fields=["version", "updated_at"])
    add_version(case, by=by, note=note)
    keep_review(case, before["status"], by=by)
    return case


def add_version(case, *, by, note=""):
    return CaseVersion.objects.create(
        project=case.project,
        case=case,
        number=case.version,
        content=content_of(case),
        note=note,
        created_by=by,
    )


def note_change(case, before, *, by, verb="case.change", **also):
    after = content_of(case)
    names = [name for name in after if before.get(name) != after[name]]
    trail.note(
        case.project,
        verb,
        case,
        by=by,
        before={name: before.get(name) for name in names},
        after={name: after[name] for name in names} | {"version": case.version} | also,
    )


def set_archived(case, moment):
    case.archived_at, case.updated_at = moment, timezone.now()
    case.save(update_fields=["archived_at", "updated_at"])
    return case
