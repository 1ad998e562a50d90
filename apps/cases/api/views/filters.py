from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import VIEW

from ... import lifecycle
from ...models import SavedFilter
from ...saved_filters import (
    filters_seen_by,
    require_own,
    require_removable,
    require_sharing,
    require_writing,
)
from ..serializers import SavedFilterSerializer


@extend_schema_view(
    list=extend_schema(summary="Filters of cases: one's own, and those that are shared"),
    retrieve=extend_schema(summary="One filter"),
)
class SavedFilterViewSet(ProjectScopedViewSet):
    """Queries of cases under names. Every member keeps their own; sharing wants edit_cases."""

    queryset = SavedFilter.objects.none()
    serializer_class = SavedFilterSerializer
    filter_backends = []
    permissions = {"create": VIEW, "partial_update": VIEW, "destroy": VIEW}
    lookup_field = "id"
    lookup_url_kwarg = "id"

    def list(self, request, key):
        return self.paged(self._seen())

    def retrieve(self, request, key, id):
        return self._answer(self._find(id))

    @extend_schema(summary="Save a filter", responses={201: SavedFilterSerializer})
    def create(self, request, key):
        """`query` is in the language of `cases/?q=`. 409 where you have one of this name."""
        require_writing(self.context)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        require_sharing(self.context, said.get("is_shared"))
        saved = lifecycle.save_filter(self.project, by=request.user, **said)
        return self._answer(saved, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Rename, change or share a filter")
    def partial_update(self, request, key, id):
        """One's own alone; a shared one, or one to be shared, wants edit_cases."""
        require_writing(self.context)
        saved = self._find(id)
        require_own(self.context, saved)
        serializer = self.get_serializer(saved, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        require_sharing(self.context, saved.is_shared or said.get("is_shared"))
        return self._answer(lifecycle.change_filter(saved, by=request.user, **said))

    @extend_schema(summary="Delete a filter", responses={204: None})
    def destroy(self, request, key, id):
        """One's own; a shared one wants edit_cases."""
        require_writing(self.context)
        saved = self._find(id)
        require_removable(self.context, saved)
        lifecycle.delete_filter(saved, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _seen(self):
        return filters_seen_by(self.project, self.context.user).order_by("id")

    def _find(self, id):
        return self.find(self._seen(), pk=id)

    def _answer(self, saved, **kwargs):
        return Response(self.get_serializer(saved).data, **kwargs)
