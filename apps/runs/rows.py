"""The executions of a run as its page shows them: in groups, a window of each at a time.

Rows stand in the order in which they came, so what arrives is added at the end of a group and what
somebody reads stays where it is. A window is the first part of a group; the rest is reached by
keyset pages.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, Value
from django.db.models.functions import Left
from django.http import QueryDict

WINDOW = 25
"""Rows of a group on the first page: five full groups stay below 150 KB."""
MORE = 50
MOST = 500
"""Rows of a group that live updates keep in step; what lies beyond is counted only."""
SHOWN = [
    "id", "run", "case", "seq", "title", "variant_label", "status", "flaky", "first_seen",
    "attempt", "tries", "duration_ms", "case__number", "case__suite__path",
]  # fmt: skip

TICKS = """
    SELECT shown.id, last_results.statuses
    FROM executions_execution shown
    CROSS JOIN LATERAL (
        SELECT array_agg(status ORDER BY run_id, id) AS statuses
        FROM (
            SELECT CASE WHEN flaky THEN 'flaky' ELSE status END AS status, run_id, id
            FROM executions_execution earlier
            WHERE earlier.case_id = shown.case_id
                AND earlier.run_id < shown.run_id
                AND earlier.variant = shown.variant
                AND earlier.state = 'finished'
            ORDER BY run_id DESC, id DESC
            LIMIT 10
        ) results
    ) last_results
    WHERE shown.run_id = %s AND shown.id = ANY(%s)
"""


@dataclass(frozen=True)
class Group:
    name: str
    title: str
    status: str
    condition: Q


GROUPS = [
    Group(
        "new", "New failures", "failed", Q(status__in=["failed", "error"], new_failure=True)
    ),
    Group("failed", "Failures", "failed", Q(status__in=["failed", "error"], new_failure=False)),
    Group("flaky", "Flaky", "flaky", Q(status="passed", flaky=True)),
    Group(
        "pending",
        "Running and queued",
        "running",
        Q(status__in=["queued", "running", "aborted"]),
    ),
    Group(
        "rest",
        "Passed, skipped and blocked",
        "passed",
        Q(status__in=["passed", "skipped", "blocked"], flaky=False),
    ),
]  # fmt: skip

GROUPS_BY_NAME = {group.name: group for group in GROUPS}

STATUSES = {
    "new": GROUPS[0].condition,
    "failed": Q(status="failed"),
    "error": Q(status="error"),
    "flaky": GROUPS[2].condition,
    "pending": GROUPS[3].condition,
    "blocked": Q(status="blocked"),
    "skipped": Q(status="skipped"),
    "passed": Q(status="passed"),
}


@dataclass(frozen=True)
class Filter:
    """What the reader asked to see, from the query string; what is not understood is left out."""

    q: str = ""
    status: str = ""

    @property
    def query(self):
        """The query string's part of it, for links that keep it."""
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in vars(self).items() if value})
        return query

    @classmethod
    def of(cls, query):
        status = query.get("status", "")
        text = query.get("q", "").replace("\0", "").strip()
        return cls(q=text, status=status if status in STATUSES else "")

    def __bool__(self):
        return bool(self.q or self.status)

    def apply(self, run):
        executions = run.executions.all()
        if self.status:
            executions = executions.filter(STATUSES[self.status])
        if self.q:
            executions = executions.filter(self._text(run.project))
        return executions

    def _text(self, project):
        if match := re.fullmatch(rf"{project.key}-(\d{{1,9}})", self.q, re.IGNORECASE):
            return Q(case__number=int(match[1]))
        return Q(title__icontains=self.q)


@dataclass
class GroupPage:
    """A group, how many fit the filter, the rows shown, and where the next ones begin."""

    group: Group
    count: int
    window: list[Any] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)
    next: str = ""
    title: str = ""
    note: str = ""

    @property
    def ids(self):
        return [pk for pk, _ in self.window]


def counts_of_groups(run, shown):
    """{group name: how many executions}; from the run's counters where nothing is filtered."""
    if not shown:
        return {
            "new": run.new_failures,
            "failed": run.failed + run.error - run.new_failures,
            "flaky": run.flaky,
            "pending": run.pending,
            "rest": run.passed - run.flaky + run.skipped + run.blocked,
        }
    counts = {f"in_{group.name}": Count("pk", filter=group.condition) for group in GROUPS}
    found = shown.apply(run).aggregate(**counts)
    return {group.name: found[f"in_{group.name}"] for group in GROUPS}


def windows(run, shown, sizes):
    """The groups, each with the ids and seqs of its first rows.

    `sizes` is {group name: rows}; all are read in one query.
    """
    counts = counts_of_groups(run, shown)
    pages = {group.name: _page(run, group, counts) for group in GROUPS}
    for name, pk, seq in _first_ids(run, shown, sizes, [name for name in counts if counts[name]]):
        pages[name].window.append((pk, seq))
    for name, page in pages.items():
        page.window.sort()
        if len(page.window) > sizes[name]:
            page.window = page.window[: sizes[name]]
            page.next = str(page.window[-1][0])
    return [*pages.values()]


def _page(run, group, counts):
    title, note = group.title, ""
    if group.name == "new":
        note = f"passed in the last finished run{f' on {run.branch}' if run.branch else ''}"
    elif group.name == "failed":
        note = "failed before"
    elif group.name == "flaky":
        note = "passed after a failed try"
    elif group.name == "pending" and run.is_finished:
        title = "Not executed"
    return GroupPage(group, counts[group.name], title=title, note=note)


def _first_ids(run, shown, sizes, names):
    parts = [
        shown.apply(run)
        .filter(group.condition)
        .order_by("id")
        .annotate(group=Value(group.name))
        .values_list("group", "id", "seq")[: sizes[group.name] + 1]
        for group in GROUPS
        if group.name in names
    ]
    if len(parts) < 2:
        return parts[0] if parts else []
    return parts[0].union(*parts[1:], all=True).order_by()


def first_page(run, shown):
    """The groups with the rows of their windows."""
    pages = windows(run, shown, dict.fromkeys((group.name for group in GROUPS), WINDOW))
    rows = rows_by_id(run, [pk for page in pages for pk in page.ids])
    for page in pages:
        page.rows = [rows[pk] for pk in page.ids if pk in rows]
    return pages


def changed_pages(run, shown, query):
    """The windows that a page holds, with the rows it lacks: changed after ?since= or in ?rows=."""
    since = _whole(query.get("since"), least=0)
    lacking = {uuid_or_none(text) for text in query.get("rows", "").split(",")}
    sizes = {group.name: _whole(query.get(group.name), least=WINDOW) for group in GROUPS}
    pages = windows(run, shown, {name: min(size, MOST) for name, size in sizes.items()})
    wanted = [pk for page in pages for pk, seq in page.window if seq > since or pk in lacking]
    rows = rows_by_id(run, wanted)
    for page in pages:
        page.rows = [rows[pk] for pk in page.ids if pk in rows]
    return pages


def uuid_or_none(text):
    try:
        return UUID(text)
    except (TypeError, ValueError):
        return None


def _whole(text, *, least):
    return max(least, int(text)) if text and text.isascii() and text.isdigit() else least


def page_after(run, shown, group, after):
    """The next rows of one group, after the id `after` or from its beginning."""
    matching = shown.apply(run).filter(group.condition)
    page = _page(run, group, counts_of_groups(run, shown))
    if after:
        matching = matching.filter(pk__gt=after)
    page.window = list(matching.order_by("id").values_list("id", "seq")[: MORE + 1])
    if len(page.window) > MORE:
        page.window = page.window[:MORE]
        page.next = str(page.window[-1][0])
    rows = rows_by_id(run, page.ids)
    page.rows = [rows[pk] for pk in page.ids if pk in rows]
    return page


def rows_by_id(run, ids):
    """Executions as rows of a list: {id: execution with result, line and ticks}."""
    if not ids:
        return {}
    executions = (
        run.executions.filter(pk__in=ids)
        .select_related("case__suite")
        .only(*SHOWN)
        .annotate(opening=Left("message", 300))
    )
    ticks = ticks_before(run, ids)
    rows = {}
    for execution in executions:
        execution.result = "flaky" if execution.flaky else execution.status
        execution.line = execution.opening.strip().split("\n", 1)[0]
        execution.ticks = ticks.get(execution.pk) or []
        rows[execution.pk] = execution
    return rows


def ticks_before(run, ids):
    """The last ten results before this run of each execution's case and variant, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(TICKS, [run.pk, list(ids)])
        return dict(cursor.fetchall())
