from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.projects.api.serializers import KnownFieldsOnly

from ...models import CaseVersion, Comment, Review
from .cases import CaseSerializer


class ContentSerializer(serializers.Serializer):
    """What a version says. What is not there is empty: severity then is normal.

    A step is `{action, expected, data}`, or `{shared, title, steps}` for shared ones as they were.
    """

    title = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.CharField()
    priority = serializers.CharField()
    suite = serializers.CharField(help_text="Path, or empty.")
    preconditions = serializers.CharField()
    description = serializers.CharField()
    automation_key = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    steps = serializers.ListField(child=serializers.DictField())
    aliases = serializers.ListField(child=serializers.CharField(), required=False)
    severity = serializers.CharField(required=False)
    owner = serializers.CharField(required=False, help_text="An e-mail address.")
    estimate_seconds = serializers.IntegerField(required=False)
    links = serializers.ListField(child=serializers.DictField(), required=False)
    requirements = serializers.ListField(child=serializers.DictField(), required=False)
    custom = serializers.DictField(required=False)


@extend_schema_field(ContentSerializer)
class ContentField(serializers.JSONField):
    """As it is kept."""


class CaseVersionSerializer(serializers.ModelSerializer):
    content = ContentField()
    created_by = serializers.SerializerMethodField()

    class Meta:
        model = CaseVersion
        fields = ["number", "note", "content", "created_by", "created_at"]

    def get_created_by(self, version) -> str:
        return str(version.created_by) if version.created_by else ""


class RestoredSerializer(serializers.Serializer):
    case = CaseSerializer()
    left_out = serializers.ListField(
        child=serializers.CharField(), help_text="A sentence for each value that no longer fits."
    )


class DifferenceSerializer(serializers.Serializer):
    field = serializers.CharField(source="name")
    label = serializers.CharField(help_text="Step 3, or the name of the field.")
    before = serializers.CharField()
    after = serializers.CharField()


class ComparisonSerializer(serializers.Serializer):
    a = serializers.IntegerField()
    b = serializers.IntegerField()
    changes = DifferenceSerializer(many=True)


class ComparedSerializer(serializers.Serializer):
    """The numbers of two versions in the address."""

    a = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    b = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class ReviewSerializer(serializers.ModelSerializer):
    case = serializers.CharField(source="case.key", read_only=True)
    asked_by = serializers.CharField(read_only=True, allow_null=True)
    decided_by = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = Review
        fields = [
            "id", "case", "version", "state", "note", "asked_by", "asked_at", "decided_by",
            "decided_at",
        ]  # fmt: skip
        read_only_fields = fields


class DecisionSerializer(KnownFieldsOnly):
    note = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="The one that was read; 409 if it is not the latest."
    )


class CommentSerializer(serializers.ModelSerializer):
    """One that was deleted has no body."""

    body = serializers.CharField(max_length=Comment.LONGEST)
    created_by = serializers.CharField(read_only=True, allow_null=True)
    mentions = serializers.SerializerMethodField(help_text="E-mail addresses of who is called.")

    class Meta:
        model = Comment
        fields = [
            "id", "body", "created_by", "mentions", "created_at", "edited_at", "deleted_at",
        ]  # fmt: skip
        read_only_fields = ["id", "created_at", "edited_at", "deleted_at"]

    def get_mentions(self, comment) -> list[str]:
        return [person["email"] for person in comment.called]


class WordsSerializer(KnownFieldsOnly):
    body = serializers.CharField(max_length=Comment.LONGEST, help_text="Markdown; @name calls.")
