from django.urls import path

from .views import bulk, cases, exports, imports, quick, shared_steps, suites

app_name = "cases"

urlpatterns = [
    path("cases/", cases.case_list, name="list"),
    path("cases/new/", cases.create, name="create"),
    path("cases/export/", exports.export, name="export"),
    path("cases/changes/", bulk.changes, name="changes"),
    path("cases/changes/new/", bulk.start, name="change_start"),
    path("cases/changes/<uuid:id>/", bulk.change, name="change"),
    path("cases/changes/<uuid:id>/undo/", bulk.undo, name="change_undo"),
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
    path("cases/<int:number>/quick/", quick.quick, name="quick"),
    path("cases/<int:number>/share/", shared_steps.share, name="share"),
    path("shared-steps/", shared_steps.shared_list, name="shared_steps"),
    path("shared-steps/new/", shared_steps.create, name="shared_steps_create"),
    path("shared-steps/offered/", shared_steps.offered, name="shared_steps_offered"),
    path("shared-steps/row/", shared_steps.row, name="shared_steps_row"),
    path("shared-steps/<uuid:id>/", shared_steps.detail, name="shared_steps_detail"),
    path("shared-steps/<uuid:id>/edit/", shared_steps.edit, name="shared_steps_edit"),
    path("shared-steps/<uuid:id>/inline/", shared_steps.inline, name="shared_steps_inline"),
    path("shared-steps/<uuid:id>/delete/", shared_steps.delete, name="shared_steps_delete"),
    path("suites/", suites.offered, name="suites"),
    path("suites/new/", suites.create, name="suite_create"),
    path("suites/<uuid:id>/edit/", suites.edit, name="suite_edit"),
    path("suites/<uuid:id>/delete/", suites.delete, name="suite_delete"),
]
