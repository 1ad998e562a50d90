"""Which cases go into a file, known by their numbers; they are read in parts."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from ..content import BLANK
from ..contents import Known, contents_of
from ..models import CaseStep

STEP = 500
"""Cases in memory."""
NUMBERS = 20_000
"""Numbers that are read, or asked about, at once."""


@dataclass(frozen=True)
class Told:
    """One case of a file; `says` is its content, in which nothing is missing."""

    key: str
    suite: UUID | None
    owner: int | None
    is_archived: bool
    says: dict[str, Any]

    @classmethod
    def of(cls, project: Any, case: Known) -> "Told":
        key, says = f"{project.key}-{case.number}", BLANK | case.content
        return cls(key, case.suite, case.owner, case.is_archived, says)


@dataclass
class Chosen:
    """The cases of one export, in their order. `suites` are those that hold one of them."""

    project: Any
    numbers: array
    suites: set[UUID] = field(default_factory=set)
    narrowed: bool = False

    @classmethod
    def of(cls, project: Any, cases: QuerySet, *, by_suite: bool, narrowed: bool) -> "Chosen":
        order = [F("suite__path").asc(nulls_first=True), "suite_id"] if by_suite else []
        chosen = cls(project, array("I"), narrowed=narrowed)
        rows = cases.order_by(*order, "number").values_list("number", "suite_id")
        for number, suite in rows.iterator(NUMBERS):
            chosen.numbers.append(number)
            if suite:
                chosen.suites.add(suite)
        return chosen

    def parts(self) -> Iterator[list[Told]]:
        """So many cases at once, with all they say; one that was deleted meanwhile is left out."""
        for place in range(0, len(self.numbers), STEP):
            numbers = self.numbers[place : place + STEP].tolist()
            ids = self.project.cases.filter(number__in=numbers).values_list("pk", flat=True)
            found = {case.number: case for case in contents_of(ids).values()}
            yield [Told.of(self.project, found[number]) for number in numbers if number in found]

    def shared(self) -> QuerySet:
        """The shared steps that these cases use, or all of the project."""
        rows = self.project.shared_steps.order_by("title")
        if not self.narrowed:
            return rows
        used: set[UUID] = set()
        for place in range(0, len(self.numbers), NUMBERS):
            numbers = self.numbers[place : place + NUMBERS].tolist()
            steps = CaseStep.objects.filter(
                project=self.project, shared__isnull=False, case__number__in=numbers
            )
            used.update(steps.values_list("shared", flat=True).distinct())
        return rows.filter(pk__in=used)
