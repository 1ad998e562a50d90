from django.core.exceptions import ValidationError

from .models import Environment
from .refusals import Unprocessable

ALWAYS_THERE = {"ci", "local"}
"""Where imports and other runs go that name no environment."""


def usable_name(name):
    """Refuse a new environment that results could never reach."""
    if name in Environment.SYNONYMS:
        raise ValidationError(
            f"“{name}” already means {Environment.SYNONYMS[name]}; choose another name.",
            code="synonym",
        )
    return name


def name_meant(name):
    """The name of the environment that people mean: `Production` is prod."""
    name = (name or "").strip().lower()
    return Environment.SYNONYMS.get(name, name)


def find_environment(project, name, *, default):
    """The project's environment of this name; `production` is prod, none at all the default.

    Raises Unprocessable for an unknown one, with the known ones named.
    """
    wanted = name_meant(name) or default
    known = {environment.name: environment for environment in project.environments.all()}
    if wanted not in known:
        raise Unprocessable(
            f"The project has no environment {wanted!r}; it knows {', '.join(sorted(known))}.",
            field="environment",
            code="unknown_environment",
        )
    return known[wanted]
