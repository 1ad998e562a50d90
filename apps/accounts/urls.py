from django.urls import path

from . import views

app_name = "accounts"

urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("theme/", views.theme, name="theme"),
    path("security/", views.security, name="security"),
    path("security/sessions/end/", views.end_other_sessions, name="end_other_sessions"),
    path("security/sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("security/links/<int:pk>/remove/", views.unlink, name="unlink"),
]
