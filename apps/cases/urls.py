from django.urls import path

from .views import cases, exports, imports, suites

app_name = "cases"

urlpatterns = [
    path("cases/", cases.case_list, name="list"),
    path("cases/new/", cases.create, name="create"),
    path("cases/export/", exports.export, name="export"),
    path("cases/<int:number>/", cases.detail, name="detail"),
    path("cases/<int:number>/edit/", cases.edit, name="edit"),
    path("cases/<int:number>/archive/", cases.archive, name="archive"),
    path("cases/<int:number>/restore/", cases.restore, name="restore"),
    path("cases/<int:number>/delete/", cases.delete, name="delete"),
    path("cases/<int:number>/attach/", cases.attach, name="attach"),
    path("cases/<int:number>/versions/<int:version>/", cases.version, name="version"),
    path("cases/import/", imports.import_list, name="imports"),
    path("cases/import/<uuid:id>/", imports.detail, name="import"),
    path("cases/import/<uuid:id>/start/", imports.start, name="import_start"),
    path("cases/import/<uuid:id>/discard/", imports.discard, name="import_discard"),
    path("cases/import/<uuid:id>/rows.csv", imports.rows, name="import_rows"),
    path("suites/", suites.offered, name="suites"),
    path("suites/new/", suites.create, name="suite_create"),
    path("suites/<uuid:id>/edit/", suites.edit, name="suite_edit"),
    path("suites/<uuid:id>/delete/", suites.delete, name="suite_delete"),
]
