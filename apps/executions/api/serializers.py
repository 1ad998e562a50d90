from rest_framework import serializers

from apps.projects.api.serializers import KnownFieldsOnly
from apps.runs.api.serializers import CountsSerializer

from ..models import KNOWN_VERDICTS, LONGEST_NOTE, Attempt, Evaluation, Execution


class ExecutionSerializer(serializers.ModelSerializer):
    """An execution in a list; the single one tells trace, output, tries, evaluations and files."""

    case = serializers.CharField(source="case.key", read_only=True)
    variant = serializers.CharField(source="variant_label", read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Execution
        fields = [
            "id",
            "case",
            "case_version",
            "title",
            "variant",
            "parameters",
            "state",
            "verdict",
            "status",
            "flaky",
            "new_failure",
            "first_seen",
            "attempt",
            "tries",
            "shard",
            "duration_ms",
            "started_at",
            "finished_at",
            "message",
            "note",
            "actual_result",
            "seq",
            "url",
        ]
        read_only_fields = fields

    def get_url(self, execution) -> str:
        return self.context["request"].build_absolute_uri(execution.get_absolute_url())


class AttemptSerializer(serializers.ModelSerializer):
    class Meta:
        model = Attempt
        fields = ["number", "verdict", "duration_ms", "started_at", "message", "trace", "output"]


class EvaluationSerializer(serializers.ModelSerializer):
    by = serializers.CharField(source="created_by", read_only=True, allow_null=True)

    class Meta:
        model = Evaluation
        fields = ["kind", "verdict", "score", "reason", "note", "by", "created_at"]


class ExecutionFileSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="artifact.id")
    name = serializers.CharField(source="artifact.name")
    content_type = serializers.CharField(source="artifact.content_type")
    size = serializers.IntegerField(source="artifact.size")


class ExecutionDetailSerializer(ExecutionSerializer):
    attempts = AttemptSerializer(many=True, source="attempts.all", read_only=True)
    evaluations = EvaluationSerializer(many=True, source="evaluations.all", read_only=True)
    artifacts = ExecutionFileSerializer(many=True, source="executionartifacts.all", read_only=True)

    class Meta(ExecutionSerializer.Meta):
        fields = [
            *ExecutionSerializer.Meta.fields,
            "trace",
            "output",
            "properties",
            "attempts",
            "evaluations",
            "artifacts",
        ]
        read_only_fields = fields


class VerdictSerializer(KnownFieldsOnly):
    """A verdict by hand; what is left out of note and actual_result stays as it is."""

    verdict = serializers.ChoiceField(choices=KNOWN_VERDICTS, required=False)
    status = serializers.ChoiceField(
        choices=KNOWN_VERDICTS, required=False, help_text="Another name of verdict."
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NOTE)
    actual_result = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NOTE)

    def validate(self, attrs):
        if "verdict" not in attrs and "status" in attrs:
            attrs["verdict"] = attrs["status"]
        if "verdict" not in attrs:
            raise serializers.ValidationError({"verdict": "Say which verdict."}, code="required")
        return attrs


class ReceiptRunSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    url = serializers.URLField()
    status = serializers.CharField()
    verdict = serializers.CharField()
    counts = CountsSerializer()
    new_failures = serializers.IntegerField()


class RefusedItemSerializer(serializers.Serializer):
    index = serializers.IntegerField(required=False)
    line = serializers.IntegerField(required=False)
    reason = serializers.CharField()


class ReceiptSerializer(serializers.Serializer):
    """received = stored + attempts + repeated + the number of refused."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["queued", "reading", "done", "refused"])
    run = ReceiptRunSerializer(allow_null=True)
    received = serializers.IntegerField(help_text="testcase elements, or items of the list")
    stored = serializers.IntegerField(help_text="executions that got their verdict from here")
    attempts = serializers.IntegerField(help_text="earlier tries kept beneath an execution")
    matched = serializers.IntegerField()
    created_cases = serializers.IntegerField()
    ambiguous = serializers.IntegerField()
    repeated = serializers.IntegerField()
    refused = RefusedItemSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    repaired = serializers.IntegerField()
    suite_errors = serializers.IntegerField(
        help_text="errors of suites outside of any test, which keep the run from passing"
    )
    repeated_import = serializers.BooleanField()
    filename = serializers.CharField()
    bytes_read = serializers.IntegerField()
    bytes_total = serializers.IntegerField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)
    url = serializers.URLField()


class ImportFormSerializer(serializers.Serializer):
    """The multipart form of an import; every field but file may be left out."""

    file = serializers.FileField()
    run = serializers.IntegerField(required=False)
    run_key = serializers.CharField(required=False)
    name = serializers.CharField(required=False)
    environment = serializers.CharField(required=False)
    branch = serializers.CharField(required=False)
    commit = serializers.CharField(required=False)
    ci_url = serializers.URLField(required=False)
    shard = serializers.CharField(required=False, help_text="3/8")
    attempt = serializers.IntegerField(required=False)
    configuration = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="browser=firefox"
    )
    repeats = serializers.ChoiceField(choices=["instances", "tries"], required=False)
    tag = serializers.ListField(child=serializers.CharField(), required=False)
    new = serializers.CharField(required=False, help_text="1 reads the same file again")


class BatchItemSerializer(serializers.Serializer):
    name = serializers.CharField()
    suite = serializers.CharField(required=False)
    case = serializers.CharField(required=False, help_text="WEB-12")
    status = serializers.ChoiceField(choices=KNOWN_VERDICTS)
    duration_ms = serializers.IntegerField(required=False, allow_null=True)
    started_at = serializers.DateTimeField(required=False, allow_null=True)
    message = serializers.CharField(required=False)
    trace = serializers.CharField(required=False)
    output = serializers.CharField(required=False)
    parameters = serializers.DictField(required=False)
    attempt = serializers.IntegerField(required=False)
    properties = serializers.DictField(required=False)


class ChangesSerializer(serializers.Serializer):
    """Executions whose seq is above `since`, in the order of seq, and the run's counters."""

    seq = serializers.IntegerField()
    counts = CountsSerializer()
    status = serializers.CharField()
    new_failures = serializers.IntegerField()
    results = ExecutionSerializer(many=True)
    next = serializers.URLField(allow_null=True)
