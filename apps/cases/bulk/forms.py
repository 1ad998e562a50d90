"""What a person may ask of the cases that they selected: a form for each thing to do."""

from django import forms
from django.core.exceptions import PermissionDenied
from guardian.shortcuts import get_objects_for_user

from apps.projects.door import open_to
from apps.projects.forms import BoundedChoiceField
from apps.projects.models import Project
from apps.projects.permissions import EDIT
from apps.projects.refusals import Refused

from ..estimates import parse_estimate
from ..form_fields import PlainSelect
from ..forms import TagsField
from ..models import Case, CustomField
from ..owners import OwnerField
from ..suites import SuiteField
from .custom import checked_values
from .selecting import open_target
from .wanted import Wanted, sentence

STAYS = "Leave as it is"


class AskForm(forms.Form):
    """`wanted` is what the form asks for; `title`, `label` and `symbol` are for its page."""

    title = label = symbol = ""
    text = ""

    def __init__(self, data=None, *, project, user):
        super().__init__(data)
        self.project, self.user = project, user
        self.scope()

    def scope(self):
        """Narrow the choices to the project and the person."""

    def wanted(self) -> Wanted:
        raise NotImplementedError


class MoveForm(AskForm):
    title, label, symbol = "Move to a suite", "Move", "cases"
    suite = SuiteField(
        label="Suite", required=False, nowhere="Outside every suite", help_text="Its path."
    )

    def scope(self):
        self.fields["suite"].offer(self.project)

    def wanted(self):
        suite = self.cleaned_data["suite"]
        wanted = Wanted(moves=True, suite=str(suite.pk) if suite else None)
        wanted.said = sentence(wanted, place=suite.path if suite else "")
        return wanted


class TagForm(AskForm):
    title, label, symbol = "Tags", "Change tags", "tag"
    add_tags = TagsField(label="Add", required=False, help_text="With commas between them.")
    remove_tags = TagsField(label="Take away", required=False)

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not (cleaned["add_tags"] or cleaned["remove_tags"]):
            raise forms.ValidationError("Name a tag to add or to take away.")
        return cleaned

    def wanted(self):
        wanted = Wanted(**{name: self.cleaned_data[name] for name in ("add_tags", "remove_tags")})
        wanted.said = sentence(wanted)
        return wanted


class PriorityForm(AskForm):
    title, label, symbol = "Priority", "Set the priority", "flag"
    priority = forms.ChoiceField(choices=Case.Priority, initial=Case.Priority.P2)

    def wanted(self):
        wanted = Wanted(set={"priority": self.cleaned_data["priority"]})
        wanted.said = sentence(wanted)
        return wanted


def left_or(choices):
    return forms.ChoiceField(
        choices=[("", STAYS), *choices.choices], required=False, widget=PlainSelect
    )


class FieldsForm(AskForm):
    """What is left empty stays; what is to say nothing is ticked under “Empty”."""

    title, label, symbol = "Set fields", "Set the fields", "pencil"
    status = left_or(Case.Status)
    priority = left_or(Case.Priority)
    severity = left_or(Case.Severity)
    kind = left_or(Case.Kind)
    owner = OwnerField(empty_label=STAYS)
    estimate = forms.CharField(required=False, max_length=40, help_text="Such as 1h 30m or 45m.")
    empty = forms.MultipleChoiceField(
        label="Empty", required=False, widget=forms.CheckboxSelectMultiple
    )

    PLAIN = ("status", "priority", "severity", "kind")

    def scope(self):
        self.fields["owner"].offer(self.project)
        self.customs = list(self.project.custom_fields.all())
        for field in self.customs:
            self.fields[f"custom-{field.pk}"] = _input_of(field)
        self.fields["empty"].choices = [
            ("owner", "Owner"),
            ("estimate", "Estimate"),
            *((str(field.pk), field.name) for field in self.customs if not field.required),
        ]
        self.order_fields([name for name in self.fields if name != "empty"])

    def clean_estimate(self):
        try:
            return parse_estimate(self.cleaned_data["estimate"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        said = {name: cleaned[name] for name in self.PLAIN if cleaned[name]}
        if cleaned["owner"] or "owner" in cleaned["empty"]:
            said["owner"] = cleaned["owner"].email if cleaned["owner"] else ""
        if cleaned["estimate"] is not None or "estimate" in cleaned["empty"]:
            said["estimate_seconds"] = cleaned["estimate"]
        if custom := self._custom(cleaned):
            said["custom"] = custom
        if not said:
            raise forms.ValidationError("Say what shall change; every field is left as it is.")
        cleaned["set"] = said
        return cleaned

    def _custom(self, cleaned):
        values = {}
        for field in self.customs:
            if value := cleaned[f"custom-{field.pk}"]:
                values[field.name] = value
            elif str(field.pk) in cleaned["empty"]:
                values[field.name] = None
        try:
            return checked_values(self.project, values) if values else {}
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def wanted(self):
        wanted = Wanted(set=self.cleaned_data["set"])
        wanted.said = sentence(wanted)
        return wanted


def _input_of(field):
    kind = CustomField.Kind
    if field.kind in (kind.CHOICE, kind.CHECKBOX):
        options = field.options if field.kind == kind.CHOICE else ["yes", "no"]
        choices = [("", STAYS), *((option, option) for option in options)]
        return forms.ChoiceField(
            label=field.name, choices=choices, required=False, widget=PlainSelect
        )
    help_text = {
        kind.CHOICES: f"Of {', '.join(field.options)}; with commas between them.",
        kind.PERSON: "The e-mail address of a member.",
        kind.DATE: "Year, month and day: 2026-11-30.",
    }.get(field.kind, "")
    return forms.CharField(label=field.name, required=False, max_length=20_000, help_text=help_text)


class CopyForm(AskForm):
    title, label, symbol = "Copy to a project", "Copy", "copy"
    text = "Steps, tags and attachments come along; results, comments and history stay here."
    project_to = BoundedChoiceField(
        label="Project", queryset=None, to_field_name="key", empty_label=None
    )
    suite = forms.CharField(
        label="Suite there", required=False, max_length=10_000,
        help_text="Its path; empty puts the copies outside every suite.",
    )  # fmt: skip

    def scope(self):
        writable = get_objects_for_user(
            self.user,
            f"projects.{EDIT}",
            Project.objects.filter(archived_at=None, deleted_at=None),
            accept_global_perms=False,
            with_superuser=False,
        )
        self.fields["project_to"].queryset = writable.filter(open_to(self.user)).order_by("key")
        self.fields["project_to"].initial = self.project.key

    def clean(self):
        cleaned = super().clean()
        if "project_to" not in cleaned:
            return cleaned
        try:
            target = open_target(self.user, cleaned["project_to"].key)
        except (Refused, PermissionDenied) as refusal:
            raise forms.ValidationError(str(refusal)) from None
        found = SuiteField(nowhere="", required=False)
        found.offer(target)
        try:
            cleaned["suite"] = found.clean(cleaned.get("suite", ""))
        except forms.ValidationError as error:
            self.add_error("suite", error)
        return cleaned

    def wanted(self):
        target, suite = self.cleaned_data["project_to"], self.cleaned_data["suite"]
        wanted = Wanted(copy_to=target.pk, suite=str(suite.pk) if suite else None)
        shown = target.key if target == self.project else "another project"
        wanted.said = sentence(wanted, project=shown)
        return wanted


class ArchiveForm(AskForm):
    title, label, symbol = "Archive", "Archive", "trash"
    text = "Archived cases are out of use; their results and versions stay."
    archive = True

    def wanted(self):
        wanted = Wanted(archive=self.archive)
        wanted.said = sentence(wanted)
        return wanted


class RestoreForm(ArchiveForm):
    title, label, symbol = "Restore", "Restore", "rerun"
    text = "Archived cases come back into use."
    archive = False


FORMS = {
    "set": FieldsForm,
    "priority": PriorityForm,
    "tag": TagForm,
    "move": MoveForm,
    "copy": CopyForm,
    "archive": ArchiveForm,
    "restore": RestoreForm,
}
