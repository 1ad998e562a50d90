from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from apps.projects.api.pagination import NewestFirst
from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import EDIT, REVIEW

from ... import lifecycle
from ...models import Review
from ..serializers import DecisionSerializer, ReviewSerializer

MINE = OpenApiParameter("mine", bool, description="true: those that you may decide on.")


@extend_schema_view(list=extend_schema(summary="Reviews of a case, newest first"))
class CaseReviewViewSet(ProjectScopedViewSet):
    """Sending a case to review wants edit_cases, deciding on it review_cases."""

    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    pagination_class = NewestFirst
    filter_backends = []
    permissions = {"create": EDIT, "withdraw": EDIT, "approve": REVIEW, "send_back": REVIEW}

    def list(self, request, key, number):
        case = self._case(number)
        return self.paged(case.reviews.select_related("case", "asked_by", "decided_by"))

    @extend_schema(summary="Send a case to review", request=None, responses={201: ReviewSerializer})
    def create(self, request, key, number):
        """409 for a case that is in review already, deprecated or archived."""
        review = lifecycle.send_to_review(self._case(number), by=request.user)
        return self._answer(review, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Take a case back from review", request=None)
    def withdraw(self, request, key, number):
        """It is a draft again."""
        return self._answer(lifecycle.withdraw_review(self._case(number), by=request.user))

    @extend_schema(summary="Approve a case", request=DecisionSerializer)
    def approve(self, request, key, number):
        """It is ready. 409 for its author: who sent it, or wrote of it since the last approval."""
        return self._decide(request, number, lifecycle.approve_case)

    @extend_schema(summary="Return a case", request=DecisionSerializer)
    def send_back(self, request, key, number):
        """It is a draft again; `note` says what is missing. 409 for its author."""
        return self._decide(request, number, lifecycle.return_case)

    def _decide(self, request, number, verb):
        serializer = DecisionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = {"note": "", **serializer.validated_data}
        return self._answer(verb(self._case(number), by=request.user, **said))

    def _case(self, number):
        return self.find(self.project.cases, number=number)

    def _answer(self, review, **kwargs):
        return Response(self.get_serializer(review).data, **kwargs)


class ReviewViewSet(ProjectScopedViewSet):
    """Cases of the project that wait for a reviewer."""

    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    filter_backends = []

    @extend_schema(summary="Open reviews of the project", parameters=[MINE])
    def list(self, request, key):
        """Those that wait longest first."""
        waiting = self.project.reviews.waiting()
        if request.query_params.get("mine") == "true":
            may = self.context.may(REVIEW)
            waiting = waiting.decidable_by(request.user) if may else waiting.none()
        return self.paged(waiting.select_related("case", "asked_by", "decided_by"))
