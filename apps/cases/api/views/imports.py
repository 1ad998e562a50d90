from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from apps.projects.api.pagination import CursorPages, NewestFirst
from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import EDIT, MANAGE_PROJECT

from ... import lifecycle
from ...models import CaseImport, CaseImportRow
from ..serializers.imports import (
    CaseFileSerializer,
    CaseImportRowSerializer,
    CaseImportSerializer,
    CaseImportStartSerializer,
)

OUTCOME = OpenApiParameter(
    "outcome", enum=CaseImportRow.Outcome.values, description="Rows of this outcome alone."
)


class ByRow(CursorPages):
    ordering = "row"


@extend_schema_view(
    list=extend_schema(summary="Imports of cases, newest first"),
    retrieve=extend_schema(summary="One import of cases"),
)
class CaseImportViewSet(ProjectScopedViewSet):
    """Files of cases and what became of their rows. Sending and starting them wants edit_cases."""

    queryset = CaseImport.objects.none()
    serializer_class = CaseImportSerializer
    pagination_class = NewestFirst
    filter_backends = []
    permissions = {"create": EDIT, "start": EDIT, "fields": MANAGE_PROJECT, "discard": EDIT}
    lookup_field = "id"
    lookup_url_kwarg = "id"

    def list(self, request, key):
        return self.paged(self._all())

    def retrieve(self, request, key, id):
        """rows_read of rows_total tells the progress while it is queued or reading."""
        return self._answer(self.find(self._all(), pk=id))

    @extend_schema(
        summary="Send a file of cases",
        request={"multipart/form-data": CaseFileSerializer},
        responses={201: CaseImportSerializer},
    )
    def create(self, request, key):
        """Stores no case: the answer tells columns and a guessed mapping, and `start` goes on.

        422 for a file that cannot be read.
        """
        serializer = CaseFileSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        chosen = {**serializer.validated_data}
        file = chosen.pop("file")
        arrival = lifecycle.send_case_file(
            self.project, file, by=request.user, filename=file.name, **chosen
        )
        return self._answer(self.find(self._all(), pk=arrival.pk), status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Try an import of cases, or take it in",
        request=CaseImportStartSerializer,
        responses={202: CaseImportSerializer},
    )
    def start(self, request, key, id):
        """A job does it; with `dry_run` it stores receipts alone, and may be started again.

        409 for one that has begun, 422 for a mapping that does not fit.
        """
        arrival = self.find(self.project.case_imports.all(), pk=id)
        serializer = CaseImportStartSerializer(
            data=request.data, context=self.get_serializer_context()
        )
        serializer.is_valid(raise_exception=True)
        chosen = {**serializer.validated_data}
        if "suite" in chosen:
            chosen["suite"] = str(chosen["suite"].pk) if chosen["suite"] else ""
        lifecycle.start_case_import(arrival, by=request.user, **chosen)
        return self._answer(self.find(self._all(), pk=id), status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        summary="Add the custom fields that a file defines and the project lacks",
        request=None,
        responses={200: CaseImportSerializer},
    )
    def fields(self, request, key, id):
        """Of a file in our own JSON; `options.missing_fields` names them. Their columns are mapped.

        409 for an import that has begun, 422 for a definition that cannot be.
        """
        lifecycle.add_missing_fields(
            self.find(self.project.case_imports.all(), pk=id), by=request.user
        )
        return self._answer(self.find(self._all(), pk=id))

    @extend_schema(
        summary="Discard a file that was not started",
        request=None,
        responses={200: CaseImportSerializer},
    )
    def discard(self, request, key, id):
        """409 for one that has begun."""
        lifecycle.discard_case_import(
            self.find(self.project.case_imports.all(), pk=id), by=request.user
        )
        return self._answer(self.find(self._all(), pk=id))

    def _all(self):
        return self.project.case_imports.select_related("project", "created_by")

    def _answer(self, arrival, **kwargs):
        return Response(self.get_serializer(arrival).data, **kwargs)


class CaseImportRowViewSet(ProjectScopedViewSet):
    """What became of each row of a file of cases."""

    queryset = CaseImportRow.objects.none()
    serializer_class = CaseImportRowSerializer
    pagination_class = ByRow
    filter_backends = []

    @extend_schema(summary="Rows of an import of cases", parameters=[OUTCOME])
    def list(self, request, key, id):
        arrival = self.find(self.project.case_imports.all(), pk=id)
        rows = arrival.rows.select_related("case")
        outcome = request.query_params.get("outcome", "")
        if outcome in CaseImportRow.Outcome.values:
            rows = rows.filter(outcome=outcome)
        return self.paged(rows)
