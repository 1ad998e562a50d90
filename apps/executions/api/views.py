import io
import uuid

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.response import Response

from apps.projects.api.pagination import NewestFirst
from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import RUN
from apps.projects.refusals import Unprocessable
from apps.runs.api.scoped import RunScopedViewSet

from .. import lifecycle
from ..formats import FileRefused
from ..intake import UploadRefused, import_file, record_results
from ..models import Execution, Import
from ..receipts import receipt, should_stop_pipeline
from .filters import ExecutionFilter
from .serializers import (
    BatchItemSerializer,
    ChangesSerializer,
    ExecutionDetailSerializer,
    ExecutionSerializer,
    ImportFormSerializer,
    ReceiptSerializer,
    VerdictSerializer,
)

MOST_CHANGES = 500
FAIL_ON = OpenApiParameter(
    "fail_on",
    enum=["failed", "new"],
    description="Answer 422, with the same body, when the run has failures, or new failures.",
)
IDEMPOTENCY_KEY = OpenApiParameter("Idempotency-Key", location=OpenApiParameter.HEADER)


class RawParser(BaseParser):
    """Hands the body on as it is; the readers of results parse it as a stream."""

    media_type = "*/*"

    def parse(self, stream, media_type=None, parser_context=None):
        return QueryDict()


@extend_schema_view(
    list=extend_schema(summary="Executions of a run"),
    retrieve=extend_schema(summary="One execution", responses=ExecutionDetailSerializer),
)
class ExecutionViewSet(RunScopedViewSet):
    """What a run executed. Recording and judging want run_tests."""

    queryset = Execution.objects.none()
    serializer_class = ExecutionSerializer
    filterset_class = ExecutionFilter
    permissions = {"partial_update": RUN, "record": RUN}
    sends_results = frozenset({"record"})
    guests_may = frozenset({"list", "retrieve", "partial_update", "changes"})

    def list(self, request, key, number):
        executions = self.context.run.executions.select_related("case")
        return self.paged(self.filter_queryset(executions))

    def retrieve(self, request, key, number, id):
        return self.answer(self.find_execution(id))

    @extend_schema(
        summary="Judge an execution by hand",
        request=VerdictSerializer,
        responses=ExecutionDetailSerializer,
    )
    def partial_update(self, request, key, number, id):
        """Another verdict than the one there is an override. 409 in a cancelled or aborted run."""
        execution = self.find_execution(id)
        serializer = VerdictSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        lifecycle.set_verdict(
            execution,
            given["verdict"],
            by=request.user,
            note=given.get("note"),
            actual_result=given.get("actual_result"),
        )
        return self.answer(self.find_execution(id))

    @extend_schema(
        summary="Record a batch of results",
        description="Up to 10,000 results: a JSON list, or one JSON object a line (NDJSON).",
        request=BatchItemSerializer(many=True),
        parameters=[IDEMPOTENCY_KEY, FAIL_ON],
        responses=dict.fromkeys((200, 201, 422), ReceiptSerializer),
    )
    def record(self, request, key, number):
        """Starts a created run. 409 with its url for a finished one; 422 for a reused key."""
        _fail_on(request)
        try:
            arrival = record_results(
                self.context.run,
                io.BytesIO(request._request.body),
                by=request.user,
                content_type=request.content_type or "",
                idempotency_key=_idempotency_key(request),
            )
        except FileRefused as refusal:
            raise exceptions.ValidationError({"body": [str(refusal)]}) from None
        return receipt_response(arrival, request)

    @extend_schema(
        summary="Executions that changed after a sequence number",
        parameters=[
            OpenApiParameter("since", int, description="The seq that is known already."),
            OpenApiParameter("after", str, description="Where the page before ended."),
            OpenApiParameter("limit", int, description="At most 500."),
        ],
        responses=ChangesSerializer,
        filters=False,
    )
    def changes(self, request, key, number):
        """In the order of seq, with the run's counters as they are now."""
        run = self.context.run
        since, after = _whole(request, "since", 0), _uuid(request, "after")
        limit = min(max(_whole(request, "limit", 50), 1), MOST_CHANGES)
        changed = list(run.executions.changed_after(since, after)[: limit + 1])
        more, changed = len(changed) > limit, changed[:limit]
        body = {
            "seq": run.seq,
            "counts": run.counts,
            "status": run.status,
            "new_failures": run.new_failures,
            "results": self.get_serializer(changed, many=True).data,
            "next": _next_changes(request, changed[-1], limit) if more else None,
        }
        return Response(body)

    def find_execution(self, id):
        executions = self.context.run.executions.select_related("case")
        return self.find(executions, pk=id)

    def answer(self, execution):
        context = self.get_serializer_context()
        return Response(ExecutionDetailSerializer(execution, context=context).data)


@extend_schema_view(
    list=extend_schema(summary="Receipts, newest first", responses=ReceiptSerializer(many=True)),
)
class ImportViewSet(ProjectScopedViewSet):
    """Result files and their receipts. Sending them wants run_tests."""

    queryset = Import.objects.none()
    serializer_class = ReceiptSerializer
    parser_classes = [MultiPartParser]
    pagination_class = NewestFirst
    filter_backends = []
    permissions = {"create": RUN}
    sends_results = frozenset({"create", "retrieve"})

    def list(self, request, key):
        page = self.paginate_queryset(self.project.imports.select_related("run"))
        return self.get_paginated_response([receipt(row, request) for row in page])

    @extend_schema(
        summary="The receipt of an import",
        parameters=[FAIL_ON],
        responses=dict.fromkeys((200, 422), ReceiptSerializer),
    )
    def retrieve(self, request, key, id):
        """bytes_read and bytes_total tell the progress while it is queued or reading."""
        arrival = self.find(self.project.imports.select_related("run"), pk=id)
        return receipt_response(arrival, request, status=status.HTTP_200_OK)

    @extend_schema(
        summary="Import a result file",
        request={"multipart/form-data": ImportFormSerializer},
        parameters=[IDEMPOTENCY_KEY, FAIL_ON],
        responses=dict.fromkeys((200, 201, 202, 422), ReceiptSerializer),
    )
    def create(self, request, key):
        """201 with the receipt; 202 with its Location for a large file, which a job reads; 200 with
        the first receipt for a file that came before. 409 for a finished run; 422 for a file that
        cannot be read, for several, and for a field that is wrong, unknown or sent twice."""
        _fail_on(request)
        file = _only_file(request)
        try:
            arrival = import_file(
                self.project,
                file,
                by=request.user,
                filename=file.name,
                fields=request.data,
                anew=str(request.data.get("new", "")) == "1",
                idempotency_key=_idempotency_key(request),
            )
        except UploadRefused as refusal:
            refusal.extra = receipt(refusal.receipt, request)
            raise
        return receipt_response(arrival, request)


def receipt_response(arrival, request, *, status=None):
    """The receipt, with the status that its state and ?fail_on= ask for."""
    headers = {}
    if should_stop_pipeline(arrival, _fail_on(request)):
        status = 422
    elif status is None and arrival.state in (Import.State.QUEUED, Import.State.READING):
        status = 202
    elif status is None:
        status = 200 if getattr(arrival, "was_repeated", False) else 201
    body = receipt(arrival, request)
    if status in (201, 202):
        headers["Location"] = body["url"]
    return Response(body, status=status, headers=headers)


def _only_file(request):
    """The file of the form; of two, one would be dropped or both would share a receipt."""
    file = request.FILES.get("file")
    if file is None:
        raise exceptions.ValidationError(
            {"file": ["Send the result file as the multipart field “file”."]}, code="required"
        )
    if len(sent := request.data.getlist("file")) > 1:
        raise Unprocessable(
            f"There are {len(sent)} parts named file, and an import takes one: send one zip of "
            "all files, or one request for each file.",
            field="file",
            code="several_files",
        )
    return file


def _fail_on(request):
    """What ?fail_on= asks for; a wrong word is refused before anything is stored."""
    fail_on = request.query_params.get("fail_on", "")
    if fail_on not in ("", "failed", "new"):
        raise exceptions.ValidationError({"fail_on": ["Write failed or new."]})
    return fail_on


def _idempotency_key(request):
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > 255 or "\x00" in key:
        raise exceptions.ValidationError({"Idempotency-Key": ["At most 255 characters."]})
    return key


def _whole(request, name, default):
    value = request.query_params.get(name, "")
    if not value:
        return default
    if value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    raise exceptions.ValidationError({name: ["Write a whole number."]})


def _uuid(request, name):
    value = request.query_params.get(name, "")
    try:
        return uuid.UUID(value) if value else None
    except ValueError:
        raise exceptions.ValidationError({name: ["Write the id of an execution."]}) from None


def _next_changes(request, last, limit):
    query = QueryDict(mutable=True)
    query.update({"since": last.seq, "after": last.pk, "limit": limit})
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
