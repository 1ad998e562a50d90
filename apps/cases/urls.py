from django.urls import path

from . import views

app_name = "cases"

urlpatterns = [
    path("cases/", views.case_list, name="list"),
    path("cases/new/", views.create, name="create"),
    path("cases/<int:number>/", views.detail, name="detail"),
    path("cases/<int:number>/edit/", views.edit, name="edit"),
    path("cases/<int:number>/archive/", views.archive, name="archive"),
    path("cases/<int:number>/restore/", views.restore, name="restore"),
    path("cases/<int:number>/delete/", views.delete, name="delete"),
    path("cases/<int:number>/attach/", views.attach, name="attach"),
    path("cases/<int:number>/versions/<int:version>/", views.version, name="version"),
    path("suites/", views.suites, name="suites"),
    path("suites/new/", views.suite_create, name="suite_create"),
    path("suites/<uuid:id>/edit/", views.suite_edit, name="suite_edit"),
    path("suites/<uuid:id>/delete/", views.suite_delete, name="suite_delete"),
]
