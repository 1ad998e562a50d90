from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import EDIT

from ... import lifecycle
from ...filters import SuiteListFilter
from ...models import Suite
from ..serializers import SuiteSerializer

CHANGES = {"create": EDIT, "partial_update": EDIT, "destroy": EDIT}


@extend_schema_view(
    list=extend_schema(summary="Suites of the project"),
    retrieve=extend_schema(summary="One suite"),
)
class SuiteViewSet(ProjectScopedViewSet):
    """The tree of suites. Changing it wants edit_cases."""

    queryset = Suite.objects.none()
    serializer_class = SuiteSerializer
    filterset_class = SuiteListFilter
    permissions = CHANGES
    lookup_field = "id"
    lookup_url_kwarg = "id"

    def list(self, request, key):
        return self.paged(self.filter_queryset(self.project.suites.all()))

    def retrieve(self, request, key, id):
        return Response(self.get_serializer(self.find(self.project.suites, pk=id)).data)

    @extend_schema(summary="Make a suite", responses={201: SuiteSerializer})
    def create(self, request, key):
        """`parent` is the id of the suite above, or null for the top. 409 for an id in use."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        suite = lifecycle.create_suite(self.project, by=request.user, **serializer.validated_data)
        return Response(self.get_serializer(suite).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Rename, move or describe a suite")
    def partial_update(self, request, key, id):
        """The paths of the whole branch follow. 409 where it would lie within itself."""
        suite = self.find(self.project.suites, pk=id)
        serializer = self.get_serializer(suite, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changes = {**serializer.validated_data}
        changes.pop("id", None)
        suite = lifecycle.change_suite(suite, by=request.user, **changes)
        return Response(self.get_serializer(suite).data)

    @extend_schema(summary="Delete a suite", responses={204: None})
    def destroy(self, request, key, id):
        """409 while the suite, or one below it, holds cases or has runs."""
        lifecycle.delete_suite(self.find(self.project.suites, pk=id), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
