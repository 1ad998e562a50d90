from datetime import UTC, datetime

from django import forms
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from ..activity.exports import FORMATS, export, told
from ..activity.links import link
from ..activity.rows import known_verb, narrowed, seen_by, sees_origins
from ..models import Activity
from .pagination import NewestFirst
from .views import ProjectScopedViewSet

FORMAT = OpenApiParameter(
    "format", OpenApiTypes.STR, enum=list(FORMATS), required=True, description="CSV or JSON Lines."
)


class MomentField(IsoDateTimeField):
    """In UTC, since the database takes no offset of more than sixteen hours."""

    def to_python(self, value: str | None) -> datetime | None:
        moment = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class MomentFilter(filters.IsoDateTimeFilter):
    field_class = MomentField


class ActivityFilter(filters.FilterSet):
    person = filters.CharFilter(method="narrow", max_length=254, help_text="An e-mail address.")
    verb = filters.CharFilter(
        method="narrow",
        max_length=60,
        help_text="A verb such as run.finish, or a kind such as run.",
    )
    object = filters.CharFilter(method="narrow", max_length=64, help_text="The id of an object.")
    since = MomentFilter(method="narrow", help_text="From this time on.")
    until = MomentFilter(method="narrow", help_text="Before this time.")
    access = filters.BooleanFilter(method="narrow", help_text="Who may get in, and how, alone.")
    q = filters.CharFilter(method="narrow", max_length=200, help_text="Within the object's label.")

    class Meta:
        model = Activity
        fields: list[str] = []

    def narrow(self, rows, name, value):
        if name == "verb" and not known_verb(value):
            raise ValidationError({"verb": [f"There is no verb {value}."]})
        return narrowed(rows, {name: value})


class ObjectSerializer(serializers.Serializer):
    type = serializers.CharField()
    id = serializers.CharField()
    label = serializers.CharField(help_text="What it was called then.")
    url = serializers.URLField(allow_null=True, help_text="Its page, while it is there.")


class ActivitySerializer(serializers.Serializer):
    """One act; token, address and request_id are told to owners, to others they are null."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    who = serializers.CharField(help_text="The person's e-mail address, or TestoQA.")
    verb = serializers.CharField()
    words = serializers.CharField(help_text="The verb for people: finished the run.")
    object = ObjectSerializer()
    before = serializers.DictField(help_text="The fields that changed, as they were.")
    after = serializers.DictField()
    token = serializers.CharField(allow_null=True)
    address = serializers.IPAddressField(allow_null=True)
    request_id = serializers.CharField(allow_null=True)


class ActivityViewSet(ProjectScopedViewSet):
    """The audit trail of the project: who did what, when, and what it changed. Nobody changes it.

    Every member sees it; what tells of tokens and invitations is for owners.
    """

    serializer_class = ActivitySerializer
    pagination_class = NewestFirst
    filterset_class = ActivityFilter
    queryset = Activity.objects.none()

    def list(self, request, key):
        """The acts, the newest first."""
        page = self.paginate_queryset(self.found())
        link(self.project, page)
        origins = sees_origins(self.context)
        rows = [told(row, origins=origins, url=self.whole(row.url)) for row in page]
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @extend_schema(
        parameters=[FORMAT],
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR),
            (200, "application/jsonl"): OpenApiResponse(OpenApiTypes.STR),
        },
    )
    def export(self, request, key):
        """The same rows as a file, CSV or JSON Lines, of any length.

        In the CSV a cell that a spreadsheet would take for a formula begins with an apostrophe.
        """
        kind = request.query_params.get("format")
        if kind not in FORMATS:
            known = " and ".join(FORMATS)
            raise ValidationError({"format": [f"There is no such format; there are {known}."]})
        absolute = request.build_absolute_uri
        return export(request._request, self.context, self.found(), kind, absolute)

    def found(self):
        return self.filter_queryset(seen_by(self.context))

    def whole(self, url):
        return url and self.request.build_absolute_uri(url)
