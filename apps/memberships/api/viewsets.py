from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.response import Response

from apps.projects.api.serializers import ProjectSerializer
from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.door import open_to, visible_projects
from apps.projects.models import Project
from apps.projects.permissions import MANAGE_MEMBERS, MANAGE_PROJECT, ROLE_PERMISSIONS, VIEW

from .. import expiry, lifecycle
from ..invitations import find_acquaintance
from ..models import ApiToken, Membership
from ..token_views import own_tokens
from ..views import tokens_seen
from .invitations import InvitationSerializer, invite_one
from .serializers import (
    MadeOwnTokenSerializer,
    MadeTokenSerializer,
    MemberSerializer,
    NewMemberSerializer,
    OwnTokenSerializer,
    RoleSerializer,
    TokenSerializer,
)


class ProjectListViewSet(viewsets.GenericViewSet):
    """The projects that you can see; anybody may make one and then owns it."""

    serializer_class = ProjectSerializer
    queryset = Project.objects.none()

    def list(self, request):
        """Your projects; with a token confined to a project, that one.

        Those that ask for a second factor are left out while you have none.
        """
        projects = visible_projects(request.user, token=request.auth).filter(open_to(request.user))
        page = self.paginate_queryset(projects.with_role_of(request.user))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def create(self, request):
        """Make a project and own it. 403 for a token that is confined to another one."""
        if request.auth is not None and request.auth.project_id:
            raise PermissionDenied("This token is confined to one project and cannot make another.")
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = lifecycle.found_project(by=request.user, **serializer.validated_data)
        project = Project.objects.with_role_of(request.user).get(pk=made.pk)
        return Response(self.get_serializer(project).data, status=status.HTTP_201_CREATED)


class MemberViewSet(ProjectScopedViewSet):
    """The people of the project."""

    permissions = {
        "create": MANAGE_MEMBERS,
        "partial_update": MANAGE_MEMBERS,
        "hand_over": MANAGE_MEMBERS,
        "destroy": VIEW,
    }
    serializer_class = MemberSerializer
    queryset = Membership.objects.none()

    def list(self, request, key):
        """The members, in the order in which they came."""
        return self.paged(self.project.memberships.of_people().select_related("user"))

    @extend_schema(
        request=NewMemberSerializer,
        responses={201: MemberSerializer, 202: InvitationSerializer},
    )
    def create(self, request, key):
        """Add a person who is in another project with you (owners): 201. Anybody else is invited by
        e-mail, whether or not they have an account here: 202 with the invitation.

        409 when they are a member or invited already.
        """
        serializer = NewMemberSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        email, role = serializer.validated_data["email"], serializer.validated_data["role"]
        person = find_acquaintance(request.user, email, token=request.auth)
        if person is None:
            invitation = invite_one(request, self.project, email=email, role=role)
            body = InvitationSerializer(invitation, context=self.get_serializer_context()).data
            return Response(body, status=status.HTTP_202_ACCEPTED)
        membership = lifecycle.add_member(self.project, person, role, by=request.user)
        return Response(self.get_serializer(membership).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=RoleSerializer, responses={200: MemberSerializer})
    def partial_update(self, request, key, pk):
        """Give a member another role (owners). 409 when no owner would be left."""
        membership = self.find(self.project.memberships.of_people(), pk=pk)
        serializer = RoleSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        role = serializer.validated_data["role"]
        membership = lifecycle.change_role(membership, role, by=request.user)
        return Response(self.get_serializer(membership).data)

    @extend_schema(request=None, responses={200: MemberSerializer})
    def hand_over(self, request, key, pk):
        """Make this member the owner in your place; you stay as a manager (owners)."""
        membership = self.find(self.project.memberships.of_people(), pk=pk)
        lifecycle.hand_over(membership, by=request.user)
        membership.refresh_from_db()
        return Response(self.get_serializer(membership).data)

    def destroy(self, request, key, pk):
        """Take a person out (owners), or leave. 409 when no owner would be left."""
        membership = self.find(self.project.memberships.of_people(), pk=pk)
        if membership.user_id != request.user.pk:
            self.context.require(MANAGE_MEMBERS)
        require_rank(self, membership.role)
        lifecycle.remove_member(membership, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TokenViewSet(ProjectScopedViewSet):
    """Tokens confined to the project: your own, for an owner all of them."""

    permissions = {"create": VIEW, "destroy": VIEW}
    serializer_class = TokenSerializer
    queryset = ApiToken.objects.none()

    def get_serializer_context(self):
        door = getattr(self, "context", None)
        return {**super().get_serializer_context(), "permissions": door and door.permissions}

    def list(self, request, key):
        """Tokens of this project, without their secrets."""
        return self.paged(tokens_seen(self.context))

    @extend_schema(request=TokenSerializer, responses={201: MadeTokenSerializer})
    def create(self, request, key):
        """Make a token for yourself, or as an owner for the project itself (`service`). The answer
        holds its secret, which is shown this once.

        It lasts 90 days unless `expires_at` says otherwise, a year at most; null, for no end, is
        for owners. A token made with a token ends no later than that one.
        """
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        asked = {**asked_of_token(request, fields), "role": fields["role"]}
        if fields["user"]["is_service"]:
            self.context.require(MANAGE_PROJECT)
            issued = lifecycle.issue_service_token(self.project, **asked)
        else:
            issued = lifecycle.issue_token(request.user, project=self.project, **asked)
        return made(issued, MadeTokenSerializer, self.get_serializer_context())

    def destroy(self, request, key, pk):
        """Revoke a token at once. Doing so again changes nothing.

        403 for a token that may do less than the one to be revoked.
        """
        token = self.find(tokens_seen(self.context), pk=pk)
        require_rank(self, token.role)
        lifecycle.revoke_token(token, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class OwnTokenViewSet(viewsets.GenericViewSet):
    """Tokens that act for you: those that open every project of yours, and confined ones."""

    serializer_class = OwnTokenSerializer
    queryset = ApiToken.objects.none()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.auth is not None and request.auth.project_id:
            raise PermissionDenied(
                "This token is confined to one project; its tokens are at tokens/ below that."
            )

    def list(self, request):
        """Your tokens, without their secrets. 403 for a token that is confined to a project."""
        page = self.paginate_queryset(own_tokens(request.user))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=OwnTokenSerializer, responses={201: MadeOwnTokenSerializer})
    def create(self, request):
        """Make a token that can what you can, in every project. The answer holds its secret, which
        is shown this once.

        It lasts 90 days unless `expires_at` says otherwise, a year at most. A token made with a
        token ends no later than that one.
        """
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = asked_of_token(request, serializer.validated_data)
        issued = lifecycle.issue_token(request.user, **asked)
        return made(issued, MadeOwnTokenSerializer, self.get_serializer_context())

    def destroy(self, request, pk):
        """Revoke a token of yours at once. Doing so again changes nothing."""
        token = get_object_or_404(own_tokens(request.user), pk=pk)
        lifecycle.revoke_token(token, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def asked_of_token(request, fields):
    """What the verbs take; nothing made with a token outlasts it."""
    ends = [fields.get("expires_at", expiry.after(expiry.DAYS))]
    ends.append(request.auth and request.auth.expires_at)
    return {
        "by": request.user,
        "name": fields["name"],
        "scope": fields.get("scope", ApiToken.Scope.ALL),
        "expires_at": min([end for end in ends if end], default=None),
    }


def made(issued, serializer_class, context):
    """The answer with the secret, which nothing keeps."""
    token, token.token = issued
    body = serializer_class(token, context=context).data
    headers = {"Cache-Control": "no-store"}
    return Response(body, status=status.HTTP_201_CREATED, headers=headers)


def require_rank(view, role):
    """A token ends nothing that may do more than itself; a signed-in person ends what is theirs."""
    if view.request.auth and not ROLE_PERMISSIONS[role] <= view.context.permissions:
        raise PermissionDenied(
            "This token cannot end what may do more than itself; sign in, or use one of a higher "
            "role."
        )
