from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from apps.projects.api.pagination import HighestNumberFirst
from apps.projects.environments import find_environment
from apps.projects.permissions import RUN

from .. import lifecycle
from ..models import Run
from ..planning import manual_cases
from .filters import RunFilter
from .scoped import RunScopedViewSet
from .serializers import ChangedRunSerializer, NewRunSerializer, RunSerializer


@extend_schema_view(
    list=extend_schema(summary="Runs, newest first"),
    retrieve=extend_schema(summary="One run"),
)
class RunViewSet(RunScopedViewSet):
    """Runs by number. Making and driving them wants run_tests."""

    queryset = Run.objects.none()
    serializer_class = RunSerializer
    filterset_class = RunFilter
    pagination_class = HighestNumberFirst
    permissions = {
        "create": RUN,
        "partial_update": RUN,
        "start": RUN,
        "finish": RUN,
        "cancel": RUN,
    }
    sends_results = frozenset({"create", "retrieve", "start", "finish"})
    guests_may = frozenset({"retrieve"})

    def list(self, request, key):
        return self.paged(self.filter_queryset(self.project.runs.for_list()))

    def retrieve(self, request, key, number):
        return self.answer(self.context.run)

    @extend_schema(summary="Make a run", request=NewRunSerializer, responses={201: RunSerializer})
    def create(self, request, key):
        """The run is created, not started. 422 for an environment the project does not know."""
        serializer = NewRunSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        fields = self._with_environment(serializer.validated_data, default="local")
        cases = fields.pop("cases", None)
        if cases is None and fields.get("kind") == Run.Kind.MANUAL:
            cases = manual_cases(self.project, fields.get("suite"))
        run = lifecycle.create_run(self.project, by=request.user, cases=cases or (), **fields)
        return self.answer(run, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Rename or describe a run",
        request=ChangedRunSerializer,
        responses=RunSerializer,
    )
    def partial_update(self, request, key, number):
        """422 for an environment the project does not know."""
        serializer = ChangedRunSerializer(
            self.context.run,
            data=request.data,
            partial=True,
            context=self.get_serializer_context(),
        )
        serializer.is_valid(raise_exception=True)
        fields = self._with_environment(serializer.validated_data, default=None)
        run = lifecycle.change_run(serializer.instance, by=request.user, **fields)
        return self.answer(run)

    @extend_schema(summary="Start a created run", request=None, responses=RunSerializer)
    def start(self, request, key, number):
        """409 in any other state."""
        return self.answer(lifecycle.start(self.context.run, by=request.user))

    @extend_schema(summary="Finish a running run", request=None, responses=RunSerializer)
    def finish(self, request, key, number):
        """Its verdict follows from its executions. 409 in any other state."""
        return self.answer(lifecycle.finish(self.context.run, by=request.user))

    @extend_schema(summary="Cancel an unfinished run", request=None, responses=RunSerializer)
    def cancel(self, request, key, number):
        """What has not been executed is aborted. 409 for a finished run."""
        return self.answer(lifecycle.cancel(self.context.run, by=request.user))

    def answer(self, run, **kwargs):
        return Response(RunSerializer(run, context=self.get_serializer_context()).data, **kwargs)

    def _with_environment(self, validated, *, default):
        """The environment of the project instead of its name."""
        fields = dict(validated)
        named = fields.pop("environment", {}).get("name")
        if named or default:
            fields["environment"] = find_environment(self.project, named, default=default)
        return fields
