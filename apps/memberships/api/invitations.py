from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from apps.projects.api.serializers import KnownFieldsOnly
from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import MANAGE_MEMBERS
from apps.projects.refusals import Refused

from .. import lifecycle
from ..invitations import Invited
from ..models import Invitation


class InvitationSerializer(KnownFieldsOnly, serializers.ModelSerializer):
    """An invitation that waits, without its secret, which is in the message alone."""

    email = serializers.EmailField(max_length=254)
    state = serializers.ChoiceField(choices=Invitation.State, read_only=True)
    invited_by = serializers.SerializerMethodField(help_text="Null for the site itself.")

    class Meta:
        model = Invitation
        fields = [
            "id",
            "email",
            "role",
            "state",
            "invited_by",
            "created_at",
            "sent_at",
            "expires_at",
        ]
        read_only_fields = ["created_at", "sent_at", "expires_at"]

    def get_invited_by(self, invitation) -> str | None:
        return invitation.created_by and invitation.created_by.email


class InvitationViewSet(ProjectScopedViewSet):
    """Those who are asked into the project and have not accepted yet; owners see and make them."""

    permissions = dict.fromkeys(["list", "create", "destroy", "resend"], MANAGE_MEMBERS)
    serializer_class = InvitationSerializer
    queryset = Invitation.objects.none()

    def list(self, request, key):
        """The pending invitations, also those whose time has run out (owners)."""
        return self.paged(self.project.invitations.pending().select_related("created_by"))

    @extend_schema(responses={201: InvitationSerializer})
    def create(self, request, key):
        """Invite somebody by e-mail (owners), whether or not they have an account here.

        409 when the address is a member or invited already. `state` is `unsent` when the message
        could not be sent; the invitation is kept.
        """
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        invitation = invite_one(request, self.project, **serializer.validated_data)
        body = self.get_serializer(invitation).data
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: InvitationSerializer})
    def resend(self, request, key, pk):
        """Send it again, for seven more days; the link sent before ends (owners)."""
        site = request.build_absolute_uri("/")
        invitation = lifecycle.resend_invitation(self.pending(pk), by=request.user, site=site)
        return Response(self.get_serializer(invitation).data)

    def destroy(self, request, key, pk):
        """Withdraw it: the link ends (owners)."""
        lifecycle.withdraw_invitation(self.pending(pk), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def pending(self, pk):
        return self.find(self.project.invitations.pending(), pk=pk)


def invite_one(request, project, *, email, role):
    """The new invitation of one address. Raises Refused for one that is in or asked already."""
    site = request.build_absolute_uri("/")
    [result] = lifecycle.invite(project, [email], role, by=request.user, site=site)
    if result.outcome != Invited.INVITED:
        raise Refused(result.sentence, field="email", code="unique")
    return result.invitation
