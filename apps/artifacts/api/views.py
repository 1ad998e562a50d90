from django.core.exceptions import PermissionDenied
from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from apps.projects.api.pagination import NewestFirst
from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import EDIT, RESULTS, RUN, SCOPE_SENTENCES

from ..downloads import download
from ..lifecycle import hang_artifact, store_artifact
from ..models import Artifact
from ..targets import find_targets
from .serializers import ArtifactSerializer, UploadSerializer

TARGETS = ["case", "run", "execution", "report"]


class ArtifactViewSet(ProjectScopedViewSet):
    """Files of a project."""

    queryset = Artifact.objects.none()
    serializer_class = ArtifactSerializer
    pagination_class = NewestFirst
    parser_classes = [MultiPartParser]
    filter_backends = []
    lookup_field = "id"
    permissions = {"create": RUN}
    sends_results = frozenset({"create"})

    @extend_schema(summary="Files, the newest first")
    def list(self, request, key):
        return self.paged(self._seen())

    @extend_schema(
        summary="Upload a file",
        description=(
            "Hung on a case, run, execution or report when one is named. A file on a case needs "
            "`edit_cases`. 413 when it is larger than the limit."
        ),
        request={"multipart/form-data": UploadSerializer},
        responses={201: ArtifactSerializer},
    )
    @transaction.atomic
    def create(self, request, key):
        upload = UploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        sent = upload.validated_data
        if sent.get("case"):
            self.context.require(EDIT)
        of_run = (sent.get("run") or sent.get("execution")) and not sent.get("report")
        if self.context.sends_results_only and not of_run:
            raise PermissionDenied(SCOPE_SENTENCES[RESULTS])
        targets = find_targets(self.project, {noun: sent.get(noun, "") for noun in TARGETS})
        artifact = store_artifact(
            self.project,
            sent["file"],
            by=request.user,
            name=sent.get("name"),
            id=sent.get("id"),
        )
        for target in targets:
            hang_artifact(artifact, target, by=request.user)
        return Response(self.get_serializer(artifact).data, status=201)

    @extend_schema(summary="What is known of a file")
    def retrieve(self, request, key, id):
        return Response(self.get_serializer(self.find(self._seen(), pk=id)).data)

    @extend_schema(
        summary="The bytes of a file",
        responses={(200, "*/*"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def content(self, request, key, id):
        return download(request._request, self.find(self._seen(), pk=id))

    def _seen(self):
        return self.project.artifacts.visible_to(self.request.user)
