from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.projects.api.serializers import ProjectScopedSerializer, StorableDictField

from ...custom_fields import NAME_TAKEN, is_name_taken
from ...models import CustomField


@extend_schema_field(
    {"type": ["string", "number", "boolean", "array"], "items": {"type": "string"}}
)
class ValueField(serializers.JSONField):
    """A value of whatever kind the field has; the verb says whether it fits."""

    default_error_messages = {"unstorable": StorableDictField.default_error_messages["unstorable"]}

    def to_internal_value(self, data):
        StorableDictField().run_validation({"value": data})
        return super().to_internal_value(data)


class CustomFieldSerializer(ProjectScopedSerializer):
    options = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What may be chosen, in order."
    )
    default = ValueField(required=False, allow_null=True, help_text="What a new case begins with.")
    position = serializers.IntegerField(
        required=False, min_value=1, max_value=1000, help_text="Its place among the fields, from 1."
    )

    class Meta:
        model = CustomField
        fields = ["id", "name", "kind", "required", "options", "default", "position"]
        read_only_fields = ["id"]

    def validate_name(self, name):
        if is_name_taken(self.context["project"], name, but=self.instance and self.instance.pk):
            raise serializers.ValidationError(NAME_TAKEN, code="unique")
        return name
