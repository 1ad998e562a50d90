from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.projects.api.serializers import (
    KnownFieldsOnly,
    ProjectRelatedField,
    StorableDictField,
)

from ...bulk.selecting import MOST
from ...bulk.telling import tell
from ...estimates import LONGEST
from ...models import BulkChange, BulkItem, Case, Suite
from .tags import TagNameField


class SettingSerializer(KnownFieldsOnly):
    """Fields that all the cases shall have; those not named stay as they are."""

    status = serializers.ChoiceField(choices=Case.Status.choices, required=False)
    kind = serializers.ChoiceField(choices=Case.Kind.choices, required=False)
    priority = serializers.ChoiceField(choices=Case.Priority.choices, required=False)
    severity = serializers.ChoiceField(choices=Case.Severity.choices, required=False)
    owner = serializers.EmailField(
        required=False, allow_null=True, help_text="A member's e-mail address; null for nobody."
    )
    estimate_seconds = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=LONGEST
    )

    custom = StorableDictField(
        required=False, help_text="{name of a custom field: value}; null takes the value away."
    )

    def validate_owner(self, owner):
        return owner or ""


class CopyToSerializer(KnownFieldsOnly):
    project = serializers.CharField(max_length=10, help_text="Key of a project you may edit.")
    suite = serializers.UUIDField(required=False, allow_null=True, default=None)


class ChangeRequestSerializer(KnownFieldsOnly):
    """The cases by their keys or by a query, and what shall change; copying and archiving alone."""

    cases = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=MOST
    )
    q = serializers.CharField(
        required=False, max_length=1000, help_text="A query, evaluated at this moment."
    )
    set = SettingSerializer(required=False)
    add_tags = serializers.ListField(child=TagNameField(), required=False, max_length=50)
    remove_tags = serializers.ListField(child=TagNameField(), required=False, max_length=50)
    move_to = ProjectRelatedField(
        Suite,
        slug_field="id",
        required=False,
        allow_null=True,
        help_text="Id of a suite; null for outside every suite.",
    )
    copy_to = CopyToSerializer(required=False)
    archive = serializers.BooleanField(
        required=False, help_text="true archives the cases, false restores them."
    )

    def validate(self, attrs):
        if ("cases" in attrs) == ("q" in attrs):
            raise serializers.ValidationError("Send either cases or q.", code="either")
        return attrs


class LeftSerializer(serializers.Serializer):
    case = serializers.CharField(source="case.key")
    outcome = serializers.ChoiceField(choices=BulkItem.Outcome)
    reason = serializers.CharField(source="get_outcome_display")


class ChangeSerializer(serializers.ModelSerializer):
    """`outcomes` counts cases by what became of each; `left` names the first hundred left out."""

    outcomes = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField()
    created_by = serializers.SerializerMethodField()
    undo_until = serializers.DateTimeField(allow_null=True, read_only=True)
    said = serializers.CharField(read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = BulkChange
        fields = [
            "id", "verb", "said", "state", "total", "done", "changed", "outcomes", "left", "reason",
            "created_by", "created_at", "finished_at", "undo_until", "undone_at", "url",
        ]  # fmt: skip

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
    def get_outcomes(self, change):
        return self._told(change).counts

    @extend_schema_field(LeftSerializer(many=True))
    def get_left(self, change):
        return LeftSerializer(self._told(change).left, many=True).data

    def get_created_by(self, change) -> str:
        return str(change.created_by) if change.created_by else ""

    def get_url(self, change) -> str:
        address = reverse("api:bulk-change", args=[change.project.key, change.pk])
        return self.context["request"].build_absolute_uri(address)

    def _told(self, change):
        if not hasattr(self, "_what"):
            self._what = tell(change)
        return self._what
