"""What the API answers is what its schema says, for each kind of answer."""

import json
import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker

from testoqa.testing import uses
from tests.factories import make_artifact, make_project, make_run, make_token, owner_of

from .permissions.row import GUESTS, PEOPLE
from .permissions.setting import find_setting, populate_both_projects
from .permissions.table import TABLE
from .test_permission_table import ask, client_of, path_of

pytestmark = uses(populate_both_projects)

PROBLEM = "application/problem+json"
API = "/api/v1/projects/SHOP/"
OPERATIONS = [row for row in TABLE if row.address.startswith("api/v1/")]


@pytest.fixture(scope="module")
def schema():
    """As a client reads it."""
    made = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(made, default=str))


@pytest.fixture
def setting():
    return find_setting()


@pytest.fixture
def shop():
    cache.clear()
    return make_project("SHOP")


@pytest.fixture
def api(client, shop):
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {make_token(owner_of(shop))}"
    return client


def operation(schema, method, path):
    """What the schema says of a request; a template is matched as a client would fill it."""
    literal_first = sorted(schema["paths"].items(), key=lambda path: path[0].count("{"))
    for template, operations in literal_first:
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, path.partition("?")[0]) and method.lower() in operations:
            return operations[method.lower()]
    pytest.fail(f"The schema knows no {method} {path}.")


def check(schema, response):
    """The status, the content type and the body are among those of the operation."""
    request = response.wsgi_request
    responses = operation(schema, request.method, request.path)["responses"]
    status = str(response.status_code)
    assert status in responses, f"{request.method} {request.path} answers {status}, unsaid"
    content = responses[status].get("content", {})
    if status == "204":
        assert not content
        return
    kind = response["Content-Type"].partition(";")[0]
    if kind not in content and "*/*" in content:
        return  # a file of any type
    text = response.getvalue().decode()
    body = json.loads(text) if kind.endswith("json") else text
    whole = {"components": schema["components"], **content[kind]["schema"]}
    for checker in (None, FormatChecker()):
        Draft202012Validator(whole, format_checker=checker).validate(body)


def test_the_schema_is_one(schema):
    assert schema["openapi"] == "3.1.1"
    for part in schema["components"]["schemas"].values():
        Draft202012Validator.check_schema(part)


def test_every_operation_names_its_refusals(schema):
    refusals = {"$ref": "#/components/schemas/Problem"}
    for path, operations in schema["paths"].items():
        for method in operations.keys() & {"get", "post", "patch", "delete"}:
            responses = operations[method]["responses"]
            assert {"401", "403", "4XX"} <= responses.keys(), (method, path)
            assert "{" not in path or "404" in responses, (method, path)
            assert "requestBody" not in operations[method] or {
                "400", "413", "415"
            } <= responses.keys(), (method, path)  # fmt: skip
            said = [responses[code]["content"][PROBLEM] for code in responses if code[0] == "4"]
            assert said == [{"schema": refusals}] * len(said)


@pytest.mark.parametrize("row", OPERATIONS, ids=str)
def test_each_person_gets_what_the_schema_says(row, setting, schema):
    path = path_of(row, setting.mine.project, setting.mine)
    for who in [*PEOPLE, *GUESTS]:
        check(schema, ask(client_of(setting, who), row, path, setting.mine))


@pytest.mark.parametrize("kind", ["json", "md", "html"])
def test_a_report_in_each_format_is_as_said(kind, setting, schema):
    number = setting.mine.report.number
    path = f"/api/v1/projects/{setting.mine.project.key}/reports/{number}/?format={kind}"
    response = client_of(setting, "owner").get(path)
    assert response.status_code == 200
    check(schema, response)


@pytest.mark.parametrize("link", ["", "https://ci.example/jobs/1"])
def test_a_run_with_and_without_a_link_is_as_said(api, shop, schema, link):
    response = api.post(f"{API}runs/", {"name": "Nightly", "ci_url": link}, "application/json")
    assert response.status_code == 201
    check(schema, response)
    check(schema, api.get(f"{API}runs/"))


def test_each_refusal_is_as_said(api, shop, schema):
    run = make_run(shop)
    make_artifact(shop)
    typed = {"content_type": "application/json"}
    refused = {
        400: api.post(f"{API}cases/", {"kind": "\ud800"}, **typed),
        404: api.get(f"{API}cases/99/"),
        409: api.post(f"{API}runs/{run.number}/finish/"),
        415: api.post(f"{API}cases/", "x", content_type="text/csv"),
        422: api.post(f"{API}runs/", {"name": "x", "environment": "moon"}, **typed),
        401: Client().get(f"{API}cases/"),
    }
    for status, response in refused.items():
        assert response.status_code == status
        assert response["Content-Type"] == PROBLEM
        check(schema, response)


def test_each_error_has_a_code(api, schema):
    response = api.get(f"{API}cases/?suite=x")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "invalid"
    check(schema, response)


def test_a_stopped_pipeline_gets_a_receipt(api, schema):
    junit = b'<testsuite><testcase name="a"><failure/></testcase></testsuite>'
    file = SimpleUploadedFile("junit.xml", junit)
    response = api.post(f"{API}imports/?fail_on=failed", {"file": file})
    assert response.status_code == 422
    assert response["Content-Type"] == "application/json"
    assert response.json()["received"] == 1
    check(schema, response)


def test_a_result_file_that_cannot_be_read_is_as_said(api, schema):
    response = api.post(f"{API}imports/", {"file": SimpleUploadedFile("junit.xml", b"<a")})
    assert response.status_code == 422
    check(schema, response)


def test_the_schema_itself_refuses_in_json(client):
    response = client.get("/api/schema/", headers={"authorization": "Bearer tqa_unknown"})
    assert response.status_code == 401
    assert response["Content-Type"] == PROBLEM
    assert response.json()["status"] == 401
