from django.urls import path

from . import token_views, views

app_name = "memberships"

urlpatterns = [
    path("members/", views.member_list, name="list"),
    path("members/leave/", views.leave, name="leave"),
    path("members/<uuid:pk>/change/", views.change, name="change"),
    path("members/<uuid:pk>/remove/", views.remove, name="remove"),
]

# Pages of the namespace `accounts` that stand on memberships; testoqa/urls.py puts them there.
account_urlpatterns = [
    path("tokens/", token_views.token_list, name="tokens"),
    path("tokens/<int:pk>/revoke/", token_views.revoke, name="revoke_token"),
]

# Pages of the namespace `projects` that stand on memberships; testoqa/urls.py puts them there.
project_urlpatterns = [
    path("projects/new/", views.create, name="create"),
    path("projects/<str:key>/settings/", views.settings, name="settings"),
    path(
        "projects/<str:key>/settings/environments/", views.add_environment, name="add_environment"
    ),
    path(
        "projects/<str:key>/settings/environments/<uuid:pk>/remove/",
        views.remove_environment,
        name="remove_environment",
    ),
    path("projects/<str:key>/settings/tokens/", views.issue_token, name="issue_token"),
    path(
        "projects/<str:key>/settings/tokens/<int:pk>/revoke/",
        views.revoke_token,
        name="revoke_token",
    ),
]
