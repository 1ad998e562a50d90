from django.urls import path

from . import views

app_name = "artifacts"

urlpatterns = [
    path("artifacts/<uuid:id>/", views.download, name="download"),
]
