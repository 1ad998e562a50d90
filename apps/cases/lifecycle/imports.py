"""Cases from a file: sent, given a mapping, and then tried or taken in by a job."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from apps.projects import trail
from apps.projects.locks import lock_project
from apps.projects.refusals import Unprocessable

from ..intake.files import forget_upload
from ..intake.uploads import choose, lock_startable, look_again, look_into, missing_fields
from ..models import CaseImport, CustomField
from ..tasks import read_case_import
from .custom_fields import create_custom_field

State = CaseImport.State


def send_case_file(project, file, *, by, filename, **chosen) -> CaseImport:
    """Keep a file of cases until it is started, with what was found in it and a guessed mapping.

    `chosen`: encoding, delimiter and sheet where they are known. Raises Unprocessable for a file
    that cannot be read.
    """
    arrival = CaseImport(
        project=project, filename=shown_name(filename), size=file.size, created_by=by
    )
    look_into(arrival, file, chosen)
    file.seek(0)
    with transaction.atomic():
        arrival.upload.save(arrival.filename, file, save=False)
        try:
            arrival.save()
            after = {"filename": arrival.filename, "bytes": arrival.size, "format": arrival.format}
            trail.note(project, "case_import.send", arrival, by=by, after=after)
        except BaseException:
            arrival.upload.delete(save=False)
            raise
    return arrival


@transaction.atomic
def add_missing_fields(arrival, *, by) -> CaseImport:
    """Make the custom fields that a file of our own defines and the project lacks, and map them.

    A default that does not fit here, as somebody who is no member, is left out. Raises
    Unprocessable for a definition that is none, TransitionRefused for an import that has begun.
    """
    lock_project(arrival.project)
    arrival = lock_startable(arrival)
    if not arrival.options.get("missing_fields"):
        return arrival
    for told in missing_fields(arrival):
        _add_field(arrival.project, told, by=by)
    before = arrival.mapping
    look_again(arrival)
    arrival.mapping |= before
    arrival.save(update_fields=["mapping", "options", "warnings"])
    return arrival


def _add_field(project, told, *, by):
    field = CustomField(
        project=project, name=told["name"], kind=told.get("kind"),
        required=told.get("required") is True, options=told.get("options") or [],
    )  # fmt: skip
    try:
        field.clean_fields(exclude=["project", "options", "default"])
        if not isinstance(field.options, list):
            raise ValidationError("Its choices are no list.")
    except ValidationError as error:
        sentence = f"The field “{field.name}” of the file cannot be: {' '.join(error.messages)}"
        raise Unprocessable(sentence, field="fields", code="invalid") from None
    said: dict[str, Any] = {
        "name": field.name, "kind": field.kind, "required": field.required,
        "options": [str(option) for option in field.options],
    }  # fmt: skip
    try:
        create_custom_field(project, by=by, default=told.get("default"), **said)
    except Unprocessable as refusal:
        if refusal.field != "default":
            raise
        create_custom_field(project, by=by, **said)


@transaction.atomic
def start_case_import(
    arrival, *, by, mapping: dict[str, str] | None = None, dry_run=False, **chosen: Any
) -> CaseImport:
    """Have a job take the file in, or try it out: a try stores receipts alone.

    `mapping` is {column: target}, that which was guessed for none; `chosen` are options of
    intake.uploads. Raises TransitionRefused for one that has begun, Unprocessable for a mapping
    that does not fit.
    """
    arrival = lock_startable(arrival)
    choose(arrival, mapping, chosen, whole=True)
    arrival.rows.all().delete()
    for name in ("rows_total", "rows_read", "created", "updated", "unchanged", "refused"):
        setattr(arrival, name, 0)
    arrival.state, arrival.is_dry_run = State.QUEUED, dry_run
    arrival.finished_at, arrival.created_by = None, by
    arrival.save()
    trail.note(arrival.project, "case_import.start", arrival, by=by, after={"dry_run": dry_run})
    read_case_import.defer(import_id=str(arrival.pk))
    return arrival


@transaction.atomic
def discard_case_import(arrival, *, by) -> CaseImport:
    """Give up a file that was not started; its receipts of a try go with it."""
    arrival = lock_startable(arrival)
    arrival.rows.all().delete()
    arrival.state, arrival.reason = State.REFUSED, "It was not started."
    arrival.finished_at = timezone.now()
    arrival.options.pop("sample", None)
    arrival.save()
    trail.note(arrival.project, "case_import.discard", arrival, by=by)
    transaction.on_commit(lambda: forget_upload(arrival.pk))
    return arrival


def shown_name(filename) -> str:
    """A file's name without folders and control characters, short enough for a list."""
    name = str(filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in name if letter.isprintable())[-255:] or "cases"
