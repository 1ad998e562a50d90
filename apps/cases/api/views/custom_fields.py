from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from apps.projects.api.pagination import CursorPages
from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import MANAGE_PROJECT

from ... import lifecycle
from ...models import CustomField
from ..serializers import CustomFieldSerializer


class ByPosition(CursorPages):
    ordering = ("position", "id")


@extend_schema_view(
    list=extend_schema(summary="Custom fields of the project's cases, in their order"),
    retrieve=extend_schema(summary="One custom field"),
)
class CustomFieldViewSet(ProjectScopedViewSet):
    """What the project adds to its cases; owners change it."""

    queryset = CustomField.objects.none()
    serializer_class = CustomFieldSerializer
    pagination_class = ByPosition
    filter_backends = []
    permissions = {
        "create": MANAGE_PROJECT,
        "partial_update": MANAGE_PROJECT,
        "destroy": MANAGE_PROJECT,
    }
    lookup_field = "id"
    lookup_url_kwarg = "id"

    def list(self, request, key):
        return self.paged(self.project.custom_fields.all())

    def retrieve(self, request, key, id):
        return Response(self.get_serializer(self._find(id)).data)

    @extend_schema(summary="Add a custom field", responses={201: CustomFieldSerializer})
    def create(self, request, key):
        """Cases that are there have no value of it, of a required one until they are edited."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        field = lifecycle.create_custom_field(
            self.project, by=request.user, **serializer.validated_data
        )
        return Response(self.get_serializer(field).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change a custom field")
    def partial_update(self, request, key, id):
        """A new name is written into all cases. 409 while cases hold an option that would go."""
        field = self._find(id)
        serializer = self.get_serializer(field, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        field = lifecycle.change_custom_field(field, by=request.user, **serializer.validated_data)
        return Response(self.get_serializer(field).data)

    @extend_schema(summary="Delete a custom field", responses={204: None})
    def destroy(self, request, key, id):
        """Its value goes from all cases; their versions keep what they said."""
        lifecycle.delete_custom_field(self._find(id), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _find(self, id):
        return self.find(self.project.custom_fields, pk=id)
