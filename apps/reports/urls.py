from django.urls import path

from . import views

app_name = "reports"

urlpatterns = [
    path("reports/", views.list_reports, name="list"),
    path("reports/new/", views.create, name="create"),
    path("reports/<int:number>/", views.detail, name="detail"),
    path("reports/<int:number>/remake/", views.remake, name="remake"),
    path("reports/<int:number>/delete/", views.delete, name="delete"),
]
