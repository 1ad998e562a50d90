from django.contrib import admin
from django.urls import include, path

from apps.accounts.urls import urlpatterns as accounts_urlpatterns
from apps.cases.urls import mention_urlpatterns
from apps.memberships.urls import (
    account_urlpatterns,
    invitation_urlpatterns,
    project_urlpatterns,
)
from apps.projects.urls import urlpatterns as projects_urlpatterns
from testoqa import health

handler400 = "testoqa.errors.bad_request"
handler403 = "testoqa.errors.permission_denied"
handler404 = "testoqa.errors.page_not_found"
handler500 = "testoqa.errors.server_error"

# Founding a project and its settings stand on memberships, which projects does not know.
project_pages = (project_urlpatterns + projects_urlpatterns, "projects")
account_pages = (account_urlpatterns + accounts_urlpatterns, "accounts")

urlpatterns = [
    path("", include(project_pages)),
    path("", include((invitation_urlpatterns, "invitations"))),
    path("", include((mention_urlpatterns, "mentions"))),
    path("projects/<str:key>/", include("apps.memberships.urls")),
    path("projects/<str:key>/", include("apps.artifacts.urls")),
    path("projects/<str:key>/", include("apps.cases.urls")),
    path("projects/<str:key>/", include("apps.runs.urls")),
    path("projects/<str:key>/", include("apps.executions.urls")),
    path("projects/<str:key>/", include("apps.reports.urls")),
    path("api/", include("testoqa.api")),
    path("accounts/", include(account_pages)),
    path("accounts/", include("apps.accounts.sign_in_urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
