from django.urls import path

from . import invitation_views, member_views, token_views, views

app_name = "memberships"

urlpatterns = [
    path("members/", member_views.member_list, name="list"),
    path("members/leave/", member_views.leave, name="leave"),
    path("members/hand-over/", member_views.hand_over, name="hand_over"),
    path("members/<uuid:pk>/change/", member_views.change, name="change"),
    path("members/<uuid:pk>/remove/", member_views.remove, name="remove"),
    path("invitations/<uuid:pk>/resend/", member_views.resend, name="resend"),
    path("invitations/<uuid:pk>/withdraw/", member_views.withdraw, name="withdraw"),
]

# The page behind the link of an invitation, for whoever is in no project yet.
invitation_urlpatterns = [
    path("invitations/<str:secret>/", invitation_views.invitation, name="invitation"),
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
