"""What our own export holds besides cases: shared steps and the settings of suites."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from django.db import transaction

from apps.projects.locks import lock_project
from apps.projects.refusals import Refused

from ..content import MOST_STEPS, STEP_KEYS
from ..doors import require_still_editor
from ..lifecycle.shared_steps import create_shared_steps
from ..lifecycle.suites import find_or_create_suites
from ..models import CaseImport, SharedSteps, Suite
from .drafts import Plan
from .values import path

SETTINGS = ["description", "execution_order", "timeout_seconds", "parallel_safe", "prerequisites"]
LONGEST_TITLE = SharedSteps._meta.get_field("title").max_length
BOUNDS = {"execution_order": (0, 2_147_483_647), "timeout_seconds": (10, 300)}


@transaction.atomic
def make_missing(arrival: CaseImport, plan: Plan, extras: dict[str, list]) -> list[str]:
    """Make shared steps and suites that the project lacks; those that are there stay as they are.

    Returns warnings. Done twice it changes nothing.
    """
    project = lock_project(arrival.project)
    project.require_open()
    require_still_editor(arrival.created_by, project.key)
    plan.shared = _shared_of(project)
    missing, warnings = missing_shared(plan.shared, extras)
    for title, steps in missing.items():
        with suppress(Refused):  # Somebody made them meanwhile.
            create_shared_steps(project, by=arrival.created_by, title=title, steps=steps)
    plan.shared = _shared_of(project)
    _make_suites(project, plan, extras.get("suites", []))
    return warnings


def lend_shared(plan: Plan, extras: dict[str, list]) -> list[str]:
    """Let a plan know the shared steps that make_missing() would make. Returns warnings."""
    missing, warnings = missing_shared(plan.shared, extras)
    lend(plan, missing)
    return warnings


def lend(plan: Plan, missing: dict[str, list[dict]]) -> None:
    for title, steps in missing.items():
        plan.shared.setdefault(title, SharedSteps(id=uuid4(), title=title, steps=steps))


def _shared_of(project):
    return {row.title: row for row in project.shared_steps.all()}


def missing_shared(
    there: dict[str, SharedSteps], extras: dict[str, list]
) -> tuple[dict[str, list[dict]], list[str]]:
    """{title: steps} of those that are not there and may be, and warnings about the others."""
    missing: dict[str, list[dict]] = {}
    warnings = []
    for one in extras.get("shared_steps", ()):
        title, steps = _told(one)
        known, problem = there.get(title), _problem(title, steps)
        if known is not None and known.steps != steps:
            warnings.append(f"The shared steps “{title[:80]}” are there already and stay as here.")
        elif known is None and problem:
            warnings.append(f"The shared steps “{title[:80]}” of the file are not made: {problem}")
        elif known is None:
            missing.setdefault(title, steps)
    return missing, warnings


def _told(one):
    """Title and steps as they are kept; what says nothing is left out."""
    told = one.get("steps") or []
    steps = [_step(step) for step in ([told] if isinstance(told, str) else told)]
    title = " ".join(str(one.get("title") or "").split())
    return title, [step for step in steps if any(step.values())]


def _step(step) -> dict[str, str]:
    said = {"action": step} if isinstance(step, str) else step
    return {key: str(said.get(key) or "") for key in STEP_KEYS}


def _problem(title, steps):
    if not title:
        return "they have no title."
    if len(title) > LONGEST_TITLE:
        return f"a title has at most {LONGEST_TITLE} letters."
    if not steps:
        return "they have no step."
    return f"they have more than {MOST_STEPS} steps." if len(steps) > MOST_STEPS else ""


def _make_suites(project, plan, told):
    wanted = {}
    for one in told:
        if names := path(one.get("path") or "", ""):
            wanted[(*plan.base, *names)] = one
    before = set(project.suites.values_list("pk", flat=True))
    ids = find_or_create_suites(project, wanted)
    made = {ids[names]: one for names, one in wanted.items() if ids[names] not in before}
    suites = list(project.suites.filter(pk__in=made))
    for suite in suites:
        for name, value in _settings(made[suite.pk]).items():
            setattr(suite, name, value)
        suite.owner = plan.people.get(str(made[suite.pk].get("owner") or "").lower())
    Suite.objects.bulk_update(suites, [*SETTINGS, "owner"], batch_size=500)


def _settings(told: dict[str, Any]) -> dict[str, Any]:
    """Those that a suite can have; others stay as they are for a new one."""
    found = {}
    for name in SETTINGS:
        value = told.get(name)
        if name in BOUNDS:
            least, most = BOUNDS[name]
            if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
                found[name] = value
        elif name == "parallel_safe":
            found[name] = value is not False
        elif isinstance(value, str):
            found[name] = value
    return found
