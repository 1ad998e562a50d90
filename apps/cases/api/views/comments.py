from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import EDIT, VIEW

from ... import lifecycle
from ...models import Comment
from ..serializers import CommentSerializer, WordsSerializer


@extend_schema_view(list=extend_schema(summary="Comments on a case, oldest first"))
class CommentViewSet(ProjectScopedViewSet):
    """Any member comments; who wrote a comment changes it, and they or a manager delete it."""

    queryset = Comment.objects.none()
    serializer_class = CommentSerializer
    filter_backends = []
    permissions = {"create": VIEW, "partial_update": VIEW, "destroy": VIEW}

    def list(self, request, key, number):
        return self.paged(self._case(number).comments.for_page())

    @extend_schema(
        summary="Comment on a case", request=WordsSerializer, responses={201: CommentSerializer}
    )
    def create(self, request, key, number):
        """Members named by @ and their address, or their name, are told."""
        case, body = self._case(number), self._words(request)
        comment = lifecycle.add_comment(case, body, by=request.user, site=self._site())
        return self._answer(case, comment, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change a comment of one's own", request=WordsSerializer)
    def partial_update(self, request, key, number, id):
        """403 for that of somebody else."""
        case, body = self._case(number), self._words(request)
        comment = self.find(case.comments, pk=id)
        lifecycle.edit_comment(comment, body, by=request.user, site=self._site())
        return self._answer(case, comment)

    @extend_schema(summary="Delete a comment", responses={204: None})
    def destroy(self, request, key, number, id):
        """Its place stays, without the words. Of others it takes edit_cases."""
        self.context.require_word()
        comment = self.find(self._case(number).comments, pk=id)
        lifecycle.delete_comment(comment, by=request.user, manages=self.context.may(EDIT))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _words(self, request):
        self.context.require_word()
        serializer = WordsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data["body"]

    def _site(self):
        return self.request.build_absolute_uri("/")

    def _case(self, number):
        return self.find(self.project.cases, number=number)

    def _answer(self, case, comment, **kwargs):
        comment = case.comments.for_page().get(pk=comment.pk)
        return Response(self.get_serializer(comment).data, **kwargs)
