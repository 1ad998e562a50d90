"""What Control K finds within a project: cases, runs and suites, and what there is to do."""

import re
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q
from django.urls import reverse

from apps.cases.suites import paths_like
from apps.projects.permissions import EDIT, RUN, VIEW
from apps.projects.titles import in_row

MOST = 20
LONGEST = 200
CASES, RUNS, SUITES = 9, 4, 4
ACTIONS = [
    ("New case", "write add", EDIT, "cases:create", {}, "plus"),
    ("New suite", "add folder", EDIT, "cases:suite_create", {}, "plus"),
    ("New run", "start test execute", RUN, "runs:create", {}, "plus"),
    ("Import results", "upload junit file", RUN, "executions:imports", {}, "upload"),
    ("New report", "write make", RUN, "reports:create", {}, "report"),
    ("Cases that failed last", "red broken", VIEW, "cases:list", {"q": "last:failed"}, "filter"),
    ("Cases that never ran", "unused", VIEW, "cases:list", {"q": "never-run"}, "filter"),
    ("Flaky cases", "unstable", VIEW, "cases:list", {"q": "is:flaky"}, "filter"),
    ("My cases", "mine own owner", VIEW, "cases:list", {"q": "owner:me"}, "filter"),
    ("Archived cases", "old", VIEW, "cases:list", {"q": "is:archived"}, "inbox"),
    ("Saved filters", "queries", VIEW, "cases:filters", {}, "filter"),
]
"""(label, other words, permission, page, its query, symbol)"""


@dataclass(frozen=True)
class Place:
    label: str
    hint: str
    url: str
    symbol: str


@dataclass(frozen=True)
class Group:
    title: str
    places: list[Place]


def places(context, text: str) -> list[Group]:
    """The likeliest first in each group, at most twenty of all; nothing for no text."""
    text = text.replace("\0", "").strip()[:LONGEST]
    if not text:
        return []
    project = context.project
    groups = [
        Group("Cases", _cases(project, text)),
        Group("Runs", _runs(project, text)),
        Group("Suites", _suites(project, text)),
    ]
    room = MOST - sum(len(group.places) for group in groups)
    groups.append(Group("Actions", _actions(context, text)[:room]))
    return [group for group in groups if group.places]


def number_in(project, text) -> int | None:
    """12, #12 and WEB-12."""
    found = re.fullmatch(rf"(?:{project.key}-|#)?([0-9]{{1,9}})", text, re.IGNORECASE)
    return int(found[1]) if found else None


def _cases(project, text):
    """The case of this key, then those with the words in their title, then anywhere."""
    cases = project.cases.filter(archived_at=None).only("number", "title", "project")
    number = number_in(project, text)
    found = list(cases.filter(number=number)) if number is not None else []
    for weight in ("A", ""):
        words = [word for word in re.findall(r"[^\s&|!():*<>'\\]+", text) if _is_word(word)]
        if words and len(found) < CASES:
            query = SearchQuery(
                " & ".join(f"'{word}':*{weight}" for word in words),
                config="simple",
                search_type="raw",
            )
            more = cases.filter(search=query).exclude(pk__in=[case.pk for case in found])
            found += more.order_by("-number")[: CASES - len(found)]
    return [Place(in_row(case.title), case.key, case.get_absolute_url(), "cases") for case in found]


def _is_word(text):
    return any(sign.isalnum() for sign in text)


def _runs(project, text):
    number = re.fullmatch(r"(?:run )?#?([0-9]{1,9})", text, re.IGNORECASE)
    number = int(number[1]) if number else None
    matches = Q(name__icontains=text)
    if number is not None:
        matches |= Q(number=number)
    runs = project.runs.filter(matches).only("number", "name", "project")
    found = sorted(runs.order_by("-number")[:RUNS], key=lambda run: run.number != number)
    if number is not None and all(run.number != number for run in found):
        found = [*runs.filter(number=number), *found][:RUNS]
    return [
        Place(in_row(run.name), f"#{run.number}", run.get_absolute_url(), "runs") for run in found
    ]


def _suites(project, text):
    typed = " / ".join(part.strip() for part in text.split("/"))
    found = paths_like(project.suites.filter(archived_at=None), typed)[:SUITES]
    rows = project.suites.filter(path__in=found).order_by("path", "id")
    return [
        Place(in_row(suite.path), "", suite.get_absolute_url(), "layers") for suite in rows[:SUITES]
    ]


def _actions(context, text):
    words = text.lower().split()
    found = []
    for label, others, permission, page, query, symbol in ACTIONS:
        known = f"{label} {others}".lower().split()
        fits = all(any(one.startswith(word) for one in known) for word in words)
        if fits and context.may(permission):
            url = reverse(page, args=[context.project.key], query=query or None)
            found.append(Place(label, "", url, symbol))
    return found
