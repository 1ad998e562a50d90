from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.projects.api.serializers import KnownFieldsOnly, ProjectRelatedField
from apps.runs.models import Run

from ..formats import document
from ..models import Report


class ResultsSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    passed = serializers.IntegerField()
    failed = serializers.IntegerField()
    skipped = serializers.IntegerField()
    error = serializers.IntegerField()
    blocked = serializers.IntegerField()
    pending = serializers.IntegerField()
    flaky = serializers.IntegerField()
    success_rate = serializers.CharField(allow_null=True, help_text="passed / (total - skipped)")


class PerformanceSerializer(serializers.Serializer):
    avg = serializers.CharField(allow_null=True, help_text="e.g. 126 ms")
    slowest = serializers.CharField(allow_null=True, help_text="e.g. name (1.2 s)")
    fastest = serializers.CharField(allow_null=True)


class FailureSerializer(serializers.Serializer):
    test = serializers.CharField()
    error = serializers.CharField()
    remediation = serializers.CharField(allow_null=True)
    run = serializers.CharField(required=False, help_text="In a report of several runs.")


class ReportedRunSerializer(serializers.Serializer):
    run = serializers.CharField(help_text="e.g. WEB-45")
    name = serializers.CharField()
    status = serializers.CharField()
    environment = serializers.CharField()
    database = serializers.CharField(allow_null=True)
    execution_time = serializers.CharField(allow_null=True)
    results = ResultsSerializer()


class ReportedExecutionSerializer(serializers.Serializer):
    test = serializers.CharField()
    case = serializers.CharField()
    run = serializers.CharField()
    status = serializers.CharField()
    duration_ms = serializers.IntegerField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    flaky = serializers.BooleanField()
    new_failure = serializers.BooleanField()
    error = serializers.CharField(allow_null=True)
    remediation = serializers.CharField(allow_null=True)


class DocumentSerializer(serializers.Serializer):
    """The report itself, as ?format=json answers it."""

    session_id = serializers.CharField(help_text="WEB-45, or WEB-45..52 for a range of runs.")
    execution_time = serializers.CharField(allow_null=True, help_text="e.g. 2m 34s")
    environment = serializers.CharField(allow_null=True)
    database = serializers.CharField(allow_null=True, help_text="configuration.database")
    results = ResultsSerializer()
    performance = PerformanceSerializer()
    runs = ReportedRunSerializer(many=True, required=False, help_text="Of a range of runs.")
    failures = FailureSerializer(many=True)
    truncated = serializers.IntegerField(
        required=False, help_text="How many failures past 10,000 are not listed."
    )
    executions = ReportedExecutionSerializer(
        many=True, required=False, help_text="Of a detailed report, in ?format=json."
    )


class ReportSerializer(serializers.ModelSerializer):
    first_run = serializers.IntegerField(source="first_number")
    last_run = serializers.IntegerField(source="last_number")
    outdated = serializers.BooleanField(help_text="Older than the last change of its runs.")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Report
        fields = [
            "id",
            "number",
            "title",
            "detail",
            "first_run",
            "last_run",
            "outdated",
            "created_at",
            "made_at",
            "url",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, report):
        return self.context["request"].build_absolute_uri(report.get_absolute_url())


class ReportWithContentSerializer(ReportSerializer):
    content = serializers.SerializerMethodField()

    class Meta(ReportSerializer.Meta):
        fields = [*ReportSerializer.Meta.fields, "content"]
        read_only_fields = fields

    @extend_schema_field(DocumentSerializer)
    def get_content(self, report):
        return document(report)


class NewReportSerializer(KnownFieldsOnly):
    """Either `run`, or `first_run` and `last_run`: numbers of runs."""

    run = ProjectRelatedField(Run, slug_field="number", required=False)
    first_run = ProjectRelatedField(Run, slug_field="number", required=False)
    last_run = ProjectRelatedField(Run, slug_field="number", required=False)
    detail = serializers.ChoiceField(Report.Detail.choices, default=Report.Detail.SUMMARY)
    title = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")

    def validate(self, attrs):
        run = attrs.pop("run", None)
        if run is not None and attrs.keys() & {"first_run", "last_run"}:
            raise serializers.ValidationError("Name either a run or the first and the last one.")
        attrs.setdefault("first_run", run)
        if attrs["first_run"] is None:
            raise serializers.ValidationError({"run": "Name the run, or first_run and last_run."})
        last = attrs.setdefault("last_run", attrs["first_run"])
        if last.number < attrs["first_run"].number:
            raise serializers.ValidationError({"last_run": "It comes before the first run."})
        return attrs
