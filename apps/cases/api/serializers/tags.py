from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ...tags import LONGEST, problem_of, tidy


@extend_schema_field({"type": "string", "maxLength": LONGEST, "pattern": "^[^,]*$"})
class TagNameField(serializers.CharField):
    def to_internal_value(self, data):
        name = tidy(super().to_internal_value(data))
        if problem := problem_of(name):
            raise serializers.ValidationError(problem, code="invalid")
        return name
