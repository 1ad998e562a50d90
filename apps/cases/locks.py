"""Cases and suites that a verb holds until its transaction ends: the suite first, then the case."""

from typing import overload

from django.db import connection

from apps.projects.refusals import Refused, TransitionRefused

from .models import Case, Suite


@overload
def hold_suite(project, suite: Suite, *, field: str = "suite") -> Suite: ...


@overload
def hold_suite(project, suite: None, *, field: str = "suite") -> None: ...


def hold_suite(project, suite, *, field="suite"):
    """The suite as it is now, which nobody can delete or rename meanwhile; None stays None.

    Raises Refused, naming the field that it was chosen in, when it is gone.
    """
    if suite is None:
        return None
    rows = project.suites.select_for_update(no_key=True, of=("self",))
    held = rows.filter(pk=suite.pk).first()
    if held is None:
        raise Refused("The suite is gone; choose another.", field=field, code="gone")
    return held


def require_in_use(suite, *, field="suite") -> None:
    """Raises TransitionRefused for an archived suite; None, outside every suite, will do."""
    if suite is not None and suite.is_archived:
        raise TransitionRefused(
            f"The suite {suite} is archived; restore it first.", field=field, code="archived"
        )


def hold_cases(project, cases) -> list[Case]:
    """These cases as they are now and in their order, none of which can be deleted meanwhile.

    Raises Refused when one is gone.
    """
    known = {case.pk: case for case in cases}
    rows = project.cases.select_for_update(no_key=True, of=("self",)).order_by("pk")
    held = {case.pk: case for case in rows.filter(pk__in=known)} if known else {}
    if gone := [case.key for pk, case in known.items() if pk not in held]:
        raise Refused(
            f"{', '.join(gone[:5])} has been deleted meanwhile; choose again.",
            field="cases",
            code="gone",
        )
    return [held[pk] for pk in known]


def share_cases(project) -> None:
    """Keep each case of the project from being deleted; others who share them go on.

    For who finds many cases: a lock of the project's name, since one on each row would cost more
    than all else, and rows that others lock are waited for at the commit.
    """
    _take("pg_advisory_xact_lock_shared", project)


def wait_for_matches(project) -> None:
    """Wait for all who share the cases, and keep others from it."""
    _take("pg_advisory_xact_lock", project)


def _take(lock, project):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtextextended(%s, 0))", [f"cases of {project.pk}"])
