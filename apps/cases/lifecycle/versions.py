from typing import NamedTuple

from django.db import transaction

from apps.projects.refusals import Refused

from ..content import content_of
from ..custom_fields import share_fields
from ..locks import hold_suite, require_in_use
from ..models import Case
from ..pictures import hang_named
from ..restoring import Fitting
from .writing import hold_shared_steps, lock_case, note_change, require_active, write_change


class Restored(NamedTuple):
    """The case, and a sentence for each value of the old version that no longer fits."""

    case: Case
    left_out: list[str]


@transaction.atomic
def restore_version(case, number, *, by) -> Restored:
    """Let a case say again what it said in a version, as a new one.

    What no longer fits stays as it is, and shared steps that are gone become the case's own. Later
    automation keys stay as former ones. Raises Refused where that changes nothing.
    """
    version = case.versions.filter(number=number).first()
    if version is None:
        raise Refused(f"{case.key} has no version {number}.", code="gone")
    fitting = Fitting(case, version.content)
    require_in_use(hold_suite(case.project, fitting.suite))
    share_fields(case.project)
    hold_shared_steps(case.project, fitting.steps)
    case = lock_case(case)
    require_active(case)
    before = content_of(case)
    said = fitting.values(case)
    case = write_change(case, before, by=by, note=f"Restored from version {number}", **said)
    if content_of(case) == before:
        raise Refused(f"{case.key} says what it said in version {number}.", code="same")
    hang_named(case, case.description, case.preconditions, case.steps_text, by=by)
    note_change(case, before, by=by, verb="case.restore_version", restored=number)
    return Restored(case, fitting.left_out)
