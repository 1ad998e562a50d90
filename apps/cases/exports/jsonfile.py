"""Cases as JSON that imports back equal: see the shape in apps/cases/formats/jsonfile.py."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson

from ..content import STEP_KEYS
from ..formats.jsonfile import FORMAT, VERSION
from ..models import Suite
from .choice import Told
from .writer import Writer

SUITE = ["description", "execution_order", "timeout_seconds", "parallel_safe", "prerequisites"]
FIELD = ["name", "kind", "required", "options", "default", "position"]
SAYS = [
    "title", "kind", "status", "priority", "severity", "estimate_seconds", "preconditions",
    "description", "links", "requirements", "automation_key", "custom", "owner", "tags", "aliases",
]  # fmt: skip


class JsonFile(Writer):
    def __init__(self, chosen):
        super().__init__(chosen)
        self.paths: dict[UUID, list[str]] = {}
        self.begun = False

    def head(self) -> bytes:
        suites = list(self.project.suites.select_related("owner").order_by("path", "id"))
        self.paths = paths_of(suites)
        told = {
            "format": FORMAT,
            "version": VERSION,
            "project": self.project.key,
            "suites": [self._suite(suite) for suite in self._shown(suites)],
            "shared_steps": [
                {"title": row.title, "steps": [_step(step) for step in row.steps]}
                for row in self.chosen.shared()
            ],
            "fields": list(self.project.custom_fields.values(*FIELD)),
        }
        return orjson.dumps(told)[:-1] + b',"cases":['

    def part(self, cases: list[Told]) -> bytes:
        lines = b",\n".join(orjson.dumps(self.told(case)) for case in cases)
        if not lines:
            return b""
        begun, self.begun = self.begun, True
        return (b",\n" if begun else b"\n") + lines

    def end(self) -> bytes:
        return b"\n]}\n"

    def told(self, case: Told) -> dict[str, Any]:
        return {
            "key": case.key,
            "suite": self.paths.get(case.suite, []) if case.suite else [],
            **{name: case.says[name] for name in SAYS},
            "steps": [_told_step(step) for step in case.says["steps"]],
            "archived": case.is_archived,
        }

    def _suite(self, suite: Suite) -> dict[str, Any]:
        return {
            "path": self.paths[suite.pk],
            "owner": suite.owner.email if suite.owner else "",
            **{name: getattr(suite, name) for name in SUITE},
        }

    def _shown(self, suites: list[Suite]) -> Iterator[Suite]:
        """Those that hold one of the cases, and those above them."""
        above = {suite.pk: suite.parent_id for suite in suites}
        shown: set[UUID] = set()
        for suite in self.chosen.suites:
            while suite and suite not in shown:
                shown.add(suite)
                suite = above.get(suite)
        return (suite for suite in suites if not self.chosen.narrowed or suite.pk in shown)


def paths_of(suites: list[Suite]) -> dict[UUID, list[str]]:
    """{id of a suite: names from the top}: a name may hold the sign between names of a path."""
    by_id = {suite.pk: suite for suite in suites}
    paths: dict[UUID, list[str]] = {}
    for suite in suites:
        names, at = [], suite
        while at:
            names.append(at.name)
            at = by_id.get(at.parent_id) if at.parent_id else None
        paths[suite.pk] = names[::-1]
    return paths


def _told_step(step: dict[str, str]) -> dict[str, str]:
    return {"shared": step["title"]} if "shared" in step else _step(step)


def _step(step: dict[str, str]) -> dict[str, str]:
    return {key: step.get(key, "") for key in STEP_KEYS}
