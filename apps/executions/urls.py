from django.urls import path

from . import views

app_name = "executions"

urlpatterns = [
    path("imports/", views.import_list, name="imports"),
    path("imports/<uuid:id>/", views.receipt, name="receipt"),
    path("imports/<uuid:id>/undo/", views.undo, name="undo"),
    path("runs/<int:number>/executions/<uuid:id>/verdict/", views.verdict, name="verdict"),
]
