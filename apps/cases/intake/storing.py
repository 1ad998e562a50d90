"""A batch of drafts becomes cases and receipts, in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F

from apps.projects.locks import lock_project
from apps.projects.refusals import Refused

from ..contents import Known, contents_of
from ..doors import require_still_editor
from ..lifecycle.suites import bring_back_suites, find_or_create_suites
from ..lifecycle.writing import hold_shared_steps
from ..models import CaseImport, CaseImportRow
from ..tree import SEPARATOR, Wanted, name_of
from .desired import Rules, changed_content, new_content
from .drafts import Plan
from .finding import Finder
from .wanted import Draft
from .writing import Change, Writer, insert

Outcome = CaseImportRow.Outcome
ROW_COLUMNS = {
    "project_id": "int8", "case_import_id": "uuid", "row": "int4", "outcome": "varchar",
    "case_id": "uuid", "title": "text", "column": "varchar", "reason": "text",
}  # fmt: skip


def _defined(field):
    return field.kind, field.required, field.options


def _required(names):
    return " ".join(f"“{name}” is required." for name in names)


class Overtaken(Exception):
    """Another worker went on with this import; this one was taken for dead."""


@dataclass
class Receipt:
    """What became of a row."""

    draft: Draft
    outcome: str
    reason: str = ""
    column: str = ""
    case: UUID | None = None
    change: Change | None = None


class Batch:
    """Stores drafts of an import; `done` is the number of those that have their receipts."""

    def __init__(self, arrival: CaseImport, plan: Plan, source: str):
        self.arrival, self.plan, self.source = arrival, plan, source
        self.dry = arrival.is_dry_run

    @transaction.atomic
    def store(self, drafts: list[Draft], *, done: int) -> None:
        """All of them or none.

        Raises Overtaken, and Refused where the project was archived, who began the import may
        change it no longer, or what the file was read by has changed.
        """
        project = lock_project(self.arrival.project)
        project.require_open()
        require_still_editor(self.arrival.created_by, project.key)
        waiting = CaseImport.objects.select_for_update(no_key=True, of=("self",))
        held = waiting.filter(pk=self.arrival.pk, state=CaseImport.State.READING).first()
        if held is None or held.rows_read != done:
            raise Overtaken
        if not self.dry:
            self._require_same_fields(project)
        receipts = list(self._decide(project, drafts))
        if not self.dry:
            self._write(project, receipts)
        self._write_receipts(project, receipts)
        self._count(receipts)

    def _decide(self, project, drafts) -> Iterable[Receipt]:
        sound = [draft for draft in drafts if not draft.problem]
        paths = {draft.row: self._path(draft) for draft in sound}
        ids = self._suites(project, set(paths.values()))
        suites = {row: ids.get(path) for row, path in paths.items() if not path or path in ids}
        finder = Finder(project, self.source, self.arrival.pk)
        found = finder.find(sound, suites)
        if not self.dry:
            self._hold_shared(project, sound)
        held = self._hold(project, {one.case for one in found.values()})
        given = dict(self.arrival.rows.filter(case__in=held).values_list("case", "row"))
        for draft in drafts:
            if draft.problem:
                yield Receipt(draft, Outcome.REFUSED, draft.problem, draft.column)
                continue
            path = SEPARATOR.join(map(name_of, paths[draft.row]))
            place = suites.get(draft.row), path
            one = found.get(draft.row)
            case = held.get(one.case) if one else None
            if case is None:
                yield self._new(project, draft, place, finder)
            else:
                yield self._known(project, draft, place, finder, case, one, given)

    def _new(self, project, draft, place, finder):
        suite, path = place
        content = new_content(draft, self.plan, path, Rules.of(project))
        if missing := self._missing(content):
            return Receipt(draft, Outcome.REFUSED, _required(missing), missing[0])
        change = Change(draft, content, suite, origin=finder.origin_of(draft))
        return Receipt(draft, Outcome.CREATED, " ".join(draft.notes), change=change)

    def _missing(self, content, before: dict | None = None) -> list[str]:
        """Required fields without a value, asked for where values change, as by hand."""
        custom = content.get("custom", {})
        if before is not None and custom == before.get("custom", {}):
            return []
        required = (name for name, field in self.plan.fields.items() if field.required)
        return [name for name in required if custom.get(name) in (None, "", [])]

    def _known(self, project, draft, place, finder, case, one, given):
        key = f"{project.key}-{case.number}"
        if earlier := given.get(case.id):
            reason = f"It is {key}, as row {earlier:,} is; a case is changed once by a file."
            return Receipt(draft, Outcome.REFUSED, reason, case=case.id)
        given[case.id] = draft.row
        before = case.content
        path = place[1] if draft.suite is not None or self.plan.base else before["suite"]
        content = changed_content(before, draft, self.plan, path, Rules.of(project))
        suite = place[0] if draft.suite is not None or self.plan.base else case.suite
        reason = " ".join([one.by, *draft.notes])
        change = Change(
            draft, content, suite, before, case.id, case.number, case.version + 1, case.owner,
            finder.origin_of(draft),
        )  # fmt: skip
        if content == before:
            return Receipt(draft, Outcome.UNCHANGED, reason, case=case.id, change=change)
        if case.is_archived:
            reason = f"{key} is archived; restore it first. {one.by}"
            return Receipt(draft, Outcome.REFUSED, reason, case=case.id)
        if missing := self._missing(content, before):
            reason = f"{_required(missing)} {one.by}"
            return Receipt(draft, Outcome.REFUSED, reason, missing[0], case.id)
        return Receipt(draft, Outcome.UPDATED, reason, case=case.id, change=change)

    def _path(self, draft) -> tuple[str, ...]:
        return (*self.plan.base, *(draft.suite or ()))

    def _suites(self, project, paths) -> dict[tuple[str, ...], UUID]:
        """A try finds those that are there; else they are made, and held by the project's row.

        The path of a suite whose name holds the sign between names is found as it is written.
        """
        found = Wanted(paths).known(project)
        missing = {SEPARATOR.join(map(name_of, path)): path for path in paths - set(found) if path}
        if missing:
            written = project.suites.filter(path__in=missing).order_by("-id")
            found |= {missing[path]: id for path, id in written.values_list("path", "id")}
        if self.dry:
            return found
        return found | find_or_create_suites(project, paths - set(found))

    def _require_same_fields(self, project):
        """Values were read by these definitions, which stay while the project's row is held."""
        now = {field.name: _defined(field) for field in project.custom_fields.all()}
        if now != {name: _defined(field) for name, field in self.plan.fields.items()}:
            raise Refused(
                f"The custom fields of {project.key} were changed while the file was taken in; "
                "import it again.",
                code="changed",
            )

    def _hold_shared(self, project, drafts):
        """Shared steps that the cases will use, as they are now, and stay until these are there."""
        named = [step for draft in drafts for step in draft.steps or () if step.get("shared")]
        held = hold_shared_steps(project, named)
        shared = self.plan.shared.items()
        self.plan.shared = {title: held.get(str(row.pk), row) for title, row in shared}

    def _hold(self, project, ids) -> dict[UUID, Known]:
        """The cases as they are now, which nobody changes until the batch is stored."""
        if not ids:
            return {}
        rows = project.cases.filter(pk__in=ids).order_by("pk")
        if not self.dry:
            rows = rows.select_for_update(no_key=True, of=("self",))
        return contents_of(rows.values_list("pk", flat=True))

    def _write(self, project, receipts):
        note = f"Imported from {self.arrival.filename}"
        writer = Writer(project, by=self.arrival.created_by, note=note, plan=self.plan)
        changed = (Outcome.CREATED, Outcome.UPDATED)
        changes = [receipt.change for receipt in receipts if receipt.outcome in changed]
        if changes:
            used = {one.suite for one in changes if not (one.is_new and one.draft.archived)}
            bring_back_suites(project, used, by=self.arrival.created_by)
            writer.write(changes)
        same = [receipt.change for receipt in receipts if receipt.outcome == Outcome.UNCHANGED]
        writer.write_origins(same)
        for receipt in receipts:
            if receipt.change:
                receipt.case = receipt.change.id

    def _write_receipts(self, project, receipts):
        types = {f'"{name}"': kind for name, kind in ROW_COLUMNS.items()}
        rows = (
            {
                '"project_id"': project.pk,
                '"case_import_id"': self.arrival.pk,
                '"row"': receipt.draft.row,
                '"outcome"': str(receipt.outcome),
                '"case_id"': receipt.case,
                '"title"': receipt.draft.title[:1000],
                '"column"': receipt.column[:200],
                '"reason"': receipt.reason,
            }
            for receipt in receipts
        )
        insert("cases_caseimportrow", types, rows)

    def _count(self, receipts):
        counts = {
            outcome.value: sum(receipt.outcome == outcome for receipt in receipts)
            for outcome in Outcome
        }
        CaseImport.objects.filter(pk=self.arrival.pk).update(
            rows_read=F("rows_read") + len(receipts),
            **{name: F(name) + count for name, count in counts.items()},
        )
