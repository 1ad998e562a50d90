import uuid

from rest_framework import serializers

from apps.projects.api.serializers import ProjectRelatedField, ProjectScopedSerializer

from ...models import Suite


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
