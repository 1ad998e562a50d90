from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from apps.projects.api.pagination import NewestFirst
from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import MANAGE_RUNS, RUN

from .. import lifecycle
from ..downloads import download
from ..formats import FORMATS
from ..freshness import mark_outdated
from ..models import Report
from .serializers import (
    DocumentSerializer,
    NewReportSerializer,
    ReportSerializer,
    ReportWithContentSerializer,
)

BY_ID = OpenApiParameter(
    "id", OpenApiTypes.STR, OpenApiParameter.PATH, description="The report's number or its id."
)
FORMAT = OpenApiParameter(
    "format",
    OpenApiTypes.STR,
    OpenApiParameter.QUERY,
    enum=list(FORMATS),
    description="The report itself, as JSON, Markdown or a printable page.",
)


class ReportViewSet(ProjectScopedViewSet):
    """Stored summaries of runs."""

    queryset = Report.objects.none()
    serializer_class = ReportSerializer
    pagination_class = NewestFirst
    filter_backends = []
    lookup_field = "id"
    permissions = {"create": RUN, "remake": RUN, "destroy": MANAGE_RUNS}

    @extend_schema(summary="Reports, the newest first")
    def list(self, request, key):
        page = mark_outdated(self.paginate_queryset(self.project.reports.for_list()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Make a report of a run or of a range of runs",
        request=NewReportSerializer,
        responses={201: ReportSerializer},
    )
    def create(self, request, key):
        sent = NewReportSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        report = lifecycle.make_report(self.project, by=request.user, **sent.validated_data)
        return self._answer(report, status=201)

    @extend_schema(
        summary="A report",
        parameters=[BY_ID, FORMAT],
        responses={
            (200, "application/json"): PolymorphicProxySerializer(
                component_name="ReportOrDocument",
                serializers=[ReportWithContentSerializer, DocumentSerializer],
                resource_type_field_name=None,
            ),
            (200, "text/markdown"): OpenApiResponse(OpenApiTypes.STR),
            (200, "text/html"): OpenApiResponse(OpenApiTypes.STR),
        },
    )
    def retrieve(self, request, key, id):
        kind = request.query_params.get("format")
        report = self._find(id)
        mark_outdated([report])
        if kind is None:
            return Response(ReportWithContentSerializer(report, context=self._context()).data)
        if kind not in FORMATS:
            known = ", ".join(FORMATS)
            raise ValidationError({"format": f"There is no format {kind!r}; there are {known}."})
        return download(request._request, report, kind)

    @extend_schema(
        summary="Make a report again",
        parameters=[BY_ID],
        request=None,
        responses={200: ReportSerializer},
    )
    def remake(self, request, key, id):
        return self._answer(lifecycle.remake_report(self._find(id), by=request.user))

    @extend_schema(summary="Delete a report", parameters=[BY_ID], responses={204: None})
    def destroy(self, request, key, id):
        lifecycle.delete_report(self._find(id), by=request.user)
        return Response(status=204)

    def _find(self, id):
        if id.isascii() and id.isdigit() and len(id) <= 10:
            return self.find(self.project.reports, number=int(id))
        return self.find(self.project.reports, pk=_uuid(id))

    def _answer(self, report, status=200):
        mark_outdated([report])
        return Response(self.get_serializer(report).data, status=status)

    def _context(self):
        return self.get_serializer_context()


def _uuid(id):
    """A key that no row has, for what is no UUID."""
    try:
        return UUID(id)
    except ValueError:
        return UUID(int=0)
