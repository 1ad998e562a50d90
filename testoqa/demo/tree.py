"""The cases of the demo: those that people execute, and what became of the automated ones."""

from typing import Any

from apps.accounts.models import User
from apps.artifacts.lifecycle import hang_artifact, store_artifact
from apps.cases.lifecycle import (
    change_case,
    create_case,
    create_suite,
    find_or_create_suites,
)
from apps.cases.models import Case
from apps.projects.models import Project

from .content import manual_cases, path_of, read, suite_paths
from .picture import invoice_layout

PICTURES = {"invoice-layout.png": invoice_layout}
STEP = ["action", "expected", "data"]


def make_suites(project: Project, *, by: User) -> dict[tuple[str, ...], Any]:
    """{path: id} of all suites; those at the top stand in the order of a visit to the shop."""
    for position, name in enumerate(read("automated_tests")["top_suites"]):
        create_suite(project, by=by, name=name, position=position)
    return find_or_create_suites(project, suite_paths())


def make_manual_cases(project: Project, *, by: User) -> None:
    """In the order of the file, which gives them their numbers."""
    ids = make_suites(project, by=by)
    suites = project.suites.in_bulk(ids.values())
    for said in manual_cases():
        case = create_case(
            project,
            by=by,
            title=said["title"],
            suite=suites[ids[path_of(said["suite"])]],
            status=said.get("status", Case.Status.READY),
            priority=said["priority"],
            preconditions=said.get("before", ""),
            tags=said["tags"],
            steps=_steps(said["steps"]),
        )
        if "file" in said:
            name = said["file"]
            artifact = store_artifact(project, PICTURES[name](), by=by, name=name)
            hang_artifact(artifact, case, by=by)


def promote(project: Project, *, by: User) -> None:
    """What people changed when they had seen results: priorities, tags, a step that was missing."""
    wanted = {said["test"]: said for said in read("automated_tests")["promoted"]}
    for case in project.cases.filter(title__in=wanted).order_by("number"):
        said = wanted[case.title]
        changes = {"priority": said["priority"], "tags": said["tags"]}
        if "description" in said:
            changes["description"] = said["description"]
        change_case(case, by=by, **changes)
    for said in manual_cases():
        if "added" in said:
            case = project.cases.get(title=said["title"], kind=Case.Kind.MANUAL)
            change_case(case, by=by, steps=_steps([*said["steps"], said["added"]]))


def _steps(said):
    return [dict(zip(STEP, step, strict=False)) for step in said]
