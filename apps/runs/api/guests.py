from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.response import Response

from apps.artifacts.api.serializers import ArtifactSerializer
from apps.artifacts.downloads import download
from apps.artifacts.models import Artifact
from apps.projects.api.pagination import NewestFirst
from apps.projects.api.serializers import KnownFieldsOnly
from apps.projects.permissions import MANAGE_RUNS

from .. import lifecycle
from ..guest_views import files_of
from ..models import RunGuest
from .scoped import RunScopedViewSet


class GuestSerializer(KnownFieldsOnly, serializers.ModelSerializer):
    """Whoever was let in. Whether there is an account with the address is not told."""

    class Meta:
        model = RunGuest
        fields = ["id", "email", "may_execute", "created_at"]
        read_only_fields = ["created_at"]


@extend_schema_view(list=extend_schema(summary="Guests of a run"))
class GuestViewSet(RunScopedViewSet):
    """People outside the project who see one run. All of it wants manage_runs."""

    queryset = RunGuest.objects.none()
    serializer_class = GuestSerializer
    filter_backends = []
    permissions = {"list": MANAGE_RUNS, "create": MANAGE_RUNS, "destroy": MANAGE_RUNS}

    def list(self, request, key, number):
        return self.paged(self.context.run.guests.all())

    @extend_schema(summary="Let somebody see a run", responses={201: GuestSerializer})
    def create(self, request, key, number):
        """By their e-mail address; `may_execute` lets them judge executions by hand. The same
        address again changes what it may. 409 for a member of the project."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        guest = lifecycle.add_guest(self.context.run, by=request.user, **serializer.validated_data)
        return Response(self.get_serializer(guest).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Show a run to a guest no longer", responses={204: None})
    def destroy(self, request, key, number, pk):
        guest = self.find(self.context.run.guests, pk=pk)
        lifecycle.remove_guest(guest, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(list=extend_schema(summary="Files of a run and of its executions"))
class RunFileViewSet(RunScopedViewSet):
    """Files hung on a run or on its executions."""

    queryset = Artifact.objects.none()
    serializer_class = ArtifactSerializer
    pagination_class = NewestFirst
    filter_backends = []
    guests_may = frozenset({"list", "content"})

    def list(self, request, key, number):
        return self.paged(files_of(self.context.run))

    @extend_schema(
        summary="The bytes of a file of a run",
        responses={(200, "*/*"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def content(self, request, key, number, id):
        return download(request._request, self.find(files_of(self.context.run), pk=id))
