from django.utils import timezone
from rest_framework import serializers

from apps.projects.api.serializers import KnownFieldsOnly
from apps.projects.permissions import ROLE_PERMISSIONS, Role

from .. import expiry
from ..models import ApiToken, Membership


class MemberSerializer(serializers.ModelSerializer):
    email = serializers.EmailField(source="user.email", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "email", "name", "role", "created_at"]
        read_only_fields = ["created_at"]


class NewMemberSerializer(KnownFieldsOnly):
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=Role.choices)


class RoleSerializer(KnownFieldsOnly):
    role = serializers.ChoiceField(choices=Role.choices)


class OwnTokenSerializer(KnownFieldsOnly, serializers.ModelSerializer):
    """A token of one's own without its secret, which only the answer that made it holds."""

    project = serializers.CharField(
        source="project.key",
        default=None,
        read_only=True,
        allow_null=True,
        help_text="Null where it opens every project of yours.",
    )
    role = serializers.CharField(
        read_only=True, help_text="Empty where it can what the person can in each project."
    )
    state = serializers.ChoiceField(choices=ApiToken.State.choices, read_only=True)

    class Meta:
        model = ApiToken
        fields = [
            "id",
            "name",
            "project",
            "role",
            "scope",
            "state",
            "hint",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        ]
        read_only_fields = ["hint", "created_at", "last_used_at", "revoked_at"]
        extra_kwargs = {"expires_at": {"help_text": "90 days from now when it is left out."}}

    def validate_expires_at(self, end):
        if end is None:
            if not expiry.may_be_endless(self.context.get("permissions") or ()):
                raise serializers.ValidationError(expiry.ENDLESS, code="endless")
        elif end <= timezone.now():
            raise serializers.ValidationError("This time has passed already.", code="past")
        elif expiry.is_too_long(end):
            raise serializers.ValidationError(expiry.TOO_LONG, code="too_long")
        return end


class MadeOwnTokenSerializer(OwnTokenSerializer):
    token = serializers.CharField(
        read_only=True, help_text="The secret, shown this once: Authorization: Bearer tqa_…"
    )

    class Meta(OwnTokenSerializer.Meta):
        fields = [*OwnTokenSerializer.Meta.fields, "token"]


class TokenSerializer(OwnTokenSerializer):
    """A token of the project, a person's or its own, without its secret."""

    role = serializers.ChoiceField(choices=Role.choices)
    person = serializers.SerializerMethodField(
        help_text="The address of whom it stands for; null for the project's own."
    )
    service = serializers.BooleanField(
        source="user.is_service",
        default=False,
        help_text="The project's own, which stays when people leave; owners make it.",
    )

    class Meta(OwnTokenSerializer.Meta):
        fields = [
            "id",
            "name",
            "role",
            "scope",
            "service",
            "state",
            "hint",
            "person",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        ]
        read_only_fields = ["hint", "created_at", "last_used_at", "revoked_at"]

    def get_person(self, token) -> str | None:
        return None if token.user.is_service else token.user.email

    def validate_role(self, role):
        if not ROLE_PERMISSIONS[role] <= self.context["permissions"]:
            raise serializers.ValidationError(
                "A token cannot do more than whoever makes it; choose a lesser role.",
                code="above_own",
            )
        return role


class MadeTokenSerializer(TokenSerializer):
    token = serializers.CharField(
        read_only=True, help_text="The secret, shown this once: Authorization: Bearer tqa_…"
    )

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]
