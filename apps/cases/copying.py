"""Copying cases with all they say, within a project or into another, by few statements.

With a case go its steps, tags, links, requirements, values of custom fields and files; its results,
comments, reviews and history stay behind. Into another project tags go by their names, values only
where a field of that name and kind is there and takes them, shared steps as steps of the case's
own, files as files of their own, the owner and other people only when members there, and the
automation key only when no case there has it; a case that would have too many steps stays behind.
Within a project the automation key stays with the source alone, or results would not know which of
the two they are of.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import batched
from operator import or_
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from apps.artifacts.copying import copy_artifacts
from apps.artifacts.models import Artifact
from apps.projects.keys import many_ids, one_of_many_ids
from apps.projects.lifecycle import take_numbers
from apps.projects.locks import lock_project
from apps.projects.markdown import ARTIFACT

from .content import MOST_STEPS
from .contents import contents_of
from .locks import hold_suite
from .models import Case, CaseStep, CaseVersion

VERSIONS_AT_ONCE = 500

# Whoever changes or deletes one of these waits; so do changes of the shared steps and files.
HOLD = """
SELECT c.id, c.number, c.project_id, p.key
FROM cases_case c JOIN projects_project p ON p.id = c.project_id
WHERE c.id = ANY(%(cases)s) ORDER BY c.id FOR SHARE OF c
"""
HOLD_SHARED = """
SELECT id FROM cases_sharedsteps WHERE id IN (
    SELECT shared_id FROM cases_casestep WHERE case_id = ANY(%(cases)s) AND shared_id IS NOT NULL
) ORDER BY id FOR SHARE
"""
HOLD_FILES = """
SELECT id FROM artifacts_artifact WHERE id IN (
    SELECT artifact_id FROM cases_caseartifact WHERE case_id = ANY(%(cases)s)
) ORDER BY id FOR SHARE
"""
TOO_LONG = """
SELECT s.case_id FROM cases_casestep s LEFT JOIN cases_sharedsteps shared ON shared.id = s.shared_id
WHERE s.case_id = ANY(%(cases)s) GROUP BY s.case_id
HAVING sum(coalesce(jsonb_array_length(shared.steps), 1)) > %(most)s
"""
PAIRS = """
unnest(%(cases)s::uuid[], %(copies)s::uuid[], %(numbers)s::int[], %(suites)s::uuid[])
    AS pair (source, copy, number, suite)
"""
CASES = f"""
INSERT INTO cases_case (id, project_id, number, suite_id, title, kind, status, priority, severity,
    owner_id, estimate_seconds, preconditions, description, links, requirements, custom,
    automation_key, steps_text, version, created_by_id, created_at, updated_at)
SELECT pair.copy, %(project)s, pair.number, pair.suite, c.title, c.kind,
    CASE WHEN c.status = 'in_review' OR (c.status = 'ready' AND %(reviewed)s)
        THEN 'draft' ELSE c.status END,
    c.priority, c.severity, {{owner}}, c.estimate_seconds, c.preconditions, c.description, c.links,
    c.requirements, {{custom}}, {{automation_key}}, c.steps_text, 1, %(by)s, now(), now()
FROM {PAIRS} JOIN cases_case c ON c.id = pair.source
"""
SAME_PROJECT = {"owner": "c.owner_id", "custom": "c.custom", "automation_key": "''"}
OTHER_PROJECT = {
    "owner": """(
        SELECT m.user_id FROM memberships_membership m
        WHERE m.project_id = %(project)s AND m.user_id = c.owner_id
    )""",
    "custom": """coalesce((
        SELECT jsonb_object_agg(there.name, fitting.value) FROM jsonb_each(c.custom) entry
        JOIN cases_customfield here ON here.project_id = c.project_id AND here.name = entry.key
        JOIN cases_customfield there ON there.project_id = %(project)s
            AND lower(there.name) = lower(here.name) AND there.kind = here.kind
        CROSS JOIN LATERAL (SELECT CASE there.kind
            WHEN 'choice' THEN (
                SELECT to_jsonb(option) FROM jsonb_array_elements_text(there.options) option
                WHERE lower(option) = lower(entry.value #>> '{}') LIMIT 1)
            WHEN 'choices' THEN (
                SELECT jsonb_agg(option ORDER BY place)
                FROM jsonb_array_elements_text(there.options) WITH ORDINALITY o (option, place)
                WHERE jsonb_exists(lower(entry.value::text)::jsonb, lower(option)))
            WHEN 'person' THEN (
                SELECT to_jsonb(u.email) FROM memberships_membership m
                JOIN accounts_user u ON u.id = m.user_id
                WHERE m.project_id = %(project)s AND NOT u.is_service
                    AND lower(u.email) = lower(entry.value #>> '{}'))
            ELSE entry.value
        END AS value) fitting
        WHERE fitting.value IS NOT NULL
    ), '{}')""",
    "automation_key": """CASE WHEN EXISTS (
        SELECT FROM cases_case taken WHERE taken.project_id = %(project)s
            AND taken.automation_key <> '' AND taken.automation_hash = c.automation_hash
    ) THEN '' ELSE c.automation_key END""",
}
STEPS = f"""
INSERT INTO cases_casestep (id, project_id, case_id, position, shared_id, action, expected, data)
SELECT {one_of_many_ids()}, %(project)s, pair.copy, s.position, s.shared_id, s.action, s.expected,
    s.data
FROM {PAIRS} JOIN cases_casestep s ON s.case_id = pair.source
"""
PLAIN_STEPS = f"""
INSERT INTO cases_casestep (id, project_id, case_id, position, action, expected, data)
SELECT {one_of_many_ids()}, %(project)s, pair.copy,
    row_number() OVER (PARTITION BY pair.copy ORDER BY s.position, one.place),
    one.action, one.expected, one.data
FROM {PAIRS} JOIN cases_casestep s ON s.case_id = pair.source
LEFT JOIN cases_sharedsteps shared ON shared.id = s.shared_id
CROSS JOIN LATERAL (
    SELECT 0 AS place, s.action, s.expected, s.data WHERE s.shared_id IS NULL
    UNION ALL
    SELECT line.place, coalesce(line.step ->> 'action', ''),
        coalesce(line.step ->> 'expected', ''), coalesce(line.step ->> 'data', '')
    FROM jsonb_array_elements(shared.steps) WITH ORDINALITY AS line (step, place)
) one
"""
# As content.text_of_steps writes it, for those copies whose steps are no longer shared.
PLAIN_TEXT = f"""
UPDATE cases_case SET steps_text = coalesce((
    SELECT string_agg(concat_ws(E'\\n', nullif(s.action, ''), nullif(s.expected, ''),
        nullif(s.data, '')), E'\\n' ORDER BY s.position)
    FROM cases_casestep s WHERE s.case_id = cases_case.id
), '')
FROM {PAIRS} WHERE cases_case.id = pair.copy AND EXISTS (
    SELECT FROM cases_casestep s WHERE s.case_id = pair.source AND s.shared_id IS NOT NULL
)
"""
NAMES_OF_TAGS = """
INSERT INTO cases_tag (project_id, name)
SELECT DISTINCT %(project)s, t.name FROM cases_casetag ct JOIN cases_tag t ON t.id = ct.tag_id
WHERE ct.case_id = ANY(%(cases)s) ORDER BY t.name
ON CONFLICT DO NOTHING
"""
TAGS = f"""
INSERT INTO cases_casetag (id, project_id, case_id, tag_id)
SELECT {one_of_many_ids()}, %(project)s, pair.copy, there.id
FROM {PAIRS} JOIN cases_casetag ct ON ct.case_id = pair.source
JOIN cases_tag here ON here.id = ct.tag_id
JOIN cases_tag there ON there.project_id = %(project)s AND there.name = here.name
"""
FILES = f"""
INSERT INTO cases_caseartifact (project_id, case_id, artifact_id)
SELECT %(project)s, pair.copy, file.copy
FROM {PAIRS} JOIN cases_caseartifact link ON link.case_id = pair.source
JOIN unnest(%(files)s::uuid[], %(copied_files)s::uuid[]) AS file (source, copy)
    ON file.source = link.artifact_id
ORDER BY link.id
"""


@dataclass(frozen=True)
class Source:
    id: UUID
    number: int
    project: int
    project_key: str

    def __str__(self):
        return f"{self.project_key}-{self.number}"


@transaction.atomic
def copy_cases(
    cases: Iterable[Case],
    project,
    *,
    by,
    suite=None,
    suites: Mapping[UUID, UUID] | None = None,
) -> dict[UUID, UUID]:
    """{id of a case: id of its copy in the project}, in the order of the sources' numbers.

    `cases`, rows or a queryset, are all of one project that `by` may see; those deleted meanwhile
    and those that `too_long` names are passed over, archived ones are copied as in use. They go
    into `suite` of the target, but for those that `suites` {id of the source: id of a suite} names
    another one for, which the caller holds. The first version of each has the note “Copied from
    WEB-12”. The caller notes what it does, and holds the project before any suite, and no case.
    """
    lock_project(project)
    suite = hold_suite(project, suite)
    sources = _hold([case.pk for case in cases])
    is_same = all(source.project == project.pk for source in sources)
    if not is_same:
        passed = too_long([source.id for source in sources])
        sources = [source for source in sources if source.id not in passed]
    if not sources:
        return {}
    first = take_numbers(project, "case", len(sources))
    where = suites or {}
    values = {
        "project": project.pk,
        "by": by.pk if by else None,
        "reviewed": project.review_required,
        "cases": [source.id for source in sources],
        "copies": many_ids(len(sources)),
        "numbers": list(range(first, first + len(sources))),
        "suites": [where.get(source.id, suite and suite.pk) for source in sources],
    }
    _write(values, project, by, is_same=is_same)
    copies = dict(zip(values["cases"], values["copies"], strict=True))
    _add_versions(sources, copies, project, by)
    return copies


def too_long(ids) -> set[UUID]:
    """Of cases by their ids, those with too many steps once shared ones are the case's own."""
    with connection.cursor() as cursor:
        cursor.execute(TOO_LONG, {"cases": ids, "most": MOST_STEPS})
        return {row[0] for row in cursor.fetchall()}


def _hold(ids):
    with connection.cursor() as cursor:
        # Before the cases, as whoever changes them does; again for one that got some meanwhile.
        cursor.execute(HOLD_SHARED, {"cases": ids})
        cursor.execute(HOLD, {"cases": ids})
        sources = [Source(*row) for row in cursor.fetchall()]
        if len({source.project for source in sources}) > 1:
            raise ValueError("Cases that are copied together are of one project.")
        cursor.execute(HOLD_SHARED, {"cases": ids})
        cursor.execute(HOLD_FILES, {"cases": ids})
    return sorted(sources, key=lambda source: source.number)


def _write(values, project, by, *, is_same):
    files = Artifact.objects.filter(caseartifacts__case__in=values["cases"]).distinct()
    if is_same:
        statements = [CASES.format(**SAME_PROJECT), STEPS, TAGS, FILES]
        copied = {pk: pk for pk in files.values_list("pk", flat=True)}
    else:
        statements = [
            CASES.format(**OTHER_PROJECT), PLAIN_STEPS, PLAIN_TEXT, NAMES_OF_TAGS, TAGS, FILES,
        ]  # fmt: skip
        copied = copy_artifacts(files, project, by=by)
    values |= {"files": list(copied), "copied_files": list(copied.values())}
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)
    if copied and not is_same:
        _name_copied_files(values["copies"], copied)


def _name_copied_files(copies, copied):
    """Pictures in the texts of the copies are the copied files; nobody there sees the others."""

    def renamed(text):
        return ARTIFACT.sub(lambda found: f"artifact:{copied.get(UUID(found[1]), found[1])}", text)

    texts = [
        (Case.objects.filter(pk__in=copies), ["preconditions", "description", "steps_text"]),
        (CaseStep.objects.filter(case__in=copies), ["action", "expected", "data"]),
    ]
    for rows, fields in texts:
        names_one = reduce(or_, (Q(**{f"{field}__icontains": "artifact:"}) for field in fields))
        changed = list(rows.filter(names_one).only(*fields))
        for row in changed:
            for field in fields:
                setattr(row, field, renamed(getattr(row, field)))
        rows.model.objects.bulk_update(changed, fields, batch_size=VERSIONS_AT_ONCE)


def _add_versions(sources, copies, project, by):
    """Of what the copies say once they are there, so that versions and cases cannot differ."""
    for some in batched(sources, VERSIONS_AT_ONCE):
        of = {copies[source.id]: source for source in some}
        CaseVersion.objects.bulk_create(
            CaseVersion(
                project=project,
                case_id=case.id,
                number=1,
                content=case.content,
                note=f"Copied from {of[case.id]}",
                created_by=by,
            )
            for case in contents_of(of).values()
        )
