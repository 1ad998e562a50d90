from django.db import transaction
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from apps.projects.api.pagination import CursorPages
from apps.projects.api.views import ProjectScopedViewSet

from ... import lifecycle
from ...filters import CaseFilter
from ...models import Case
from ..serializers import CaseSerializer
from .suites import CHANGES


class ByNumber(CursorPages):
    ordering = "number"


class ScopedFilters(DjangoFilterBackend):
    """Filters that know the project of the address."""

    def get_filterset_kwargs(self, request, queryset, view):
        kwargs = super().get_filterset_kwargs(request, queryset, view)
        return {**kwargs, "project": getattr(view, "project", None)}


@extend_schema_view(
    list=extend_schema(summary="Cases of the project"),
    retrieve=extend_schema(summary="One case"),
)
class CaseViewSet(ProjectScopedViewSet):
    """Test cases by number. Changing them wants edit_cases."""

    queryset = Case.objects.none()
    serializer_class = CaseSerializer
    filter_backends = [ScopedFilters]
    filterset_class = CaseFilter
    pagination_class = ByNumber
    permissions = CHANGES

    def list(self, request, key):
        """Archived cases are left out unless `archived=true`."""
        return self.paged(self.filter_queryset(self.project.cases.with_content()))

    def retrieve(self, request, key, number):
        return self._answer(self._find(number))

    @extend_schema(summary="Make a case", responses={201: CaseSerializer})
    def create(self, request, key):
        """The number is the project's next; `version` and `archived` are passed over."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = _verb_arguments(serializer)
        said.pop("version", None)
        said.pop("is_archived", None)
        case = lifecycle.create_case(self.project, by=request.user, **said)
        return self._answer(self._find(case.number), status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change, archive or restore a case")
    def partial_update(self, request, key, number):
        """Keeps a version of what changed; `archived` takes the case out of use or back.

        With `version` the change is refused with 409 when a later version was saved since.
        """
        case = self._find(number)
        serializer = self.get_serializer(case, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        _change(case, _verb_arguments(serializer), by=request.user)
        return self._answer(self._find(number))

    @extend_schema(summary="Delete a case that never ran", responses={204: None})
    def destroy(self, request, key, number):
        """409 for a case with results: archive it instead."""
        lifecycle.delete_case(self._find(number), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _find(self, number):
        return self.find(self.project.cases.with_content(), number=number)

    def _answer(self, case, **kwargs):
        return Response(self.get_serializer(case).data, **kwargs)


def _verb_arguments(serializer):
    said = {**serializer.validated_data}
    if "former_keys" in said:
        said["aliases"] = said.pop("former_keys")
    return said


@transaction.atomic
def _change(case, changes, *, by):
    """Restore before and archive after what else changes, so that one request can do both."""
    archived, version = changes.pop("is_archived", None), changes.pop("version", None)
    changes.pop("id", None)
    if archived is False and case.is_archived:
        lifecycle.restore_case(case, by=by)
    if changes:
        lifecycle.change_case(case, by=by, version=version, **changes)
    if archived and not case.is_archived:
        lifecycle.archive_case(case, by=by)
