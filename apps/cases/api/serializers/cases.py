from rest_framework import serializers

from apps.projects.api.serializers import (
    ProjectRelatedField,
    ProjectScopedSerializer,
)

from ...forms import MOST_NAMES
from ...models import Case, Suite
from .steps import CaseStepsField
from .suites import ClientKeyField


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
    steps = CaseStepsField(required=False)
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
