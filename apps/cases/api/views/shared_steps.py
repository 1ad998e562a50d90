from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from apps.projects.api.pagination import CursorPages
from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import EDIT

from ... import lifecycle
from ...models import SharedSteps
from ...sharing import with_uses
from ..serializers import SharedStepsSerializer
from .suites import CHANGES


class ByTitle(CursorPages):
    ordering = "title"


@extend_schema_view(
    list=extend_schema(summary="Shared steps of the project"),
    retrieve=extend_schema(summary="Shared steps"),
)
class SharedStepsViewSet(ProjectScopedViewSet):
    """Steps that many cases use. Changing them wants edit_cases."""

    queryset = SharedSteps.objects.none()
    serializer_class = SharedStepsSerializer
    pagination_class = ByTitle
    filter_backends = []
    permissions = {**CHANGES, "inline": EDIT}
    lookup_field = "id"
    lookup_url_kwarg = "id"

    def list(self, request, key):
        return self.paged(with_uses(self.project.shared_steps.all()))

    def retrieve(self, request, key, id):
        return self._answer(id)

    @extend_schema(summary="Make shared steps", responses={201: SharedStepsSerializer})
    def create(self, request, key):
        """A step of a case uses them by `{"shared": id}`. `version` is passed over."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = {**serializer.validated_data}
        said.pop("version", None)
        shared = lifecycle.create_shared_steps(self.project, by=request.user, **said)
        return self._answer(shared.pk, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change shared steps")
    def partial_update(self, request, key, id):
        """Each case that uses them, archived or not, gets a version of what it says then.

        With `version` the change is refused with 409 when a later version was saved since.
        """
        shared = self._find(id)
        serializer = self.get_serializer(shared, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        lifecycle.change_shared_steps(shared, by=request.user, **serializer.validated_data)
        return self._answer(id)

    @extend_schema(summary="Delete shared steps", responses={204: None})
    def destroy(self, request, key, id):
        """409 while a case uses them: turn the uses into plain steps first."""
        lifecycle.delete_shared_steps(self._find(id), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Turn each use into plain steps",
        request=None,
        responses={200: SharedStepsSerializer},
    )
    def inline(self, request, key, id):
        """Each case that uses them gets a version with steps of its own. 409 where one would have
        too many."""
        lifecycle.inline_shared_steps(self._find(id), by=request.user)
        return self._answer(id)

    def _find(self, id):
        return self.find(with_uses(self.project.shared_steps.all()), pk=id)

    def _answer(self, id, **kwargs):
        return Response(self.get_serializer(self._find(id)).data, **kwargs)
