from django.utils import timezone
from rest_framework import serializers

from apps.projects.api.serializers import KnownFieldsOnly
from apps.projects.permissions import ROLE_PERMISSIONS, Role

from ..forms import UNKNOWN_PERSON, find_person
from ..models import ApiToken, Membership


class MemberSerializer(serializers.ModelSerializer):
    email = serializers.EmailField(source="user.email", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "email", "name", "role", "created_at"]
        read_only_fields = ["created_at"]


class NewMemberSerializer(KnownFieldsOnly):
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Role.choices)

    def validate_email(self, email):
        self.person = find_person(email)
        if self.person is None:
            raise serializers.ValidationError(UNKNOWN_PERSON, code="unknown_person")
        return email


class RoleSerializer(KnownFieldsOnly):
    role = serializers.ChoiceField(choices=Role.choices)


class TokenSerializer(KnownFieldsOnly, serializers.ModelSerializer):
    """A token without its secret, which only the answer that made it holds."""

    person = serializers.EmailField(source="user.email", read_only=True)

    class Meta:
        model = ApiToken
        fields = [
            "id",
            "name",
            "role",
            "hint",
            "person",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        ]
        read_only_fields = ["hint", "created_at", "last_used_at", "revoked_at"]
        extra_kwargs = {"role": {"allow_blank": False, "required": True}}

    def validate_role(self, role):
        if not ROLE_PERMISSIONS[role] <= self.context["permissions"]:
            raise serializers.ValidationError(
                "A token cannot do more than whoever makes it; choose a lesser role.",
                code="above_own",
            )
        return role

    def validate_expires_at(self, moment):
        if moment is not None and moment <= timezone.now():
            raise serializers.ValidationError("This time has passed already.", code="past")
        return moment


class MadeTokenSerializer(TokenSerializer):
    token = serializers.CharField(
        read_only=True, help_text="The secret, shown this once: Authorization: Bearer tqa_…"
    )

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]
