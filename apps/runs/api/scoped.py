from apps.projects.api.views import ProjectScopedViewSet

from ..door import find_run


class RunScopedViewSet(ProjectScopedViewSet):
    """Begins at the run of the address, where it names one, as its pages do.

    `guests_may` names the actions that are open to guests of the run; all others are refused.
    """

    guests_may: frozenset[str] = frozenset()

    def find_context(self, request, key, number=None, **_):
        if number is None:
            return super().find_context(request, key)
        context = find_run(request.user, key, number, token=request.auth)
        if self.action not in self.guests_may:
            context.require_membership()
        return context
