from rest_framework.permissions import SAFE_METHODS, BasePermission

from apps.projects.permissions import READ, RESULTS, SCOPE_SENTENCES


class WithinScope(BasePermission):
    """Refuses what the scope of a token does not hold, whatever its role may.

    A view names the actions that send results; a new one is closed until it does.
    """

    def has_permission(self, request, view):
        scope = request.auth.scope if request.auth else "all"
        self.message = SCOPE_SENTENCES.get(scope)
        if scope == READ:
            return request.method in SAFE_METHODS
        if scope == RESULTS:
            return getattr(view, "action", None) in getattr(view, "sends_results", ())
        return True
