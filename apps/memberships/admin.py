from django import forms
from django.contrib import admin, messages
from django.db import transaction

from apps.accounts.models import User
from apps.projects.admin import ReadOnlyAdmin, VerbAdmin
from apps.projects.models import Project

from . import lifecycle
from .models import ApiToken, Invitation, Membership


class NewMembershipForm(forms.ModelForm):
    project = forms.ModelChoiceField(Project.objects.all())
    user = forms.ModelChoiceField(User.objects.filter(is_active=True))

    class Meta:
        model = Membership
        fields = ["user", "role"]


@admin.register(Membership)
class MembershipAdmin(VerbAdmin):
    """Adds, changes and removes by the verbs, so that the role's group follows."""

    list_display = ["project", "user", "role", "created_at"]
    list_filter = ["role", "project"]
    list_select_related = ["project", "user"]
    search_fields = ["project__key", "project__name", "user__email", "user__name"]

    def get_form(self, request, obj=None, **kwargs):
        if obj is None:
            # the form declares `project`, which the model does not let forms edit
            kwargs |= {"form": NewMembershipForm, "fields": ["user", "role"]}
        return super().get_form(request, obj, **kwargs)

    def get_fields(self, request, obj=None):
        return ["project", "user", "role"] + (["created_at"] if obj else [])

    def get_readonly_fields(self, request, obj=None):
        return ["project", "user", "created_at"] if obj else []

    def save_model(self, request, obj, form, change):
        if change:
            lifecycle.change_role(obj, form.cleaned_data["role"], by=request.user)
            return
        project, user = form.cleaned_data["project"], form.cleaned_data["user"]
        added = lifecycle.add_member(project, user, form.cleaned_data["role"], by=request.user)
        obj.pk, obj.project = added.pk, project
        obj._state.adding = False

    def delete_model(self, request, obj):
        lifecycle.remove_member(obj, by=request.user)

    @transaction.atomic
    def delete_queryset(self, request, queryset):
        for membership in queryset.order_by("project", "pk"):
            lifecycle.remove_member(membership, by=request.user)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Owners invite on the site; their links are in the messages alone."""

    list_display = [
        "email",
        "project",
        "role",
        "created_by",
        "sent_at",
        "expires_at",
        "accepted_at",
        "withdrawn_at",
    ]
    list_filter = ["role", "project"]
    list_select_related = ["project", "created_by"]
    search_fields = ["email", "project__key"]
    fields = [*list_display, "created_at", "accepted_by"]
    actions = ["withdraw"]

    @admin.action(description="Withdraw the selected invitations")
    def withdraw(self, request, queryset):
        pending = queryset.pending().order_by("project", "pk")
        for invitation in pending:
            lifecycle.withdraw_invitation(invitation, by=request.user)
        self.message_user(request, f"Withdrawn: {len(pending)}.", messages.SUCCESS)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = [
        "name",
        "hint",
        "user",
        "project",
        "role",
        "scope",
        "last_used_at",
        "expires_at",
        "revoked_at",
    ]
    list_filter = ["role", "scope", "project"]
    list_select_related = ["user", "project"]
    search_fields = ["name", "hint", "user__email", "project__key"]
    fields = [*list_display, "created_at"]
    actions = ["revoke"]

    @admin.action(description="Revoke the selected tokens")
    def revoke(self, request, queryset):
        for token in queryset:
            lifecycle.revoke_token(token, by=request.user)
        self.message_user(request, f"Revoked: {len(queryset)}.", messages.SUCCESS)
