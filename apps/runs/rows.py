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
from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce, Left, NullIf
from django.http import QueryDict

from apps.projects.titles import IN_ROW, in_row

WINDOW = 25
"""Rows of a group on the first page: five full groups stay below 150 KB."""
MORE = 50
OPENING = 300
"""Characters of a message, or of what a person wrote, of which a row shows the first line."""
MOST = 500
"""Rows of a group that live updates keep in step; what lies beyond is counted only."""
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
    """Executions of these statuses, as far as `kept` holds for them."""

    name: str
    title: str
    status: str
    statuses: tuple[str, ...]
    kept: Q = field(default_factory=Q)

    @property
    def condition(self):
        return Q(status__in=self.statuses) & self.kept


FAILING, PENDING = ("failed", "error"), ("queued", "running", "aborted")
GROUPS = [
    Group("new", "New failures", "failed", FAILING, Q(new_failure=True)),
    Group("failed", "Failures", "failed", FAILING, Q(new_failure=False)),
    Group("flaky", "Flaky", "flaky", ("passed",), Q(flaky=True)),
    Group("pending", "Running and queued", "running", PENDING),
    Group(
        "rest",
        "Passed, skipped and blocked",
        "passed",
        ("passed", "skipped", "blocked"),
        Q(flaky=False),
    ),
]
GROUPS_BY_NAME = {group.name: group for group in GROUPS}

STATUSES = {
    "new": GROUPS_BY_NAME["new"].condition,
    "failed": Q(status="failed"),
    "error": Q(status="error"),
    "flaky": GROUPS_BY_NAME["flaky"].condition,
    "pending": GROUPS_BY_NAME["pending"].condition,
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
    """The groups, each with the ids and seqs of its first rows; `sizes` is {group name: rows}."""
    counts = counts_of_groups(run, shown)
    pages = {group.name: _page(run, group, counts) for group in GROUPS}
    _fill_windows(run, shown, [page for page in pages.values() if page.count], sizes)
    return [*pages.values()]


def _page(run, group, counts):
    title, note = group.title, ""
    if group.name == "new":
        note = "passed in the last finished run that held them, or never seen before"
    elif group.name == "failed":
        note = "failed before"
    elif group.name == "flaky":
        note = "passed after a failed try"
    elif group.name == "pending" and run.is_finished:
        title = "Not executed"
    return GroupPage(group, counts[group.name], title=title, note=note)


def _fill_windows(run, shown, pages, sizes, after=None):
    """Read all windows in one query, one row more than shown, which tells that there are more."""
    found = {page.group.name: page for page in pages}
    for name, pk, seq in _first_ids(run, shown, [page.group for page in pages], sizes, after):
        found[name].window.append((pk, seq))
    for name, page in found.items():
        page.window.sort()
        if len(page.window) > sizes[name]:
            page.window = page.window[: sizes[name]]
            page.next = str(page.window[-1][0])


def _first_ids(run, shown, groups, sizes, after):
    """(group, id, seq) of the first executions of each group and status.

    A part for each status is read in order from the index of (run, status, id). One for several
    statuses would be read from the index of id alone: through every run of the month.
    """
    matching = shown.apply(run)
    if after:
        matching = matching.filter(pk__gt=after)
    parts = [
        matching.filter(group.kept, status=status)
        .order_by("id")
        .annotate(group=Value(group.name))
        .values_list("group", "id", "seq")[: sizes[group.name] + 1]
        for group in groups
        for status in group.statuses
        if getattr(run, status, run.pending)
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


def forget_history(pages):
    """Leave out what rows tell of other runs, which a guest of this one does not see."""
    for page in pages:
        for row in page.rows:
            row["ticks"] = None


def uuid_or_none(text):
    try:
        return UUID(text)
    except (TypeError, ValueError):
        return None


def _whole(text, *, least):
    whole = text and text.isascii() and text.isdigit() and len(text) < 19
    return max(least, int(text)) if whole else least


def page_after(run, shown, group, after):
    """The next rows of one group, after the id `after` or from its beginning."""
    page = _page(run, group, counts_of_groups(run, shown))
    _fill_windows(run, shown, [page], {group.name: MORE}, after)
    rows = rows_by_id(run, page.ids)
    page.rows = [rows[pk] for pk in page.ids if pk in rows]
    return page


def rows_by_id(run, ids):
    """Executions as rows of a list: {id: {"title", "result", "line", "ticks" …}}."""
    if not ids:
        return {}
    rows = run.executions.filter(pk__in=ids).values(
        "pk", "seq", "status", "flaky", "first_seen", "attempt", "tries", "duration_ms",
        name=Left("title", IN_ROW + 1),
        label=Left("variant_label", IN_ROW + 1),
        number=F("case__number"),
        suite_path=Left("case__suite__path", IN_ROW + 1),
        opening=Left("message", OPENING),
        written=Left(Coalesce(NullIf("actual_result", Value("")), "note"), OPENING),
    )  # fmt: skip
    ticks = ticks_before(run, ids)
    return {row["pk"]: _as_shown(run, row, ticks) for row in rows}


def _as_shown(run, row, ticks):
    retried = f"try {row['attempt']} of {row['tries']}" if row["tries"] > 1 else ""
    return {
        **row,
        "title": in_row(row["name"]),
        "variant_label": in_row(row["label"]),
        "suite": in_row(row["suite_path"] or ""),
        "key": f"{run.project.key}-{row['number']}",
        "result": "flaky" if row["flaky"] else row["status"],
        "line": _first_line(row["opening"]),
        "written": _first_line(row["written"]),
        "retried": retried,
        "ticks": ticks.get(row["pk"]),
    }


def _first_line(text):
    return text.strip().split("\n", 1)[0]


def ticks_before(run, ids):
    """The last ten results before this run of each execution's case and variant, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(TICKS, [run.pk, list(ids)])
        return dict(cursor.fetchall())
