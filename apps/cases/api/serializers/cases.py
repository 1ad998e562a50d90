from rest_framework import serializers

from apps.projects.api.serializers import (
    KnownFieldsOnly,
    ProjectRelatedField,
    ProjectScopedSerializer,
    StorableDictField,
)

from ...estimates import LONGEST
from ...forms import MOST_NAMES
from ...links import MOST
from ...models import Case, Suite
from .people import MemberField
from .steps import CaseStepsField
from .suites import ClientKeyField
from .tags import TagNameField


class LinkSerializer(KnownFieldsOnly):
    title = serializers.CharField(required=False, allow_blank=True, default="")
    url = serializers.CharField(help_text="An http, https or mailto address.")


class RequirementSerializer(KnownFieldsOnly):
    name = serializers.CharField()
    url = serializers.CharField(required=False, allow_blank=True, default="")


class CaseSerializer(ProjectScopedSerializer):
    """`version` in a PATCH is the one that was read; 409 when somebody saved a later one since."""

    id = ClientKeyField()
    key = serializers.CharField(read_only=True)
    suite = ProjectRelatedField(Suite, slug_field="id", required=False, allow_null=True)
    suite_path = serializers.SerializerMethodField()
    owner = MemberField()
    estimate_seconds = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=LONGEST
    )
    links = LinkSerializer(many=True, required=False, max_length=MOST)
    requirements = RequirementSerializer(many=True, required=False, max_length=MOST)
    custom = StorableDictField(
        required=False,
        help_text=(
            "The values of the project's own fields by their names; in a change, all of them. "
            "People are named by their e-mail addresses."
        ),
    )
    aliases = serializers.ListField(
        child=serializers.CharField(), source="former_keys", required=False, max_length=MOST_NAMES
    )
    tags = serializers.ListField(child=TagNameField(), required=False, max_length=MOST_NAMES)
    steps = CaseStepsField(required=False)
    version = serializers.IntegerField(required=False, min_value=1)
    archived = serializers.BooleanField(source="is_archived", required=False)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = [
            "id", "number", "key", "title", "kind", "status", "priority", "severity", "owner",
            "estimate_seconds", "suite", "suite_path", "preconditions", "description", "links",
            "requirements", "custom", "automation_key", "aliases", "tags", "steps", "version",
            "archived", "created_at", "updated_at", "url",
        ]  # fmt: skip
        read_only_fields = ["number", "created_at", "updated_at"]

    def get_suite_path(self, case) -> str:
        return case.suite.path if case.suite else ""

    def get_url(self, case) -> str:
        return self.context["request"].build_absolute_uri(case.get_absolute_url())
