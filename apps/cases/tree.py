"""Reading and growing the tree of suites by few statements, whatever its size."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

SEPARATOR = " / "
LONGEST_SUITE_NAME = 1000
MOST_OF_LEVEL = 200

BRANCH = """
WITH RECURSIVE branch AS (
    SELECT id FROM cases_suite WHERE project_id = %s AND id = %s
    UNION ALL
    SELECT s.id FROM cases_suite s JOIN branch b ON s.parent_id = b.id
) SELECT id FROM branch
"""
PATHS = """
WITH RECURSIVE branch AS (
    SELECT s.id, coalesce(p.path || %(separator)s, '') || s.name AS path
    FROM cases_suite s LEFT JOIN cases_suite p ON p.id = s.parent_id WHERE s.id = %(suite)s
    UNION ALL
    SELECT s.id, b.path || %(separator)s || s.name
    FROM cases_suite s JOIN branch b ON s.parent_id = b.id
)
UPDATE cases_suite SET path = branch.path FROM branch
WHERE cases_suite.id = branch.id AND cases_suite.path <> branch.path
"""
ABOVE = """
WITH RECURSIVE line AS (
    SELECT id, parent_id FROM cases_suite WHERE id = %s
    UNION ALL
    SELECT s.id, s.parent_id FROM cases_suite s JOIN line ON s.id = line.parent_id
) SELECT id FROM line
"""
ARCHIVED_ABOVE = """
WITH RECURSIVE line AS (
    SELECT id, parent_id, archived_at FROM cases_suite WHERE project_id = %s AND id = ANY(%s)
    UNION
    SELECT s.id, s.parent_id, s.archived_at FROM cases_suite s JOIN line ON s.id = line.parent_id
) SELECT id FROM line WHERE archived_at IS NOT NULL
"""
# The levels along the lines to what is open, or one level, with the cases of each whole branch;
# of a long level a part, and one row more that says that it goes on. The row without a place is the
# selected suite with its path; the one without an id counts all cases in use and those outside
# every suite, and says whether there are such and whether a suite is archived. Cases are counted
# once, along an index that holds nothing else: of 100,000 that takes 20 ms, reading their rows 300.
TREE = """
WITH RECURSIVE line AS (
    SELECT id, parent_id FROM cases_suite WHERE project_id = %(project)s AND id = ANY(%(open)s)
    UNION
    SELECT s.id, s.parent_id FROM cases_suite s JOIN line ON s.id = line.parent_id
), own AS MATERIALIZED (
    SELECT suite_id, count(*) AS cases FROM cases_case
    WHERE project_id = %(project)s AND archived_at IS NULL AND %(counted)s GROUP BY suite_id
), shown AS (
    SELECT *, place <= %(last)s OR is_wanted AS fits FROM (
        SELECT id, parent_id, name, archived_at,
            id IN (SELECT id FROM line) OR id = %(focus)s AS is_wanted,
            row_number() OVER (PARTITION BY parent_id ORDER BY position, name, id) AS place
        FROM cases_suite WHERE project_id = %(project)s
            AND (archived_at IS NULL OR %(archived)s OR id IN (SELECT id FROM line))
            AND (parent_id = %(level)s OR %(level)s::uuid IS NULL
                AND (parent_id IS NULL OR parent_id IN (SELECT id FROM line)))
    ) level WHERE place BETWEEN %(skip)s + 1 AND %(last)s + 1 OR is_wanted
), branch AS (
    SELECT id AS top, id FROM shown WHERE fits
    UNION ALL
    SELECT b.top, s.id FROM branch b
    JOIN cases_suite s ON s.parent_id = b.id AND s.project_id = %(project)s
), held AS (
    SELECT b.top, sum(own.cases) AS cases FROM branch b JOIN own ON own.suite_id = b.id
    GROUP BY b.top
)
SELECT shown.id, shown.parent_id, shown.name,
    CASE WHEN %(counted)s THEN coalesce(held.cases, 0) END, shown.place,
    shown.id IN (SELECT id FROM line), EXISTS (
        SELECT FROM cases_suite c
        WHERE c.parent_id = shown.id AND (c.archived_at IS NULL OR %(archived)s)
    ), shown.archived_at IS NOT NULL, NULL, shown.fits
FROM shown LEFT JOIN held ON held.top = shown.id
UNION ALL
SELECT id, NULL, name, NULL, NULL, NULL, NULL, archived_at IS NOT NULL, path, NULL
FROM cases_suite WHERE project_id = %(project)s AND id = %(selected)s
UNION ALL
SELECT NULL, NULL, NULL, CASE WHEN %(counted)s THEN coalesce(sum(cases), 0) END,
    CASE WHEN %(counted)s THEN coalesce(sum(cases) FILTER (WHERE suite_id IS NULL), 0) END,
    EXISTS (SELECT FROM cases_case
        WHERE project_id = %(project)s AND archived_at IS NULL AND suite_id IS NULL), NULL,
    EXISTS (SELECT FROM cases_suite WHERE project_id = %(project)s AND archived_at IS NOT NULL),
    NULL, NULL
FROM own
"""
# Nodes are numbered from 1, parents first; each is found below the suite that its parent is.
WANTED = """
WITH RECURSIVE node AS (
    SELECT * FROM unnest(%(parents)s::int[], %(names)s::text[])
        WITH ORDINALITY AS node (parent, name, number)
), found AS (
    SELECT n.number, s.id FROM node n JOIN cases_suite s ON s.project_id = %(project)s
        AND s.parent_id IS NULL AND md5(s.name) = md5(n.name) AND s.name = n.name
    WHERE n.parent = 0
    UNION ALL
    SELECT n.number, s.id FROM found f JOIN node n ON n.parent = f.number
        JOIN cases_suite s ON s.project_id = %(project)s AND s.parent_id = f.id
        AND md5(s.name) = md5(n.name) AND s.name = n.name
)
"""
FIND = WANTED + "SELECT number, id FROM found"
GROW = (
    WANTED
    + """
, placed AS MATERIALIZED (
    SELECT n.*, coalesce(f.id, uuidv7()) AS id, f.id IS NULL AS missing
    FROM node n LEFT JOIN found f USING (number)
)
INSERT INTO cases_suite (id, project_id, parent_id, name, path, description, position, created_at)
SELECT p.id, %(project)s, above.id, p.name, path.path, '', coalesce((
        SELECT max(s.position) + (max(s.position) < 2147483647)::int FROM cases_suite s
        WHERE s.project_id = %(project)s AND s.parent_id IS NOT DISTINCT FROM above.id
            AND s.position > 0
    ), 0), now()
FROM placed p LEFT JOIN placed above ON above.number = p.parent
    JOIN unnest(%(paths)s::text[]) WITH ORDINALITY AS path (path, number)
        ON path.number = p.number
WHERE p.missing ORDER BY p.number
ON CONFLICT DO NOTHING
"""
)


def branch_of(suite) -> RawSQL:
    """The ids of a suite and of all below it, for `filter(suite__in=…)`."""
    return RawSQL(BRANCH, [suite.project_id, suite.pk])


def branch_within(project, suite_id) -> RawSQL:
    """The same by id; a suite of another project has no branch here."""
    return RawSQL(BRANCH, [project.pk, suite_id])


def write_paths(suite) -> None:
    """Give the suite and all below it the path that follows from names and parents."""
    with connection.cursor() as cursor:
        cursor.execute(PATHS, {"suite": suite.pk, "separator": SEPARATOR})


def name_of(part: str) -> str:
    """The name of a suite for one part of a path; one too long keeps its beginning and a hash."""
    if len(part) <= LONGEST_SUITE_NAME:
        return part
    digest = hashlib.sha256(part.encode()).hexdigest()[:16]
    return f"{part[: LONGEST_SUITE_NAME - 20]}… {digest}"


class Wanted:
    """Paths as nodes of one tree, parents before children."""

    def __init__(self, paths: Iterable[tuple[str, ...]]):
        self.numbers: dict[tuple[int, str], int] = {}
        """{(number of the parent or 0, name): number from 1}"""
        self.given = {path: self._add(path) for path in sorted(set(paths)) if any(path)}

    def _add(self, path):
        number = 0
        for part in filter(None, path):
            node = number, name_of(part)
            number = self.numbers.setdefault(node, len(self.numbers) + 1)
        return number

    def parameters(self, project):
        return {
            "project": project.pk,
            "parents": [parent for parent, _ in self.numbers],
            "names": [name for _, name in self.numbers],
        }

    def find(self, project) -> dict | None:
        """{path as given: suite id} once every one is there, else None."""
        ids = self._ids(project)
        if len(ids) < len(self.numbers):
            return None
        return {path: ids[number] for path, number in self.given.items()}

    def known(self, project) -> dict:
        """{path as given: suite id} of those that are there."""
        ids = self._ids(project) if self.given else {}
        return {path: ids[number] for path, number in self.given.items() if number in ids}

    def _ids(self, project) -> dict:
        with connection.cursor() as cursor:
            cursor.execute(FIND, self.parameters(project))
            return dict(cursor.fetchall())

    def grow(self, project) -> None:
        """Insert what is missing; the caller holds the project's row."""
        with connection.cursor() as cursor:
            cursor.execute(GROW, self.parameters(project) | {"paths": self._paths()})

    def _paths(self):
        paths = [""]
        for parent, name in self.numbers:
            paths.append(f"{paths[parent]}{SEPARATOR}{name}" if parent else name)
        return paths[1:]


@dataclass(frozen=True)
class Node:
    """A suite as the tree shows it; `children` only where it is open, `count` where counted.

    `is_cut` says that it has more children than are shown.
    """

    id: UUID
    name: str
    count: int | None
    is_open: bool
    has_children: bool
    is_archived: bool
    children: list["Node"]
    is_cut: bool


@dataclass(frozen=True)
class Selected:
    """The suite that a list is narrowed to."""

    id: UUID
    name: str
    path: str
    is_archived: bool


@dataclass(frozen=True)
class Tree:
    """`is_cut` is of its first level; `last` is how many suites a cut level has shown."""

    nodes: list[Node]
    selected: Selected | None
    total: int | None
    outside: int | None
    has_outside: bool
    has_archived: bool
    is_cut: bool
    last: int


def shown_tree(
    project,
    selected_id=None,
    *,
    opened: Iterable[UUID] = (),
    level: UUID | None = None,
    focus: UUID | None = None,
    archived=False,
    counted=True,
    skip=0,
    most=MOST_OF_LEVEL,
) -> Tree:
    """The top of the tree, and what lies along and just below the selected and the opened suites.

    So a project with ten thousand suites has a short page. With `level` only what lies just below
    that suite. Archived suites show only with `archived`, or where the selected one is among them.
    A level shows `most` suites after the first `skip`, and of the others those that are open or
    `focus`. Without `counted` no case is counted, which of 100,000 takes longer than all the rest.
    """
    asked = {
        "project": project.pk,
        "selected": selected_id,
        "open": [*opened, *([selected_id] if selected_id else [])],
        "level": level,
        "archived": archived,
        "counted": counted,
        "focus": focus,
        "skip": skip,
        "last": skip + most,
    }
    with connection.cursor() as cursor:
        cursor.execute(TREE, asked)
        rows = cursor.fetchall()
    totals = next(row for row in rows if row[0] is None)
    selected = next((row for row in rows if row[8] is not None), None)
    below: dict = defaultdict(list)
    cut = {row[1] for row in rows if row[4] is not None and row[4] > skip + most}
    shown = [row for row in rows if row[0] is not None and row[9]]
    for row in sorted(shown, key=lambda row: row[4]):
        below[row[1]].append(_node(row, below[row[0]], is_cut=row[0] in cut))
    return Tree(
        below[level],
        selected=selected and Selected(selected[0], selected[2], selected[8], selected[7]),
        total=totals[3],
        outside=totals[4],
        has_outside=totals[5],
        has_archived=totals[7],
        is_cut=level in cut,
        last=skip + most,
    )


def _node(row, children, *, is_cut):
    id, _, name, count, _, is_open, has_children, is_archived, *_ = row
    return Node(
        id=id,
        name=name,
        count=count,
        is_open=is_open and has_children,
        has_children=has_children,
        is_archived=is_archived,
        children=children,
        is_cut=is_cut,
    )


def each_node(nodes: Iterable[Node]) -> Iterator[Node]:
    """These and all below them, each before those below it; suites nest deeper than calls do."""
    waiting = [*nodes][::-1]
    while waiting:
        yield (node := waiting.pop())
        waiting += node.children[::-1]


def archived_above(project, ids: Iterable[UUID | None]) -> list[UUID]:
    """Ids of the archived ones among these suites and all above them."""
    with connection.cursor() as cursor:
        cursor.execute(ARCHIVED_ABOVE, [project.pk, [id for id in ids if id]])
        return [row[0] for row in cursor.fetchall()]


def ids_above(suite) -> list:
    """Ids of the suite and of all above it."""
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, [suite.pk])
        return [row[0] for row in cursor.fetchall()]
