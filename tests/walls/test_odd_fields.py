"""Whatever a request about cases holds in a field is answered, and is no error of ours."""

import json

import pytest

from apps.cases import lifecycle
from apps.cases.models import CustomField
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_shared_steps, make_suite, make_token, owner_of

pytestmark = uses(populate_cast)

API = "/api/v1/projects/WEB/"
NUL, HALF = "\0", "\ud800"
ODD = [
    None, True, 0, -1, 1.5, float("inf"), 10**30, 10**400, "", "x", NUL, HALF, "9" * 400,
    "a" * 100_000, [], [[]], [None], [1], [NUL], [HALF], ["x"] * 2_000, {}, {"a": {}}, {NUL: 1},
    {HALF: 1}, [{"a": 1}], [{"shared": NUL}], [{"action": HALF}], [{"name": NUL, "url": HALF}],
]  # fmt: skip
STEP = {"action": "Open"}
BODIES = [
    ("PATCH", "cases/1/", dict.fromkeys([
        "id", "title", "kind", "status", "priority", "severity", "owner", "estimate_seconds",
        "suite", "preconditions", "description", "links", "requirements", "custom",
        "automation_key", "aliases", "tags", "steps", "version", "archived",
    ], ...)),
    ("POST", "cases/", {"title": "t", "id": ..., "owner": ..., "suite": ...}),
    ("POST", "cases/1/comments/", {"body": ...}),
    ("POST", "cases/1/review/approve/", {"note": ..., "version": ...}),
    ("POST", "suites/", {"name": "s", "id": ..., "parent": ..., "owner": ...}),
    ("PATCH", "suites/{suite}/", dict.fromkeys([
        "id", "name", "parent", "description", "owner", "position", "execution_order",
        "timeout_seconds", "parallel_safe", "prerequisites",
    ], ...)),
    ("POST", "suites/{suite}/move/", {"parent": ..., "before": ...}),
    ("POST", "suites/{suite}/copy/", {"name": ..., "parent": ...}),
    ("POST", "cases/bulk/", {"cases": ..., "archive": ...}),
    ("POST", "cases/bulk/", {"q": ..., "archive": False}),
    ("POST", "cases/bulk/", {
        "cases": ["WEB-1"], "set": ..., "add_tags": ..., "remove_tags": ..., "move_to": ...,
        "copy_to": ...,
    }),
    ("POST", "fields/", {
        "name": ..., "kind": "choice", "required": ..., "options": ..., "default": ...,
        "position": ...,
    }),
    ("POST", "fields/", {"name": "f", "kind": "number", "default": ...}),
    ("POST", "fields/", {"name": "g", "kind": "person", "default": ...}),
    ("POST", "fields/", {"name": "h", "kind": ...}),
    ("PATCH", "fields/{field}/", {"name": ..., "kind": ..., "options": ..., "position": ...}),
    ("POST", "filters/", {"name": ..., "query": ..., "shared": ...}),
    ("POST", "shared-steps/", {"title": ..., "steps": ...}),
    ("PATCH", "shared-steps/{shared}/", {"title": ..., "steps": ..., "version": ...}),
]  # fmt: skip
WITHIN = {
    "set": ["status", "kind", "priority", "severity", "owner", "estimate_seconds", "custom"],
    "copy_to": ["project", "suite"],
}


@pytest.fixture
def api(client, project):
    client.raise_request_exception = False
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {make_token(owner_of(project))}"
    return client


@pytest.fixture
def ids(project):
    make_case(project)
    for kind in CustomField.Kind.values:
        options = ["a"] if kind in ("choice", "choices") else []
        field = lifecycle.create_custom_field(
            project, by=owner_of(project), name=kind, kind=kind, options=options
        )
    return {
        "suite": make_suite(project).pk,
        "shared": make_shared_steps(project).pk,
        "field": field.pk,
    }


def filled(body):
    """Bodies of which one field after the other, or one within it, holds each odd value."""
    for name in [name for name, value in body.items() if value is ...]:
        rest = {other: value for other, value in body.items() if value is not ...}
        for odd in ODD:
            yield {**rest, name: odd}
            for inner in WITHIN.get(name, []):
                yield {**rest, name: {inner: odd}}


def failed(api, method, path, body):
    answer = api.generic(method, path, json.dumps(body), "application/json")
    return answer.status_code >= 500


@pytest.mark.parametrize(
    ("method", "path", "body"), BODIES, ids=[f"{method} {path}" for method, path, _ in BODIES]
)
def test_an_odd_value_of_any_field_is_answered(api, ids, method, path, body):
    path = API + path.format(**ids)
    wrong = [odd for odd in filled(body) if failed(api, method, path, odd)]
    assert [json.dumps(odd)[:100] for odd in wrong] == []
    assert not any(failed(api, method, path, odd) for odd in [*ODD])


def test_an_odd_value_of_a_custom_field_is_answered(api, ids):
    for kind in CustomField.Kind.values:
        for odd in ODD:
            custom = {"custom": {kind: odd}}
            for method, path, body in [
                ("PATCH", "cases/1/", custom),
                ("POST", "cases/bulk/", {"cases": ["WEB-1"], "set": custom}),
            ]:
                assert not failed(api, method, API + path, body), (path, json.dumps(body)[:100])


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("cases/", "q suite status kind priority tag automation_key archived limit cursor"),
        ("suites/", "q parent archived limit cursor"),
        ("reviews/", "mine limit cursor"),
        ("shared-steps/", "limit cursor"),
    ],
)
def test_an_odd_value_of_any_parameter_is_answered(api, ids, path, names):
    for name in names.split():
        for odd in ("%00", "%ED%A0%80", "9" * 400, "[]", "a" * 5_000):
            assert api.get(f"{API}{path}?{name}={odd}").status_code < 500, (name, odd[:20])
