"""How the OpenAPI document tells of tokens and sessions."""

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "apps.memberships.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "tqa_…",
            "description": "A token of a project's settings, or of manage.py issue_token.",
        }


class SignedInScheme(SessionScheme):
    target_class = "apps.memberships.api.authentication.SessionAuthentication"
    name = "session"
