"""What the schema says beyond the views: how every operation refuses, in one shape."""

from typing import Any

from apps.projects.api.problems import CONTENT_TYPE

METHODS = {"get", "post", "put", "patch", "delete"}
BLANK = {"type": "string", "maxLength": 0}

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. A refused verb may add members, such as the url of the run.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and what to do next."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemError"}},
    },
    "required": ["type", "title", "status", "detail", "errors"],
}
PROBLEM_ERROR = {
    "type": "object",
    "properties": {
        "field": {"type": "string", "description": "Empty when it concerns the whole."},
        "code": {"type": "string"},
        "message": {"type": "string"},
    },
    "required": ["field", "code", "message"],
}

REFUSALS = {
    "400": "Fields that are wrong, each named.",
    "401": "No token or session, or one that is not known.",
    "403": "The role does not allow it.",
    "404": "There is no such thing, or none that you can see.",
    "409": "It cannot be done as things stand.",
    "413": "The body is larger than this address takes.",
    "415": "The body is of a type or charset that is not read here.",
    "422": "Well formed, but it names something that does not fit.",
    "429": "Too many requests in a minute; Retry-After says when to go on.",
    "4XX": "Any other refusal.",
}


def describe_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: each 4xx that an operation can answer, and blank texts."""
    schemas = result["components"]["schemas"]
    schemas |= {"Problem": PROBLEM, "ProblemError": PROBLEM_ERROR}
    for path, operations in result["paths"].items():
        for method in METHODS & operations.keys():
            add_refusals(operations[method], path, method)
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            allow_blank(field)
    return result


def add_refusals(operation: dict[str, Any], path: str, method: str) -> None:
    responses = operation["responses"]
    for status in sorted(statuses(operation, path, method)):
        response = responses.setdefault(status, {"description": REFUSALS[status]})
        content = response.setdefault("content", {})
        content[CONTENT_TYPE] = {"schema": {"$ref": "#/components/schemas/Problem"}}


def statuses(operation: dict[str, Any], path: str, method: str) -> set[str]:
    """Which of REFUSALS the operation can answer, beside those that it names itself."""
    named = {code for code in operation["responses"] if code[0] == "4"}
    found = {"401", "403", "429", "4XX"} | named
    if method != "get" or any(part["in"] == "query" for part in operation.get("parameters", [])):
        found |= {"400"}
    if "{" in path:
        found |= {"404"}
    if method != "get":
        found |= {"409", "422"}
    if "requestBody" in operation:
        found |= {"413", "415"}
    return found


def allow_blank(field: dict[str, Any]) -> None:
    """An empty text fits both of “a link, or nothing” where formats are not asserted."""
    if BLANK in field.get("oneOf", ()):
        field["anyOf"] = field.pop("oneOf")
