from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import viewsets
from rest_framework.permissions import SAFE_METHODS

from ..door import find_project
from ..permissions import VIEW


class ProjectScopedViewSet(viewsets.GenericViewSet):
    """Begins at the project of the address, and asks for the permission of the action.

    `permissions` names one for every unsafe action; an action without one is refused to everybody,
    so that a forgotten line is found by the first test. `sends_results` names the actions that are
    open to a token which only sends results; all others are refused to it.
    """

    permissions: dict[str, str] = {}
    sends_results: frozenset[str] = frozenset()
    lookup_field = "number"

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.context = self.find_context(request, **kwargs)
        self.project = self.context.project
        if request.method not in SAFE_METHODS and self.action:
            self.context.require(self.permissions[self.action])
        else:
            self.context.require(self.permissions.get(self.action, VIEW))

    def find_context(self, request, key, **_):
        return find_project(request.user, key, token=request.auth)

    def get_serializer_context(self):
        return {**super().get_serializer_context(), "project": getattr(self, "project", None)}

    def find(self, queryset, **lookup):
        """The object of the address within the project, or a 404 that says what is missing."""
        try:
            return get_object_or_404(queryset, **lookup)
        except (Http404, ValueError, OverflowError):
            noun = queryset.model._meta.verbose_name
            raise Http404(f"{self.project.key} has no such {noun}.") from None

    def paged(self, queryset, serializer_class=None):
        page = self.paginate_queryset(queryset)
        serializer = (serializer_class or self.get_serializer_class())(
            page, many=True, context=self.get_serializer_context()
        )
        return self.get_paginated_response(serializer.data)
