from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from apps.projects.api.views import ProjectScopedViewSet
from apps.projects.permissions import EDIT
from apps.projects.refusals import Unprocessable

from ... import lifecycle
from ...bulk.selecting import cases_of_keys, cases_of_query, open_target
from ...bulk.wanted import Wanted, sentence
from ...models import BulkChange
from ..serializers.bulk import ChangeRequestSerializer, ChangeSerializer

BOTH = dict.fromkeys((200, 202), ChangeSerializer)


@extend_schema_view(retrieve=extend_schema(summary="A change of many cases, and its progress"))
class BulkChangeViewSet(ProjectScopedViewSet):
    """Many cases changed in one request. Changing wants edit_cases, in the target of a copy too."""

    queryset = BulkChange.objects.none()
    serializer_class = ChangeSerializer
    permissions = {"create": EDIT, "stop": EDIT, "undo": EDIT}
    lookup_field = "id"

    @extend_schema(summary="Change many cases", request=ChangeRequestSerializer, responses=BOTH)
    def create(self, request, key):
        """Set fields, move, tag, copy, archive or restore cases named by keys or found by a query.

        200 with the change when it is done; 202 with its Location where a job does it (over 500
        cases). Archived cases are passed over, and cases that are so already make no version. 422
        names keys that the project does not have; then nothing is changed.
        """
        serializer = ChangeRequestSerializer(
            data=request.data, context=self.get_serializer_context()
        )
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        wanted = self._wanted(said)
        if "q" in said:
            cases, wanted.query = cases_of_query(self.project, said["q"], request.user), said["q"]
        else:
            cases = cases_of_keys(self.project, said["cases"])
        return self._answer(lifecycle.change_cases(self.project, cases, wanted, by=request.user))

    def retrieve(self, request, key, id):
        """`done` of `total` cases are looked at; `undo_until` is the end of the time to undo it."""
        return self._answer(self._find(id), status=status.HTTP_200_OK)

    @extend_schema(
        summary="Stop a change of many cases", request=None, responses={200: ChangeSerializer}
    )
    def stop(self, request, key, id):
        """What it has done stays, and can be undone. 409 for one that has ended."""
        return self._answer(lifecycle.stop_change(self._find(id), by=request.user))

    @extend_schema(summary="Undo a change of many cases", request=None, responses=BOTH)
    def undo(self, request, key, id):
        """Within ten minutes of its end. Cases that were changed since are left, and named.

        409 while it is under way, when it was undone already, and later.
        """
        change = self._find(id)
        if (target := change.copied_to) is not None:
            open_target(request.user, target.key, token=request.auth)
        return self._answer(lifecycle.undo_change(change, by=request.user))

    def _find(self, id):
        return self.find(self.project.bulk_changes.select_related("created_by"), pk=id)

    def _answer(self, change, **kwargs):
        body = self.get_serializer(change).data
        if change.is_under_way and not kwargs:
            headers = {"Location": body["url"]}
            return Response(body, status=status.HTTP_202_ACCEPTED, headers=headers)
        return Response(body, **kwargs)

    def _wanted(self, said):
        wanted = Wanted(
            set={**said.get("set", {})},
            add_tags=sorted({*said.get("add_tags", [])}),
            remove_tags=sorted({*said.get("remove_tags", [])}),
            moves="move_to" in said,
            archive=said.get("archive"),
        )
        suite, target = said.get("move_to"), None
        if "copy_to" in said:
            target, suite = self._target(said["copy_to"])
            wanted.copy_to = target.pk
        wanted.suite = str(suite.pk) if suite else None
        wanted.said = sentence(
            wanted,
            place=suite.path if suite else "",
            project="another project" if target != self.project else target.key,
        )
        return wanted

    def _target(self, said):
        target = open_target(self.request.user, said["project"], token=self.request.auth)
        if said["suite"] is None:
            return target, None
        suite = target.suites.filter(pk=said["suite"]).first()
        if suite is None:
            raise Unprocessable(
                f"{target.key} has no such suite.", field="copy_to", code="unknown_suite"
            )
        return target, suite
