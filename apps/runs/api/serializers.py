from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.cases.models import Case, Suite
from apps.projects.api.serializers import (
    ProjectRelatedField,
    ProjectScopedSerializer,
    StorableDictField,
)

from ..models import Run
from ..shards import MOST_SHARDS


class CountsSerializer(serializers.Serializer):
    """passed + failed + error + skipped + blocked + pending = total; flaky is within passed."""

    total = serializers.IntegerField()
    passed = serializers.IntegerField()
    failed = serializers.IntegerField()
    error = serializers.IntegerField()
    skipped = serializers.IntegerField()
    blocked = serializers.IntegerField()
    pending = serializers.IntegerField()
    flaky = serializers.IntegerField()


class RunSerializer(ProjectScopedSerializer):
    suite = ProjectRelatedField(Suite, slug_field="id", required=False, allow_null=True)
    environment = serializers.CharField(
        source="environment.name",
        required=False,
        allow_blank=True,
        max_length=60,
        help_text="local when it is left out; production is prod.",
    )
    counts = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    configuration = StorableDictField(child=serializers.JSONField(), required=False)
    tags = StorableDictField(child=serializers.CharField(), required=False)

    class Meta:
        model = Run
        fields = [
            "id",
            "number",
            "name",
            "kind",
            "state",
            "verdict",
            "status",
            "suite",
            "environment",
            "triggered_by",
            "run_key",
            "branch",
            "commit",
            "ci_url",
            "configuration",
            "tags",
            "shards",
            "counts",
            "new_failures",
            "seq",
            "created_at",
            "started_at",
            "finished_at",
            "duration_ms",
            "url",
        ]
        read_only_fields = [
            "number",
            "state",
            "verdict",
            "triggered_by",
            "shards",
            "new_failures",
            "seq",
            "created_at",
            "started_at",
            "finished_at",
            "duration_ms",
        ]
        extra_kwargs = {"status": {"read_only": True}}

    @extend_schema_field(CountsSerializer)
    def get_counts(self, run):
        return run.counts

    def get_url(self, run) -> str:
        return self.context["request"].build_absolute_uri(run.get_absolute_url())


class NewRunSerializer(RunSerializer):
    """`cases` (WEB-12 or 12) are queued; a manual run without them takes its suite's."""

    cases = serializers.ListField(
        child=serializers.CharField(max_length=30), required=False, write_only=True
    )

    shards = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST_SHARDS,
        help_text="How many CI shards will come; while one is missing the run is partial.",
    )

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "cases"]

    def validate_cases(self, keys):
        project = self.context["project"]
        numbers = {self._number(project, key) for key in keys}
        cases = list(Case.objects.filter(project=project, number__in=numbers - {None}))
        if None in numbers or len(cases) < len(numbers):
            known = {case.number for case in cases}
            strange = [key for key in keys if self._number(project, key) not in known]
            raise serializers.ValidationError(
                f"{project.key} has no case {', '.join(strange[:5])}.", code="does_not_exist"
            )
        return cases

    @staticmethod
    def _number(project, key):
        number = key.removeprefix(f"{project.key}-")
        return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None


class ChangedRunSerializer(RunSerializer):
    """What may be changed once a run is there."""

    class Meta(RunSerializer.Meta):
        read_only_fields = [*RunSerializer.Meta.read_only_fields, "kind", "suite"]
