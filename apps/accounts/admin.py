import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin  # noqa: F401  (registered, so that it can be replaced here)
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm

from .models import InstanceActivity, User

# Their own screens show keys and secrets, or let them be changed.
admin.site.unregister([Authenticator, SocialAccount, SocialApp, SocialToken, UserSession])


class PersonCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name"]
        field_classes = {"email": forms.EmailField}


class ReadOnly(admin.ModelAdmin):
    """Screens to look at."""

    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class Removable(ReadOnly):
    """Screens to look at, and to take something away."""

    def has_delete_permission(self, request, obj=None):
        return True


@admin.register(User)
class PersonAdmin(UserAdmin):
    add_form = PersonCreationForm
    list_display = ["email", "name", "is_active", "is_superuser", "last_login", "created_at"]
    list_filter = ["is_active", "is_superuser"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    readonly_fields = ["last_login", "created_at"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Person", {"fields": ["name", "time_zone", "theme", "density", "shortcuts"]}),
        ("Access", {"fields": ["is_active", "is_superuser"]}),
        ("Dates", {"fields": ["last_login", "created_at"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "name", "usable_password", "password1", "password2"]}),
    ]


class SubjectFilter(admin.SimpleListFilter):
    title = "subject"
    parameter_name = "subject"
    SUBJECTS = [
        ("sign_in", "Signing in"),
        ("sign_out", "Signing out"),
        ("sign_up", "Signing up"),
        ("password", "Passwords"),
        ("second_factor", "Second factors"),
        ("session", "Sessions"),
        ("email", "Addresses"),
        ("token", "Tokens"),
        ("project", "Projects"),
        ("admin", "Administration"),
    ]

    def lookups(self, request, model_admin):
        return self.SUBJECTS

    def queryset(self, request, queryset):
        return queryset.filter(verb__startswith=self.value()) if self.value() else queryset


@admin.register(InstanceActivity)
class InstanceActivityAdmin(ReadOnly):
    """The instance's own trail, which nobody changes."""

    list_display = ["at", "who", "verb", "object_label", "project_key", "address", "token"]
    list_filter = [SubjectFilter, "at"]
    search_fields = ["who", "verb", "object_label", "=project_key", "=address"]
    search_help_text = "By person, verb, what it was done to, project key or address."
    fields = readonly_fields = [
        "at",
        "who",
        "user",
        "verb",
        "object_type",
        "object_id",
        "object_label",
        "project_key",
        "before",
        "after",
        "address",
        "token",
        "request_id",
    ]


@admin.register(Authenticator)
class AuthenticatorAdmin(Removable):
    """Second factors: removed for somebody who has lost theirs, and never shown."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = readonly_fields = ["user", "type", "created_at", "last_used_at"]


@admin.register(SocialAccount)
class SocialAccountAdmin(Removable):
    list_display = ["user", "provider", "uid", "date_joined", "last_login"]
    list_select_related = ["user"]
    search_fields = ["user__email", "uid"]
    fields = readonly_fields = ["user", "provider", "uid", "date_joined", "last_login"]


@admin.register(UserSession)
class UserSessionAdmin(Removable):
    """Where people are signed in; removing a row signs that browser out."""

    list_display = ["user", "ip", "user_agent", "created_at", "last_seen_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "ip"]
    fields = readonly_fields = ["user", "ip", "user_agent", "created_at", "last_seen_at"]

    def delete_model(self, request, obj):
        obj.end()

    def delete_queryset(self, request, queryset):
        for session in queryset:
            session.end()


@admin.register(AccessAttempt)
class AccessAttemptAdmin(Removable):
    """Wrong passwords that still count; removing them ends a lock-out at once."""

    list_display = ["username", "ip_address", "failures_since_start", "attempt_time", "user_agent"]
    search_fields = ["username", "ip_address"]
    fields = readonly_fields = [*list_display, "path_info"]
