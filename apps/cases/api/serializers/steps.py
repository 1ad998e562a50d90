from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from apps.projects.api.serializers import KnownFieldsOnly, ProjectScopedSerializer

from ...content import MOST_STEPS, step_content
from ...models import SharedSteps


class StepSerializer(KnownFieldsOnly):
    action = serializers.CharField()
    expected = serializers.CharField(required=False, allow_blank=True, default="")
    data = serializers.CharField(required=False, allow_blank=True, default="")


class SharedUseSerializer(KnownFieldsOnly):
    """Shared steps in place of a step: their id is written, and what they say is read with it."""

    shared = serializers.UUIDField()
    title = serializers.CharField(read_only=True)
    steps = StepSerializer(many=True, read_only=True)


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="CaseStep",
        serializers=[StepSerializer, SharedUseSerializer],
        resource_type_field_name=None,
    )
)
class CaseStepField(serializers.Field):
    """{"action", "expected", "data"}, or {"shared": id}; a row of a case or a step of a version."""

    default_error_messages = {"invalid": "Write an object with action, or with shared."}

    def to_internal_value(self, data):
        if not isinstance(data, dict):
            self.fail("invalid")
        kind = SharedUseSerializer if "shared" in data else StepSerializer
        serializer = kind(data=data, context=self.context)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def to_representation(self, step):
        return step if isinstance(step, dict) else step_content(step)


class CaseStepsField(serializers.ListField):
    """The steps of a case; shared ones are of its project."""

    child = CaseStepField()
    default_error_messages = {"unknown": "The project has no such shared steps: {id}."}

    def __init__(self, **kwargs):
        super().__init__(**{"max_length": MOST_STEPS, **kwargs})

    def to_internal_value(self, data):
        steps = super().to_internal_value(data)
        wanted = {step["shared"] for step in steps if "shared" in step}
        if wanted:
            rows = SharedSteps.objects.filter(project=self.context["project"], pk__in=wanted)
            if unknown := wanted - set(rows.values_list("pk", flat=True)):
                self.fail("unknown", id=min(unknown))
        return steps

    def to_representation(self, data):
        rows = data.all() if hasattr(data, "all") else data
        return [self.child.to_representation(step) for step in rows]


class SharedStepsSerializer(ProjectScopedSerializer):
    """`version` in a PATCH is the one that was read; 409 when somebody saved a later one since."""

    steps = StepSerializer(many=True, min_length=1, max_length=MOST_STEPS)
    version = serializers.IntegerField(required=False, min_value=1)
    uses = serializers.IntegerField(read_only=True, help_text="Cases that have them.")
    url = serializers.SerializerMethodField()

    class Meta:
        model = SharedSteps
        fields = ["id", "title", "steps", "version", "uses", "created_at", "updated_at", "url"]
        read_only_fields = ["id", "created_at", "updated_at"]

    def validate_title(self, title):
        return " ".join(title.split())

    def get_url(self, shared) -> str:
        return self.context["request"].build_absolute_uri(shared.get_absolute_url())
