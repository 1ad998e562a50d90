from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from .. import lifecycle
from ..door import find_project
from ..models import Environment, Project
from ..permissions import MANAGE_PROJECT, VIEW
from .serializers import DeletionSerializer, EnvironmentSerializer, ProjectSerializer
from .views import ProjectScopedViewSet

CONFIRM = OpenApiParameter(
    "X-Confirm",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The key of the project, which says that it is the one that is meant.",
)


class ProjectViewSet(viewsets.GenericViewSet):
    """One project: what it is called, and what a repeated result means in it."""

    serializer_class = ProjectSerializer
    queryset = Project.objects.none()

    def find(self, request, key, permission):
        context = find_project(request.user, key, token=request.auth)
        context.require(permission)
        return Project.objects.with_role_of(request.user).get(pk=context.project.pk)

    def retrieve(self, request, key):
        """One project. 404 when there is none that you can see."""
        project = self.find(request, key, VIEW)
        return Response(self.get_serializer(project).data)

    def partial_update(self, request, key):
        """Change name, description, default branch or the meaning of repeats (owners)."""
        project = self.find(request, key, MANAGE_PROJECT)
        serializer = self.get_serializer(project, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changes = {**serializer.validated_data}
        changes.pop("key", None)
        lifecycle.change_project(project, by=request.user, **changes)
        return self.retrieve(request, key)

    @extend_schema(request=None, responses={200: ProjectSerializer})
    def archive(self, request, key):
        """Keep the project as it is: it is read, and nobody changes anything in it (owners).

        409 when it is archived already.
        """
        project = self.find(request, key, MANAGE_PROJECT)
        lifecycle.archive_project(project, by=request.user)
        return self.retrieve(request, key)

    @extend_schema(request=None, responses={200: ProjectSerializer})
    def restore(self, request, key):
        """Let people work in an archived project again (owners). 409 when it is not archived."""
        project = self.find(request, key, MANAGE_PROJECT)
        lifecycle.restore_project(project, by=request.user)
        return self.retrieve(request, key)

    @extend_schema(parameters=[CONFIRM], responses={202: DeletionSerializer})
    def destroy(self, request, key):
        """Delete the project with everything in it (owners). Nobody sees it from then on.

        A job removes what it holds; then the key is free.
        """
        project = self.find(request, key, MANAGE_PROJECT)
        if request.headers.get("X-Confirm", "").strip() != project.key:
            message = f"Send the header X-Confirm: {project.key} to delete the project."
            raise ValidationError({"X-Confirm": [message]}, code="unconfirmed")
        lifecycle.delete_project(project, by=request.user)
        body = DeletionSerializer({"key": project.key, "state": "deleting"}).data
        return Response(body, status=status.HTTP_202_ACCEPTED)


class EnvironmentViewSet(ProjectScopedViewSet):
    """Where the project's runs take place."""

    permissions = {"create": MANAGE_PROJECT}
    serializer_class = EnvironmentSerializer
    queryset = Environment.objects.none()

    def list(self, request, key):
        """The project's environments, in the order in which they were made."""
        return self.paged(self.project.environments.all())

    @extend_schema(responses={201: EnvironmentSerializer})
    def create(self, request, key):
        """Add an environment (owners)."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        environment = lifecycle.add_environment(
            self.project, by=request.user, **serializer.validated_data
        )
        body = self.get_serializer(environment).data
        return Response(body, status=status.HTTP_201_CREATED)
