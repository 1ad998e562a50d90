from django.urls import path

from . import views
from .activity.views import activity, download

app_name = "projects"

urlpatterns = [
    path("", views.project_list, name="list"),
    path("projects/<str:key>/", views.overview, name="overview"),
    path("projects/<str:key>/markdown/", views.preview, name="preview"),
    path("projects/<str:key>/activity/", activity, name="activity"),
    path("projects/<str:key>/activity/export/", download, name="activity_export"),
    path("projects/<str:key>/settings/archive/", views.archive, name="archive"),
    path("projects/<str:key>/settings/restore/", views.restore, name="restore"),
    path("projects/<str:key>/settings/delete/", views.delete, name="delete"),
]
