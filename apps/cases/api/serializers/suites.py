import uuid

from rest_framework import serializers

from apps.projects.api.serializers import (
    KnownFieldsOnly,
    ProjectRelatedField,
    ProjectScopedSerializer,
)

from ...models import BulkChange, Suite
from ...suites import NAME_TAKEN, WITHIN_ITSELF, is_name_taken
from ...tree import LONGEST_SUITE_NAME
from .people import MemberField


class ClientKeyField(serializers.UUIDField):
    """The key of a row, which a client may choose: a UUIDv7, so that rows still sort by time."""

    default_error_messages = {
        "not_v7": "Write a UUID of version 7, or leave the id out.",
        "fixed": "The id of a row never changes.",
        "unique": "This id is taken already.",
    }

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", "Of a new row as you like: a UUIDv7; 400 for one in use.")
        super().__init__(**kwargs)

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        row = self.parent.instance
        if row is not None and row.pk != value:
            self.fail("fixed")
        if row is None and (value.variant != uuid.RFC_4122 or value.version != 7):
            self.fail("not_v7")
        if row is None and self.parent.Meta.model.objects.filter(pk=value).exists():
            self.fail("unique")
        return value


class SuiteSerializer(ProjectScopedSerializer):
    """`position` is the place among the suites of one parent; `owner` an e-mail address."""

    id = ClientKeyField()
    parent = ProjectRelatedField(Suite, slug_field="id", required=False, allow_null=True)
    owner = MemberField()
    archived = serializers.BooleanField(source="is_archived", read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Suite
        fields = [
            "id", "name", "path", "parent", "description", "owner", "position", "execution_order",
            "timeout_seconds", "parallel_safe", "prerequisites", "archived", "created_at", "url",
        ]  # fmt: skip
        read_only_fields = ["path", "created_at"]

    def validate(self, attrs):
        suite = self.instance
        name = attrs.get("name", suite and suite.name)
        parent = attrs.get("parent", suite and suite.parent)
        if suite and parent == suite:
            raise serializers.ValidationError({"parent": [WITHIN_ITSELF]}, code="cycle")
        if is_name_taken(self.context["project"], name, parent, but=suite and suite.pk):
            raise serializers.ValidationError({"name": [NAME_TAKEN]}, code="unique")
        return super().validate(attrs)

    def get_url(self, suite) -> str:
        return self.context["request"].build_absolute_uri(suite.get_absolute_url())


class SuiteMoveSerializer(KnownFieldsOnly):
    parent = ProjectRelatedField(
        Suite, slug_field="id", allow_null=True, help_text="Id of a suite, or null for the top."
    )
    before = ProjectRelatedField(
        Suite,
        slug_field="id",
        required=False,
        allow_null=True,
        default=None,
        help_text="Id of the suite there that it comes to stand before; null for the last place.",
    )


class SuiteCopySerializer(KnownFieldsOnly):
    name = serializers.CharField(
        required=False, max_length=LONGEST_SUITE_NAME, help_text="Without it “Cart (copy)”."
    )
    parent = ProjectRelatedField(
        Suite,
        slug_field="id",
        required=False,
        allow_null=True,
        help_text="Id of a suite, or null for the top; without it the copy lies beside its source.",
    )


class CopyProgressSerializer(serializers.ModelSerializer):
    """How far the job is that copies the cases of a suite."""

    class Meta:
        model = BulkChange
        fields = ["id", "state", "total", "done", "changed", "reason", "finished_at"]
        extra_kwargs = {
            "done": {"help_text": "Cases looked at."},
            "changed": {"help_text": "Cases that were copied."},
            "reason": {"help_text": "What was passed over, and why."},
        }


class SuiteCopiedSerializer(serializers.Serializer):
    suite = SuiteSerializer(help_text="The copy.")
    cases = serializers.IntegerField(help_text="How many cases are copied with it.")
    progress = CopyProgressSerializer(
        source="change", allow_null=True, help_text="null where all are copied already."
    )
