"""Versions of a case as lists, pickers and the API show them."""

from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Q
from django.http import Http404

from .content import Difference, differences, summary
from .models import CaseVersion

OFFERED = 100
"""Versions that a picker offers; any other is named in the address."""


@dataclass(frozen=True)
class Told:
    """A version with what it changed against the one before."""

    version: CaseVersion
    former: CaseVersion | None
    summary: str


def told(case, versions) -> list[Told]:
    """Each of these, given newest first, one after the other; asks for the one before the last."""
    former = case.versions.filter(number__lt=versions[-1].number).first() if versions else None
    return each_told([*versions, former])


def each_told(versions) -> list[Told]:
    """The same without asking: the last one given is only what those before it are held against."""
    return [
        Told(row, former, summary(differences(former.content, row.content)) if former else "Made")
        for row, former in pairwise(versions)
    ]


def compared(case, oldest: int, newest: int) -> tuple[CaseVersion, CaseVersion]:
    """The two versions of these numbers, in this order. Raises Http404 for one that is missing."""
    rows = case.versions.select_related("created_by").filter(number__in=[oldest, newest])
    found = {row.number: row for row in rows}
    for number in (oldest, newest):
        if number not in found:
            raise Http404(f"{case.key} has no version {number}.")
    return found[oldest], found[newest]


def offered(case, *chosen) -> list[CaseVersion]:
    """The newest versions, and those chosen, without what they say."""
    numbers = [row.number for row in chosen]
    rows = case.versions.filter(Q(number__gt=case.version - OFFERED) | Q(number__in=numbers))
    return list(rows.select_related("created_by").defer("content"))


def changes_between(case, oldest: int, newest: int) -> list[Difference]:
    before, after = compared(case, oldest, newest)
    return differences(before.content, after.content)
