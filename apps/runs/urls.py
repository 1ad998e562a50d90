from django.urls import path

from . import guest_views, views

app_name = "runs"

urlpatterns = [
    path("find/", views.find, name="find"),
    path("runs/", views.run_list, name="list"),
    path("runs/new/", views.create, name="create"),
    path("runs/<int:number>/", views.detail, name="detail"),
    path("runs/<int:number>/live/", views.live, name="live"),
    path("runs/<int:number>/executions/<uuid:id>/", views.execution, name="execution"),
    path("runs/<int:number>/files/<uuid:id>/", guest_views.file, name="file"),
    path("runs/<int:number>/guests/", guest_views.add, name="add_guest"),
    path("runs/<int:number>/guests/<uuid:pk>/remove/", guest_views.remove, name="remove_guest"),
    path("runs/<int:number>/start/", views.start, name="start"),
    path("runs/<int:number>/finish/", views.finish, name="finish"),
    path("runs/<int:number>/cancel/", views.cancel, name="cancel"),
    path("runs/<int:number>/abort/", views.abort, name="abort"),
    path("runs/<int:number>/delete/", views.delete, name="delete"),
]
