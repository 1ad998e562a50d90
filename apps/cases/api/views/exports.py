from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError

from apps.projects.api.views import ProjectScopedViewSet

from ...exports import FORMATS, export
from ...filters import CaseFilter
from ...models import Case
from ...views.exports import is_narrowed
from ..serializers import CaseSerializer
from .cases import ScopedFilters

FORMAT = OpenApiParameter(
    "format",
    OpenApiTypes.STR,
    enum=list(FORMATS),
    required=True,
    description="JSON imports back equal; html is a page to print.",
)
TEXTS = {"csv", "md", "html"}


class CaseExportViewSet(ProjectScopedViewSet):
    """Cases as a file, for everybody who sees the project."""

    queryset = Case.objects.none()
    serializer_class = CaseSerializer
    filter_backends = [ScopedFilters]
    filterset_class = CaseFilter
    pagination_class = None

    @extend_schema(
        summary="Cases as a file",
        parameters=[FORMAT],
        responses={
            (200, media.split(";")[0]): OpenApiResponse(
                OpenApiTypes.STR
                if kind in TEXTS
                else OpenApiTypes.OBJECT
                if kind == "json"
                else OpenApiTypes.BINARY
            )
            for kind, media in FORMATS.items()
        },
    )
    def export(self, request, key):
        """The cases that the list would answer with the same filters, in a file of any length.

        In CSV and Excel a cell that a spreadsheet would take for a formula begins with an
        apostrophe.
        """
        kind = request.query_params.get("format")
        if kind not in FORMATS:
            known = ", ".join(FORMATS)
            raise ValidationError({"format": [f"There is no such format; there are {known}."]})
        cases = self.filter_queryset(self.project.cases.all())
        narrowed = is_narrowed(request.query_params)
        return export(request._request, self.project, cases, kind, narrowed=narrowed)
