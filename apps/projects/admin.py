from functools import cache

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db import models
from django.shortcuts import redirect

from . import lifecycle
from .models import Environment, Project, ProjectGroupObjectPermission, ProjectUserObjectPermission
from .refusals import Refused
from .titles import in_row, on_page


class VerbAdmin(admin.ModelAdmin):
    """Changes rows by the verbs; a refusal is a message, and nothing has changed then."""

    def changeform_view(self, request, *args, **kwargs):
        return self._or_message(super().changeform_view, request, *args, **kwargs)

    def delete_view(self, request, *args, **kwargs):
        return self._or_message(super().delete_view, request, *args, **kwargs)

    def changelist_view(self, request, *args, **kwargs):
        return self._or_message(super().changelist_view, request, *args, **kwargs)

    def _or_message(self, view, request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect(request.get_full_path())


class ShortTexts:
    """Cuts texts of any length as the site's own pages do; only for rows that are not changed."""

    def get_list_display(self, request):
        return [self._short(name, in_row) for name in super().get_list_display(request)]

    def get_list_display_links(self, request, list_display):
        links = super().get_list_display_links(request, list_display)
        return [self._short(link, in_row) for link in links]

    def get_fields(self, request, obj=None):
        return [self._short(name, on_page) for name in super().get_fields(request, obj)]

    def _short(self, name, cut):
        texts = {field.name for field in self.opts.fields if isinstance(field, models.TextField)}
        return shown(self.opts.get_field(name), cut) if name in texts else name


@cache
def shown(field, cut):
    """A column of the admin with as much of a text as `cut` leaves."""

    @admin.display(description=field.verbose_name, ordering=field.name, empty_value="-")
    def text(row):
        return cut(getattr(row, field.name))

    return text


class ReadOnlyAdmin(ShortTexts, admin.ModelAdmin):
    """Rows that other things keep: they are looked at here and never changed."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Project)
class ProjectAdmin(VerbAdmin):
    """People make projects on the site, where they become their owners."""

    list_display = ["key", "name", "default_branch", "created_at", "archived_at", "deleted_at"]
    search_fields = ["key", "name", "description"]
    readonly_fields = ["key", "created_at", "archived_at", "deleted_at"]
    fields = ["key", "name", "description", "default_branch", "repeats", *readonly_fields[1:]]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        deleted = obj is not None and obj.deleted_at is not None
        return not deleted and super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        lifecycle.change_project(obj, by=request.user, **form.cleaned_data)


@admin.register(Environment)
class EnvironmentAdmin(ReadOnlyAdmin):
    list_display = ["name", "project"]
    list_filter = ["project"]
    list_select_related = ["project"]
    search_fields = ["name", "project__key", "project__name"]
    fields = ["project", "name"]


@admin.register(ProjectGroupObjectPermission)
class GroupPermissionAdmin(ReadOnlyAdmin):
    list_display = ["content_object", "group", "permission"]
    list_filter = ["content_object"]
    list_select_related = ["content_object", "group", "permission__content_type"]
    search_fields = ["content_object__key", "group__name", "permission__codename"]


@admin.register(ProjectUserObjectPermission)
class UserPermissionAdmin(ReadOnlyAdmin):
    list_display = ["content_object", "user", "permission"]
    list_filter = ["content_object"]
    list_select_related = ["content_object", "user", "permission__content_type"]
    search_fields = ["content_object__key", "user__email", "permission__codename"]


admin.site.unregister(Group)


@admin.register(Group)
class RoleGroupAdmin(ReadOnlyAdmin):
    """The groups of the roles follow the memberships."""

    list_display = ["name"]
    search_fields = ["name"]
