from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import EDIT

from ... import lifecycle
from ...filters import SuiteListFilter
from ...models import Suite
from ...suite_copies import VERB as COPY
from ..serializers import SuiteSerializer
from ..serializers.suites import (
    CopyProgressSerializer,
    SuiteCopiedSerializer,
    SuiteCopySerializer,
    SuiteMoveSerializer,
)

CHANGES = {"create": EDIT, "partial_update": EDIT, "destroy": EDIT}
VERBS = ["move", "copy", "archive", "restore"]
EVERY_CASE = OpenApiParameter(
    "cases",
    int,
    description="How many cases go with the suite, as you were told; absent is 0.",
)


@extend_schema_view(
    list=extend_schema(summary="Suites of the project"),
    retrieve=extend_schema(summary="One suite"),
)
class SuiteViewSet(ProjectScopedViewSet):
    """The tree of suites. Changing it wants edit_cases."""

    queryset = Suite.objects.none()
    serializer_class = SuiteSerializer
    filterset_class = SuiteListFilter
    permissions = CHANGES | dict.fromkeys(VERBS, EDIT)
    lookup_field = "id"
    lookup_url_kwarg = "id"

    def list(self, request, key):
        return self.paged(self.filter_queryset(self.project.suites.select_related("owner")))

    def retrieve(self, request, key, id):
        return Response(self.get_serializer(self.find(self.project.suites, pk=id)).data)

    @extend_schema(summary="Make a suite", responses={201: SuiteSerializer})
    def create(self, request, key):
        """`parent` is the id of the suite above, or null for the top."""
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

    @extend_schema(summary="Delete a suite", parameters=[EVERY_CASE], responses={204: None})
    def destroy(self, request, key, id):
        """With all below it. 409 where anything was run in it: archive it then.

        409 also while it, or one below it, holds other than `cases` cases; `cases` of the answer
        says how many.
        """
        suite = self.find(self.project.suites, pk=id)
        lifecycle.delete_suite(suite, by=request.user, cases=self._confirmed(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Move a suite", request=SuiteMoveSerializer, responses={200: SuiteSerializer}
    )
    def move(self, request, key, id):
        """Before a suite of the parent, or to its end; the siblings are numbered anew from 1.

        409 where it would lie within itself or beside one of its name, or is archived.
        """
        suite = self.find(self.project.suites, pk=id)
        serializer = self._said(SuiteMoveSerializer, request)
        return self._one(lifecycle.move_suite(suite, by=request.user, **serializer.validated_data))

    @extend_schema(
        summary="Copy a suite",
        request=SuiteCopySerializer,
        responses={201: SuiteCopiedSerializer, 202: SuiteCopiedSerializer},
    )
    def copy(self, request, key, id):
        """With its suites and cases in use, without results, comments and history.

        202 while a job goes on copying many cases; GET …/suites/copies/{id}/ tells how far it is.
        """
        suite = self.find(self.project.suites, pk=id)
        serializer = self._said(SuiteCopySerializer, request)
        made = lifecycle.copy_suite(suite, by=request.user, **serializer.validated_data)
        answer = SuiteCopiedSerializer(made, context=self.get_serializer_context())
        return Response(
            answer.data, status=status.HTTP_202_ACCEPTED if made.change else status.HTTP_201_CREATED
        )

    @extend_schema(summary="Archive a suite", request=None, responses={200: SuiteSerializer})
    def archive(self, request, key, id):
        """With all below it and the cases there; 409 when it is archived already."""
        suite = self.find(self.project.suites, pk=id)
        return self._one(lifecycle.archive_suite(suite, by=request.user))

    @extend_schema(summary="Restore a suite", request=None, responses={200: SuiteSerializer})
    def restore(self, request, key, id):
        """With what was archived together with it; 409 when in use, or below an archived one."""
        suite = self.find(self.project.suites, pk=id)
        return self._one(lifecycle.restore_suite(suite, by=request.user))

    @extend_schema(summary="How far a copy of a suite is", responses={200: CopyProgressSerializer})
    def copied(self, request, key, id):
        """Of a copy whose cases a job copies."""
        change = self.find(self.project.bulk_changes.filter(verb=COPY), pk=id)
        return Response(CopyProgressSerializer(change).data)

    def _one(self, suite):
        return Response(self.get_serializer(suite).data)

    def _said(self, serializer_class, request):
        serializer = serializer_class(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return serializer

    @staticmethod
    def _confirmed(request):
        text = request.query_params.get("cases", "0")
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise ValidationError({"cases": ["Write how many cases go, as a whole number."]})
        return int(text)
