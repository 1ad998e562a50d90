from django.contrib import admin
from django.urls import include, path

admin.site.site_header = admin.site.site_title = "TestoQA administration"
admin.site.index_title = "Everything in this instance"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("apps.accounts.urls")),
    path("accounts/", include("allauth.urls")),
]
