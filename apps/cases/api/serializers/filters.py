from rest_framework import serializers

from apps.projects.api.serializers import ProjectScopedSerializer

from ...models import SavedFilter
from ...query import QueryError, parse


class SavedFilterSerializer(ProjectScopedSerializer):
    """A query of cases under a name; `url` is the list that it finds."""

    shared = serializers.BooleanField(
        source="is_shared", required=False, help_text="Seen by all members; wants edit_cases."
    )
    query = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    owner = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = SavedFilter
        fields = ["id", "name", "query", "shared", "owner", "created_at", "url"]
        read_only_fields = ["id", "created_at"]

    def validate_query(self, query):
        try:
            parse(query)
        except QueryError as error:
            raise serializers.ValidationError(str(error), code="query") from None
        return query

    def get_owner(self, saved) -> str:
        return str(saved.created_by)

    def get_url(self, saved) -> str:
        return self.context["request"].build_absolute_uri(saved.get_absolute_url())
