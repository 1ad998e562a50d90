"""Addresses and fields, read from the URL configuration and the OpenAPI document, with values.

What is asked here is generated, so that an address made tomorrow is tried by itself.
"""

import itertools
import json
import re
from dataclasses import dataclass, field
from functools import cache

from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator

from apps.accounts.models import User
from apps.memberships.models import ApiToken
from tests.walls.permissions.addresses import routes
from tests.walls.permissions.table import TABLE
from tests.walls.world import tenant_models

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
PAGE_METHODS = ["GET", "POST"]
API_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass
class Values:
    """What names a row of one project anywhere: ids, numbers and keys."""

    key: str
    uuids: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    """Ids of what a form or a field can name."""

    def of(self, converter, name):
        if name == "key" and converter != "uuid":
            return [self.key]
        if converter == "uuid":
            return self.uuids
        if converter == "int":
            return self.numbers
        return [*self.uuids[:3], *map(str, self.numbers)]


def values_of(project, besides=()):
    """Of every row of the project; numbers that `besides` has as well are left out."""
    found = Values(project.key)
    for model in tenant_models():
        rows = model._default_manager.filter(project=project)
        found.uuids += [str(pk) for pk in rows.values_list("pk", flat=True)[:1]]
        if "number" in {column.name for column in model._meta.concrete_fields}:
            found.numbers += rows.values_list("number", flat=True)
    found.numbers += ApiToken.objects.filter(project=project).values_list("pk", flat=True)
    found.numbers += User.objects.filter(memberships__project=project).values_list("pk", flat=True)
    found.numbers = sorted(set(found.numbers) - set(besides))
    case, run = project.cases.exclude(suite=None).last(), project.runs.last()
    rows = [case, run, case.suite, run.environment, project.memberships.last()]
    found.named = [str(row.pk) for row in rows]
    found.texts = [project.key, case.key, f"#{run.number}", f"{project.key}-{run.number}"]
    return found


def project_routes():
    """Every address below a project, as the URL configuration writes it."""
    return sorted(
        route for route in routes(get_resolver()) if "<str:key>" in route and "(" not in route
    )


def methods_of(route):
    return API_METHODS if route.startswith("api/") else PAGE_METHODS


def filled(route, *choices):
    """The paths of the route: each of `choices` gives the values of one parameter, in order."""
    for chosen in itertools.product(*choices):
        rest = iter(chosen)
        yield "/" + PARAMETER.sub(lambda _, rest=rest: str(next(rest)), route)


def parameters(route):
    """[(converter, name)] of the route, without the key of the project."""
    return [(kind or "str", name) for kind, name in PARAMETER.findall(route)][1:]


def row_of(method, route):
    """The row of the permission table: it knows what a valid request looks like."""
    return next((row for row in TABLE if (row.method, row.address) == (method, route)), None)


@dataclass(frozen=True)
class Operation:
    """What the OpenAPI document says of one request."""

    method: str
    path: str
    query: tuple[str, ...]
    body: dict = field(hash=False)
    answer: dict = field(hash=False)
    kind: str = ""

    def __str__(self):
        return f"{self.method} {self.path}"

    @property
    def route(self):
        """The same address in the URL configuration."""
        pattern = re.sub(r"\\\{\w+\\\}", r"<(?:\\w+:)?\\w+>", re.escape(self.path.lstrip("/")))
        return next(route for route in routes(get_resolver()) if re.fullmatch(pattern, route))


@cache
def document():
    """The OpenAPI document, as a client reads it."""
    made = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(made, default=str))


@cache
def operations():
    """Every operation of the API, with the properties of its body and of its answer."""
    schema = document()
    return [
        operation(schema, method, path, said)
        for path, found in schema["paths"].items()
        for method, said in found.items()
        if path.startswith("/api/v1/") and "responses" in said
    ]


def with_body():
    """Operations of a project that take fields."""
    return [one for one in operations() if one.body and "{key}" in one.path]


def operation(schema, method, path, said):
    content = said.get("requestBody", {}).get("content", {})
    kind = next(iter(content), "")
    body = properties(schema, content[kind]["schema"]) if kind else {}
    answers = [answer for code, answer in said["responses"].items() if code[0] == "2"]
    shown = answers[0].get("content", {}).get("application/json", {}) if answers else {}
    query = tuple(part["name"] for part in said.get("parameters", ()) if part["in"] == "query")
    answer = properties(schema, shown["schema"]) if shown else {}
    return Operation(method.upper(), path, query, body, answer, kind)


def properties(schema, part):
    """{name: its schema} of an object, of the items of a list, and of all that it is made of."""
    part = resolved(schema, part)
    found = {}
    for inner in [*part.get("allOf", ()), *part.get("oneOf", ()), *part.get("anyOf", ())]:
        found |= properties(schema, inner)
    if "items" in part:
        found |= properties(schema, part["items"])
    return found | {
        name: resolved(schema, inner) for name, inner in part.get("properties", {}).items()
    }


def resolved(schema, part):
    while "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
    if len(part.get("allOf", ())) == 1:
        return {**resolved(schema, part["allOf"][0]), **part}
    return part
