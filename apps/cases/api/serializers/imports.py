from rest_framework import serializers

from apps.projects.api.serializers import KnownFieldsOnly, ProjectRelatedField

from ...formats import FORMATS
from ...formats.csvfile import DELIMITERS
from ...formats.encodings import ENCODINGS
from ...intake.uploads import STEP_WAYS, UNKNOWN
from ...models import Case, CaseImport, CaseImportRow, Suite

SHOWN_OPTIONS = [
    "encoding", "delimiter", "sheet", "sheets", "tool", "columns", "steps", "unknown", "separator",
    "suite", "status", "priority", "kind", "missing_fields",
]  # fmt: skip


class CaseFileSerializer(KnownFieldsOnly):
    """The multipart form: the file, and how it is to be read where it does not say so itself."""

    file = serializers.FileField()
    encoding = serializers.ChoiceField(choices=list(ENCODINGS), required=False)
    delimiter = serializers.ChoiceField(choices=list(DELIMITERS), required=False)
    sheet = serializers.CharField(required=False, max_length=100)


class CaseImportSerializer(serializers.ModelSerializer):
    """A file of cases. created + updated + unchanged + refused = rows_read."""

    format = serializers.ChoiceField(choices=list(FORMATS), read_only=True)
    options = serializers.SerializerMethodField()
    mapping = serializers.DictField(
        child=serializers.CharField(), read_only=True, help_text="{column: field}"
    )
    dry_run = serializers.BooleanField(source="is_dry_run", read_only=True)
    warnings = serializers.ListField(child=serializers.CharField(), read_only=True)
    created_by = serializers.CharField(read_only=True, allow_null=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = CaseImport
        fields = [
            "id", "filename", "size", "format", "options", "mapping", "dry_run", "state",
            "rows_total", "rows_read", "created", "updated", "unchanged", "refused", "warnings",
            "reason", "created_by", "created_at", "finished_at", "url",
        ]  # fmt: skip
        read_only_fields = fields

    def get_options(self, arrival) -> dict:
        return {name: arrival.options[name] for name in SHOWN_OPTIONS if arrival.options.get(name)}

    def get_url(self, arrival) -> str:
        return self.context["request"].build_absolute_uri(arrival.get_absolute_url())


class CaseImportStartSerializer(KnownFieldsOnly):
    """How the file is taken; what is left out is as it was found or guessed."""

    mapping = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=80),
        required=False,
        help_text="{column of the file: title, suite, steps, field.Browser …}",
    )
    dry_run = serializers.BooleanField(required=False, default=False)
    suite = ProjectRelatedField(
        Suite, slug_field="id", required=False, allow_null=True, help_text="All goes below it."
    )
    steps = serializers.ChoiceField(choices=list(STEP_WAYS), required=False)
    unknown = serializers.ChoiceField(choices=list(UNKNOWN), required=False)
    separator = serializers.CharField(required=False, max_length=5, trim_whitespace=False)
    status = serializers.ChoiceField(choices=Case.Status, required=False)
    priority = serializers.ChoiceField(choices=Case.Priority, required=False)
    kind = serializers.ChoiceField(choices=Case.Kind, required=False)
    encoding = serializers.ChoiceField(choices=list(ENCODINGS), required=False)
    delimiter = serializers.ChoiceField(choices=list(DELIMITERS), required=False)
    sheet = serializers.CharField(required=False, max_length=100)


class CaseImportRowSerializer(serializers.ModelSerializer):
    """What became of a row; `column` is where the reason lies, if in one alone."""

    case = serializers.SerializerMethodField()

    class Meta:
        model = CaseImportRow
        fields = ["row", "outcome", "case", "title", "column", "reason"]
        read_only_fields = fields

    def get_case(self, row) -> str | None:
        return f"{self.context['project'].key}-{row.case.number}" if row.case else None
