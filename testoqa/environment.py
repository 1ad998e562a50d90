"""Reads settings from the environment; a wrong value ends the start with one sentence."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def switch(name: str, *, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def whole(name: str, default: int, *, least: int = 1) -> int:
    value = text(name, str(default))
    if value.isdigit() and int(value) >= least:
        return int(value)
    raise ImproperlyConfigured(f"{name} must be a whole number of at least {least}, not {value!r}.")


def choice(name: str, options: tuple[str, ...]) -> str:
    """The first option is the default."""
    value = text(name, options[0])
    if value in options:
        return value
    raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}.")


def together(wanted: str, **names: str) -> dict[str, str]:
    """{key: value} of variables without which a setting that is wanted cannot work."""
    values = {key: text(name) for key, name in names.items()}
    if wanted and (missing := [names[key] for key, value in values.items() if not value]):
        raise ImproperlyConfigured(f"{' and '.join(missing)} must be set as well.")
    return values


def listing(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().resolve()


def database(name: str) -> Mapping[str, Any] | None:
    """Django's settings for a PostgreSQL address, or None when the variable is not set."""
    address = text(name)
    if not address:
        return None
    if not address.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(
            f"{name} must begin with postgresql://; no other database is used."
        )
    try:
        parts = conninfo_to_dict(address)
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"{name} is not a PostgreSQL address: {error}".strip()) from None
    known = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    settings = {known[key]: str(parts.pop(key)) for key in list(parts) if key in known}
    return {**settings, "OPTIONS": parts}
