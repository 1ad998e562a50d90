from django.db import transaction
from django.utils import timezone

from apps.projects import trail
from apps.projects.refusals import Refused, TransitionRefused, Unprocessable

from ..bulk import work
from ..bulk.copies import hold_place, target_of
from ..bulk.wanted import Wanted, require_sense
from ..models import BulkChange
from ..tasks import change_many

State = BulkChange.State


@transaction.atomic
def change_cases(project, cases, wanted: Wanted, *, by) -> BulkChange:
    """Change these cases, a queryset of the project's, all in the same way.

    Up to QUICK at once; of more a job does, and the change says `queued`. Cases that are so already
    make no version; archived ones and those that a rule leaves out are passed over and counted. The
    caller has asked both doors where the cases are copied to another project.

    Raises Unprocessable for no cases, for a change without sense and for values that do not fit,
    Refused where the suite is gone, the owner no member, or a review is needed.
    """
    require_sense(wanted)
    work.require_review_rule(project, wanted)
    _require_fit(project, wanted)
    change = BulkChange.objects.create(
        project=project, verb=wanted.verb, arguments=wanted.as_json(), created_by=by
    )
    change.total = work.select(change, cases)
    if not change.total:
        raise Unprocessable("No case is chosen, so nothing changes.", field="cases", code="empty")
    _note(change, wanted, by=by)
    return _begin(change)


@transaction.atomic
def undo_change(change, *, by) -> BulkChange:
    """Put back what each case said before, and keep a version of it.

    Cases that were changed since are left and named. Raises TransitionRefused while the change is
    under way, when it was undone already, and ten minutes after its end.
    """
    change = work.lock_change(change.pk)
    if change is None:
        raise Refused("The change is gone.", code="gone")
    _require_undoable(change)
    change.state, change.undone_at, change.undone_by = State.RUNNING, timezone.now(), by
    change.done = 0
    change.save(update_fields=["state", "undone_at", "undone_by", "done"])
    after = {"cases": change.changed}
    trail.note(change.project, "case.undo_many", change, by=by, after=after)
    return _begin(change)


@transaction.atomic
def stop_change(change, *, by) -> BulkChange:
    """End a change that is under way. What it has done stays, and can be undone as ever.

    Raises TransitionRefused for one that has ended or is being undone, and for copies of a suite.
    """
    change = work.lock_change(change.pk)
    if change is None:
        raise Refused("The change is gone.", code="gone")
    if not change.is_under_way:
        raise TransitionRefused("The change has ended already.", code="ended")
    if change.is_being_undone:
        raise TransitionRefused("What is put back is put back to the end.", code="undone")
    if change.is_of_suite:
        raise TransitionRefused("A suite is copied to the end; delete the copy then.", code="suite")
    work.stop(change, f"{by} stopped it after {change.done:,} of {change.total:,} cases.")
    after = {"cases": change.total, "done": change.done}
    trail.note(change.project, "case.stop_many", change, by=by, after=after)
    return change


def _require_fit(project, wanted):
    """Whatever the number of cases; each batch of a job asks again."""
    if wanted.copy_to is not None:
        hold_place(wanted)
    elif wanted.archive is None:
        work.rules_of(project, wanted)


def _begin(change):
    if change.to_look_at <= work.QUICK:
        work.do_all(change)
    else:
        change_many.defer(change_id=str(change.pk))
    return change


def _note(change, wanted, *, by):
    """The project that takes copies is told too."""
    told = {name: value for name, value in wanted.as_json().items() if value or value is False}
    for name in ("said", "copy_to", *([] if wanted.moves else ["moves"])):
        told.pop(name, None)
    after = told | {"cases": change.total}
    trail.note(change.project, "case.change_many", change, by=by, after=after)
    if wanted.copy_to not in (None, change.project_id):
        after = {"cases": change.total, "from": change.project.key}
        label = f"{change.total:,} cases of {change.project.key}"
        trail.note(target_of(wanted), "case.receive_many", by=by, label=label, after=after)


def _require_undoable(change):
    if change.is_under_way:
        raise TransitionRefused(
            "The change is still under way; undo it when it has ended.", code="under_way"
        )
    if change.undone_at:
        raise TransitionRefused("The change is undone already.", code="undone")
    if not change.changed:
        raise TransitionRefused("Nothing was changed, so there is nothing to undo.", code="nothing")
    if change.is_of_suite:
        raise TransitionRefused("A copied suite is deleted as a suite.", code="suite")
    if not change.can_be_undone:
        raise TransitionRefused(
            "A change is undone within ten minutes; now restore former versions one by one, or "
            "change the cases again.",
            code="too_late",
        )
