from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from apps.projects.api.serializers import KnownFieldsOnly

from ..models import Artifact


class ArtifactSerializer(serializers.ModelSerializer):
    sha256 = serializers.SerializerMethodField(help_text="64 hexadecimal digits.")
    url = serializers.SerializerMethodField(help_text="The file for a signed-in person.")
    content_url = serializers.SerializerMethodField(help_text="The file for a script.")

    class Meta:
        model = Artifact
        fields = [
            "id",
            "name",
            "content_type",
            "size",
            "sha256",
            "created_at",
            "url",
            "content_url",
        ]
        read_only_fields = fields

    def get_sha256(self, artifact) -> str:
        return bytes(artifact.sha256).hex()

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, artifact):
        return self.context["request"].build_absolute_uri(artifact.get_absolute_url())

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_content_url(self, artifact):
        return reverse(
            "api:artifact-content",
            args=[self.context["project"].key, artifact.pk],
            request=self.context["request"],
        )


class UploadSerializer(KnownFieldsOnly):
    """A file, and what it hangs on."""

    file = serializers.FileField(allow_empty_file=True, max_length=None)
    name = serializers.CharField(
        required=False, max_length=1000, help_text="Instead of the file's own name."
    )
    id = serializers.UUIDField(required=False, help_text="A UUID of version 7, chosen by you.")
    case = serializers.CharField(required=False, allow_blank=True, help_text="e.g. WEB-12")
    run = serializers.CharField(required=False, allow_blank=True, help_text="e.g. 45")
    execution = serializers.CharField(required=False, allow_blank=True, help_text="Its id.")
    report = serializers.CharField(required=False, allow_blank=True, help_text="e.g. 3")

    def validate_id(self, value):
        if value.version != 7:
            raise serializers.ValidationError("An id is a UUID of version 7.", code="invalid")
        return value
