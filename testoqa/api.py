"""The addresses of the REST API; each app holds its own."""

from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from apps.memberships.api.viewsets import OwnTokenViewSet, ProjectListViewSet

app_name = "api"


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, as YAML or JSON."""

    def _get_version_parameter(self, request: Request) -> None:
        """There is one version; what ?version= holds went into a header as it came."""


@require_safe
def docs(request):
    """The schema to read and to try, by scripts and styles from this host alone."""
    return render(request, "api_docs.html")


urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("v1/", include("apps.projects.api.urls")),
    path(
        "v1/projects/",
        ProjectListViewSet.as_view({"get": "list", "post": "create"}),
        name="projects",
    ),
    path(
        "v1/tokens/",
        OwnTokenViewSet.as_view({"get": "list", "post": "create"}),
        name="own-tokens",
    ),
    path("v1/tokens/<int:pk>/", OwnTokenViewSet.as_view({"delete": "destroy"}), name="own-token"),
    path("v1/projects/<str:key>/", include("apps.memberships.api.urls")),
    path("v1/projects/<str:key>/", include("apps.artifacts.api.urls")),
    path("v1/projects/<str:key>/", include("apps.cases.api.urls")),
    path("v1/projects/<str:key>/", include("apps.runs.api.urls")),
    path("v1/projects/<str:key>/", include("apps.executions.api.urls")),
    path("v1/projects/<str:key>/", include("apps.reports.api.urls")),
]
