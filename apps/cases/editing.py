"""The form of a case and of its steps, and what a second saver is shown."""

from dataclasses import dataclass, field

from apps.projects.refusals import Refused

from . import lifecycle
from .content import Difference, content_of, differences
from .forms import CaseForm
from .models import Case
from .step_forms import BLANK_STEPS, step_formset, with_more

AGAIN = {"add_steps", "add_shared", "restore"}
"""Buttons that ask for the form again: with more steps, without script; or with kept text."""


@dataclass
class Editor:
    """A form and its steps as the page shows them; after a conflict, also what others changed."""

    form: CaseForm
    steps: object
    conflict: str = ""
    theirs: list[Difference] = field(default_factory=list)
    both: set[str] = field(default_factory=set)


def open_editor(project, case=None, *, initial=None, steps=(), blank=BLANK_STEPS) -> Editor:
    """The form of a case as it is, of a new one, or of the values given."""
    if case is not None and initial is None:
        initial, steps = _values(case), content_of(case)["steps"]
    form = CaseForm(project=project, instance=case or Case(), initial=initial)
    return Editor(form, step_formset(project, steps=steps, blank=blank))


def save(project, data, *, by, case=None):
    """Carry out what was typed: (the case, None), or (None, the editor to show again)."""
    instance = Case.objects.get(pk=case.pk) if case else Case()
    form = CaseForm(data, project=project, instance=instance)
    steps = step_formset(project, data)
    fits = [form.is_valid(), steps.is_valid()]
    if AGAIN & set(data):
        return None, _typed_again(project, case, data, form, steps)
    if not all(fits):
        return None, Editor(form, steps)
    said = {name: _one_newline(value) for name, value in form.cleaned_data.items()}
    said["steps"] = [
        {name: _one_newline(text) for name, text in step.items()} for step in steps.steps()
    ]
    version = said.pop("version")
    try:
        if case is None:
            return lifecycle.create_case(project, by=by, **said), None
        return lifecycle.change_case(case, by=by, version=version, **said), None
    except lifecycle.EditedMeanwhile as refusal:
        return None, _merged(project, case, said, version, str(refusal))
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None, Editor(form, steps)


def _values(case):
    return {
        **{name: getattr(case, name) for name in CaseForm.Meta.fields},
        "tags": case.tags,
        "aliases": case.former_keys,
        "custom": case.custom,
        "version": case.version,
    }


def _typed_again(project, case, data, form, steps):
    """What was typed stays, nothing is saved, and there are more steps."""
    editor = open_editor(project, case, initial=form.typed())
    editor.steps = with_more(project, data, steps)
    return editor


def _merged(project, case, said, version, sentence):
    """Theirs where I changed nothing, mine where I did; nothing is saved before I save again."""
    case = project.cases.with_content().get(pk=case.pk)
    current, mine = content_of(case), _as_content(said)
    opened = case.versions.filter(number=version).first()
    base = opened.content if opened else current
    theirs = differences(base, current)
    by_me = {_part(change) for change in differences(base, mine)}
    values = _values(case)
    for name, _ in by_me:
        if name not in ("steps", "custom"):
            values[name] = said[name]
    values["custom"] = _merged_values(base, current, mine)
    editor = open_editor(
        project,
        case,
        initial=values,
        steps=said["steps"] if ("steps", "") in by_me else current["steps"],
    )
    editor.conflict, editor.theirs = sentence, theirs
    still = {_part(change) for change in differences(mine, current)}
    editor.both = {
        change.label for change in theirs if _part(change) in by_me and _part(change) in still
    }
    return editor


def _part(change):
    """What is merged as a whole: a field of the case, all its steps, one of the project's own."""
    return change.name, change.label if change.name == "custom" else ""


def _merged_values(base, current, mine):
    """The values of the project's own fields: mine where I changed them, else theirs."""
    base, current, mine = (content.get("custom", {}) for content in (base, current, mine))
    names = {*current, *mine}
    merged = {
        name: (mine if mine.get(name) != base.get(name) else current).get(name) for name in names
    }
    return {name: value for name, value in merged.items() if value is not None}


def _one_newline(value):
    """Browsers send two characters for the end of a line; texts are kept with one."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _as_content(said):
    suite, owner = said["suite"], said["owner"]
    return {
        **said,
        "suite": suite.path if suite else "",
        "owner": owner.email if owner else "",
    }
