import uuid

from rest_framework import serializers

from apps.projects.api.serializers import (
    KnownFieldsOnly,
    ProjectRelatedField,
    ProjectScopedSerializer,
)

from ..forms import MOST_NAMES, MOST_STEPS
from ..models import Case, CaseVersion, Suite


class ClientKeyField(serializers.UUIDField):
    """The key of a row, which a client may choose: a UUIDv7, so that rows still sort by time."""

    default_error_messages = {
        "not_v7": "Write a UUID of version 7, or leave the id out.",
        "fixed": "The id of a row never changes.",
        "unique": "This id is taken already.",
    }

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
    id = ClientKeyField(required=False)
    parent = ProjectRelatedField(Suite, slug_field="id", required=False, allow_null=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Suite
        fields = ["id", "name", "path", "parent", "description", "position", "created_at", "url"]
        read_only_fields = ["path", "created_at"]

    def get_url(self, suite) -> str:
        return self.context["request"].build_absolute_uri(suite.get_absolute_url())


class StepSerializer(KnownFieldsOnly):
    action = serializers.CharField()
    expected = serializers.CharField(required=False, allow_blank=True, default="")
    data = serializers.CharField(required=False, allow_blank=True, default="")


class CaseSerializer(ProjectScopedSerializer):
    """`version` in a PATCH is the one that was read; 409 when somebody saved a later one since."""

    id = ClientKeyField(required=False)
    key = serializers.CharField(read_only=True)
    suite = ProjectRelatedField(Suite, slug_field="id", required=False, allow_null=True)
    suite_path = serializers.SerializerMethodField()
    aliases = serializers.ListField(
        child=serializers.CharField(), source="former_keys", required=False, max_length=MOST_NAMES
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=MOST_NAMES
    )
    steps = StepSerializer(many=True, required=False, max_length=MOST_STEPS)
    version = serializers.IntegerField(required=False, min_value=1)
    archived = serializers.BooleanField(source="is_archived", required=False)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = [
            "id", "number", "key", "title", "kind", "status", "priority", "suite", "suite_path",
            "preconditions", "description", "automation_key", "aliases", "tags", "steps", "version",
            "archived", "created_at", "updated_at", "url",
        ]  # fmt: skip
        read_only_fields = ["number", "created_at", "updated_at"]

    def get_suite_path(self, case) -> str:
        return case.suite.path if case.suite else ""

    def get_url(self, case) -> str:
        return self.context["request"].build_absolute_uri(case.get_absolute_url())


class CaseContentSerializer(serializers.Serializer):
    """The keys of a version's content; `aliases` is there when the case had any."""

    title = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.CharField()
    priority = serializers.CharField()
    suite = serializers.CharField(help_text="Path, or empty.")
    preconditions = serializers.CharField()
    description = serializers.CharField()
    automation_key = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    steps = StepSerializer(many=True)
    aliases = serializers.ListField(child=serializers.CharField(), required=False)


class CaseVersionSerializer(serializers.ModelSerializer):
    content = CaseContentSerializer()
    created_by = serializers.SerializerMethodField()

    class Meta:
        model = CaseVersion
        fields = ["number", "content", "created_by", "created_at"]

    def get_created_by(self, version) -> str:
        return str(version.created_by) if version.created_by else ""
