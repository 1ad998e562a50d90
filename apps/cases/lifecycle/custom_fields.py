from typing import Any

from django.db import connection, transaction

from apps.projects import trail
from apps.projects.locks import lock_project
from apps.projects.models import Project
from apps.projects.refusals import Refused, Unprocessable

from ..custom_fields import MOST_FIELDS, NAME_TAKEN, clean_value, hold_fields, members_at
from ..models import Case, CustomField
from .writing import known

FIELD_NAMES = {"name", "kind", "required", "options", "default", "position"}
MOST_OPTIONS, LONGEST_OPTION = 200, 200
WITH_OPTIONS = {CustomField.Kind.CHOICE, CustomField.Kind.CHOICES}

# Of one choice the value is a text, of several a list: both hold an option so.
CHOSEN = "jsonb_exists_any(custom -> %s, %s)"
RENAME = """
UPDATE cases_case SET custom = (custom - %(old)s) || jsonb_build_object(%(new)s, custom -> %(old)s)
WHERE project_id = %(project)s AND jsonb_exists(custom, %(old)s)
"""
FORGET = """
UPDATE cases_case SET custom = custom - %(old)s
WHERE project_id = %(project)s AND jsonb_exists(custom, %(old)s)
"""


@transaction.atomic
def create_custom_field(project: Project, *, by: Any, name: str, kind: str, **fields: Any) -> Any:
    """A further field of the project's cases, the last of them unless `position` says where.

    `fields`: required, options (texts in order, of the kinds with choices), default, position. The
    cases there are hold no value until somebody gives them one, a required one too.
    """
    lock_project(project)
    hold_fields(project)
    siblings = list(project.custom_fields.all())
    if len(siblings) >= MOST_FIELDS:
        raise Refused(f"A project has at most {MOST_FIELDS} custom fields.", code="too_many")
    place = fields.pop("position", len(siblings) + 1)
    field = CustomField(project=project, name=name, kind=kind, **known(fields, FIELD_NAMES))
    _check(field, siblings)
    field.save(force_insert=True)
    _place(field, siblings, place)
    trail.note(project, "field.create", field, by=by, after=_told(field))
    return field


@transaction.atomic
def change_custom_field(field: Any, *, by: Any, **changes: Any) -> Any:
    """Rename a field, change what it offers or asks for, or move it to another place.

    A new name is written into the values of all cases. Raises Refused where a case holds an option
    that is not offered any more, and for another kind while cases hold values, naming how many.
    """
    project = field.project
    lock_project(project)
    hold_fields(project)
    siblings = list(project.custom_fields.all())
    field = next((one for one in siblings if one.pk == field.pk), None)
    if field is None:
        raise Refused("The field has been deleted meanwhile.", code="gone")
    siblings.remove(field)
    before = _told(field)
    place = changes.pop("position", None)
    former = CustomField(name=field.name, kind=field.kind, options=field.options)
    for name, value in known(changes, FIELD_NAMES).items():
        setattr(field, name, value)
    _check(field, siblings)
    _require_unused(project, former, field)
    field.save(update_fields=["name", "kind", "required", "options", "default"])
    if field.name != former.name:
        _write(RENAME, project, old=former.name, new=field.name)
    if place is not None:
        _place(field, siblings, place)
    after = _told(field)
    names = [name for name in after if before[name] != after[name]]
    if names:
        trail.note(
            project, "field.change", field, by=by,
            before={name: before[name] for name in names},
            after={name: after[name] for name in names},
        )  # fmt: skip
    return field


@transaction.atomic
def delete_custom_field(field: Any, *, by: Any) -> int:
    """Remove a field, and its value from all cases; returns how many held one.

    The versions of the cases keep what they said.
    """
    project = field.project
    lock_project(project)
    hold_fields(project)
    locked = project.custom_fields.filter(pk=field.pk).first()
    if locked is None:
        raise Refused("The field has been deleted meanwhile.", code="gone")
    held = _write(FORGET, project, old=locked.name)
    trail.note(project, "field.delete", locked, by=by, before=_told(locked) | {"values": held})
    locked.delete()
    return held


def _check(field, siblings):
    """Cleans what the definition offers and begins with; raises Refused or Unprocessable."""
    if any(one.name.lower() == field.name.lower() for one in siblings):
        raise Refused(NAME_TAKEN, field="name", code="unique")
    field.options = _clean_options(field)
    if field.kind == CustomField.Kind.CHECKBOX and field.required:
        raise Unprocessable(
            "A check box is ticked or not; it cannot be required.", field="required", code="invalid"
        )
    people = {}
    if field.kind == CustomField.Kind.PERSON and isinstance(field.default, str):
        people = members_at(field.project, [field.default.strip()])
    try:
        field.default = clean_value(field, field.default, people)
    except ValueError as error:
        raise Unprocessable(str(error), field="default", code="invalid") from None


def _clean_options(field):
    options = list(dict.fromkeys(" ".join(option.split()) for option in field.options))
    options = [option for option in options if option]
    if field.kind not in WITH_OPTIONS:
        return []
    if not options:
        problem = "Name what may be chosen, one a line."
    elif len(options) > MOST_OPTIONS:
        problem = f"A field offers at most {MOST_OPTIONS} options, not {len(options):,}."
    elif long := [option for option in options if len(option) > LONGEST_OPTION]:
        problem = f"An option has at most {LONGEST_OPTION} letters: “{long[0][:60]}…” has more."
    elif len({option.casefold() for option in options}) < len(options):
        problem = "Two options differ only in capital letters."
    else:
        return options
    raise Unprocessable(problem, field="options", code="invalid")


def _require_unused(project, former, field):
    cases = Case.objects.filter(project=project)
    if former.kind != field.kind:
        held = cases.filter(custom__has_key=former.name).count()
        if held:
            raise Refused(
                f"{_cases(held)} a value of {former.name}, so it stays a field of the kind "
                f"“{former.get_kind_display()}”; make another field instead.",
                field="kind",
                code="in_use",
            )
    elif gone := [option for option in former.options if option not in field.options]:
        held = cases.extra(where=[CHOSEN], params=[former.name, gone]).count()
        if held:
            raise Refused(
                f"{_cases(held)} {' or '.join(gone[:5])}; give them another value first.",
                field="options",
                code="in_use",
            )


def _cases(count):
    return "1 case holds" if count == 1 else f"{count:,} cases hold"


def _place(field, siblings, place):
    """Number all fields anew, this one at its place, from 1."""
    at = min(max(place, 1), len(siblings) + 1) - 1
    rows = [*siblings[:at], field, *siblings[at:]]
    for position, row in enumerate(rows, 1):
        row.position = position
    CustomField.objects.bulk_update(rows, ["position"])


def _write(statement, project, **values):
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": project.pk, **values})
        return cursor.rowcount


def _told(field):
    return {name: getattr(field, name) for name in sorted(FIELD_NAMES)}
