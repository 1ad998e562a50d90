from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response


class CursorPages(CursorPagination):
    """{"results": […], "next": url or null}; ?limit= up to 500, filters kept."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500
    ordering = "id"

    def paginate_queryset(self, queryset, request, view=None):
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError):
            # A cursor that was made up may hold what is no value of the column.
            if self.cursor_query_param not in request.query_params:
                raise
            raise NotFound(self.invalid_cursor_message) from None

    def decode_cursor(self, request):
        cursor = super().decode_cursor(request)
        if cursor and "\0" in (cursor.position or ""):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_paginated_response(self, data):
        return Response({"results": data, "next": self.get_next_link()})

    def get_paginated_response_schema(self, schema):
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": ["string", "null"], "format": "uri"},
            },
        }


class NewestFirst(CursorPages):
    ordering = "-id"


class HighestNumberFirst(CursorPages):
    ordering = "-number"
