"""The list of cases and the case shown beside it, as their page reads them: by few queries."""

import re

from .history import last_results
from .models import Case

SYMBOLS = {Case.Kind.MANUAL: "hand", Case.Kind.AUTOMATED: "auto", Case.Kind.HTTP: "globe"}
RESULTS_LISTED, RESULTS_PEEKED = 10, 30
UNLISTED = [
    "automation_key", "custom", "description", "links", "preconditions", "requirements", "search",
    "steps_text",
]  # fmt: skip


def listed(project):
    """Cases without the long texts that no list shows."""
    return project.cases.defer(*UNLISTED).with_tag_names()


def find_peeked(project, key):
    """The case that ?peek=WEB-12 names; an unknown key shows no peek."""
    number = re.fullmatch(rf"{project.key}-(\d{{1,9}})", key)
    cases = project.cases.with_tag_names().select_related("suite").prefetch_related("steps__shared")
    return cases.filter(number=int(number[1])).first() if number else None


def with_results(cases, peeked=None):
    """(rows of the list, what the peek shows): the last results of all of them at once."""
    together = [*cases, peeked] if peeked else cases
    results = last_results(together, RESULTS_PEEKED if peeked else RESULTS_LISTED)
    rows = [
        {
            **_told(case, results[case.pk][-RESULTS_LISTED:]),
            "key": case.key,
            "number": str(case.number),
            "symbol": SYMBOLS[case.kind],
            "kind": case.get_kind_display(),
            "note": note_of(case),
            "tags": case.tags,
        }
        for case in cases
    ]
    return rows, _told(peeked, results[peeked.pk]) if peeked else None


def note_of(case):
    """What sets a case apart from one in use, in a word."""
    if case.is_archived:
        return "Archived"
    return "" if case.status == Case.Status.READY else case.get_status_display()


def _told(case, statuses):
    return {"case": case, "statuses": statuses, "last": statuses[-1] if statuses else ""}
