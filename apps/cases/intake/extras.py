"""What our own export holds besides cases: shared steps and the settings of suites."""

from typing import Any

from django.db import transaction

from apps.projects.locks import lock_project

from ..content import STEP_KEYS
from ..doors import require_still_editor
from ..lifecycle.suites import find_or_create_suites
from ..models import CaseImport, SharedSteps, Suite
from .drafts import Plan
from .values import MOST_STEPS, path

SETTINGS = ["description", "execution_order", "timeout_seconds", "parallel_safe", "prerequisites"]
BOUNDS = {"execution_order": (0, 2_147_483_647), "timeout_seconds": (10, 300)}


@transaction.atomic
def make_missing(arrival: CaseImport, plan: Plan, extras: dict[str, list]) -> list[str]:
    """Make shared steps and suites that the project lacks; those that are there stay as they are.

    Returns warnings. Done twice it changes nothing.
    """
    project = lock_project(arrival.project)
    project.require_open()
    require_still_editor(arrival.created_by, project.key)
    warnings = _make_shared(project, plan, extras.get("shared_steps", []), arrival.created_by)
    _make_suites(project, plan, extras.get("suites", []))
    return warnings


def _make_shared(project, plan, told, by):
    warnings, missing = [], {}
    for one in told:
        title = " ".join(str(one.get("title") or "").split())
        steps = [_step(step) for step in one.get("steps") or [] if isinstance(step, dict)]
        known = plan.shared.get(title)
        if known is not None and known.steps != steps:
            warnings.append(f"The shared steps “{title[:80]}” are there already and stay as here.")
        elif known is None and 0 < len(title) <= 200 and len(steps) <= MOST_STEPS:
            missing[title] = SharedSteps(project=project, title=title, steps=steps, created_by=by)
    SharedSteps.objects.bulk_create(missing.values(), ignore_conflicts=True)
    plan.shared = {row.title: row for row in project.shared_steps.all()}
    return warnings


def _step(step) -> dict[str, str]:
    return {key: str(step.get(key) or "") for key in STEP_KEYS}


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
