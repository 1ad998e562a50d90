from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.response import Response

from apps.projects.api.pagination import HighestNumberFirst
from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import EDIT

from ... import lifecycle
from ...models import CaseVersion
from ...versions import changes_between
from ..serializers import (
    CaseVersionSerializer,
    ComparedSerializer,
    ComparisonSerializer,
    RestoredSerializer,
)


@extend_schema_view(list=extend_schema(summary="Versions of a case, newest first"))
class CaseVersionViewSet(ProjectScopedViewSet):
    """What a case said after each saved change."""

    queryset = CaseVersion.objects.none()
    serializer_class = CaseVersionSerializer
    pagination_class = HighestNumberFirst
    filter_backends = []
    permissions = {"restore": EDIT}

    def list(self, request, key, number):
        return self.paged(self._case(number).versions.select_related("created_by"))

    @extend_schema(summary="One version of a case")
    def retrieve(self, request, key, number, version):
        rows = self._case(number).versions.select_related("created_by")
        return Response(self.get_serializer(self.find(rows, number=version)).data)

    @extend_schema(
        summary="Let a case say again what it said", request=None, responses=RestoredSerializer
    )
    def restore(self, request, key, number, version):
        """Makes a new version. What no longer fits stays as it is; `left_out` says so."""
        case = self._case(number)
        self.find(case.versions, number=version)
        case, left_out = lifecycle.restore_version(case, version, by=request.user)
        case = self.project.cases.with_content().get(pk=case.pk)
        body = RestoredSerializer(
            {"case": case, "left_out": left_out}, context=self.get_serializer_context()
        )
        return Response(body.data)

    @extend_schema(
        summary="What differs between two versions",
        parameters=[ComparedSerializer],
        responses=ComparisonSerializer,
    )
    def compare(self, request, key, number):
        """From version `a` to version `b`."""
        case = self._case(number)
        given = ComparedSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        numbers = given.validated_data
        changes = changes_between(case, numbers["a"], numbers["b"])
        return Response(ComparisonSerializer({**numbers, "changes": changes}).data)

    def _case(self, number):
        return self.find(self.project.cases, number=number)
