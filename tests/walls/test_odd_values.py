"""Values that the database's driver, Python or a parser stumbles over are refused by name."""

import json
from base64 import b64encode

import orjson
import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.projects.api.problems import problem
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_run, make_token, make_user, owner_of

pytestmark = uses(populate_cast)

API = "/api/v1/projects/WEB/"
HALF = "\ud800"  # of a character; no UTF-8 holds it
DIGITS = "1" * 5000  # more than Python turns into a number


@pytest.fixture
def web(project):
    """The project with a run."""
    make_run(project)
    return project


@pytest.fixture
def api(client, web):
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {make_token(owner_of(web))}"
    return client


def deep(levels):
    return {"a": deep(levels - 1)} if levels else {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("configuration", {"database": "\x00"}),
        ("configuration", {"\x00": "x"}),
        ("configuration", {"versions": [{"name": "\ud800"}]}),
        ("configuration", deep(40)),
        ("tags", {"\udfff": "x"}),
        ("tags", {"team": "\ud800"}),
    ],
)
def test_what_cannot_be_stored_is_named(api, web, field, value):
    body = json.dumps({"name": "Nightly", field: value})
    answer = api.post(f"{API}runs/", body, "application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].partition(".")[0] == field
    assert web.runs.count() == 1


def test_what_can_be_stored_is_kept(api, web):
    configuration = {"browser": "firefox", "sizes": [{"width": 1280, "note": "“\\u0000”"}]}
    body = json.dumps({"name": "Nightly", "configuration": configuration})
    assert api.post(f"{API}runs/", body, "application/json").status_code == 201
    assert web.runs.first().configuration == configuration


def test_json_that_is_nested_too_deeply_is_refused(api):
    answer = api.post(f"{API}runs/", "[" * 200_000, "application/json")
    assert answer.status_code == 400
    assert answer.json()["detail"] == "The JSON is nested too deeply."


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/projects/%00/",
        f"{API}reports/{DIGITS}/",
        f"{API}runs/{DIGITS}/",
        f"{API}runs/?cursor={b64encode(b'p=%00').decode()}",
        f"{API}cases/?cursor={b64encode(b'p=abc').decode()}",
        f"{API}artifacts/?cursor={b64encode(b'p=abc').decode()}",
        f"/api/v1/projects/?cursor={b64encode(b'p=%00').decode()}",
    ],
)
def test_an_address_of_nothing_is_not_found(api, path):
    assert api.get(path).status_code == 404


def test_a_page_of_nothing_is_not_found(client, web):
    client.force_login(owner_of(web))
    assert client.get("/projects/%00/").status_code == 404


@pytest.mark.parametrize("noun", ["case", "run", "report"])
def test_a_file_hangs_on_no_endless_number(api, web, noun):
    file = SimpleUploadedFile("log.txt", b"words")
    answer = api.post(f"{API}artifacts/", {"file": file, noun: DIGITS})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == noun
    assert not web.artifacts.exists()


def test_a_link_that_is_none_is_refused(api, web):
    file = SimpleUploadedFile("junit.xml", b'<testsuite><testcase name="a"/></testsuite>')
    answer = api.post(f"{API}imports/", {"file": file, "ci_url": "http://[::1"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "ci_url"
    assert not web.imports.exists()


@pytest.mark.parametrize("name", ["since", "new", "failed"])
def test_an_endless_number_of_a_live_page_is_passed_over(client, web, name):
    client.force_login(owner_of(web))
    assert client.get(f"/projects/WEB/runs/1/live/?{name}={DIGITS}").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "cases/", {"title": "t", "kind": HALF}),
        ("POST", "cases/", {"title": "t", "status": HALF}),
        ("POST", "cases/", {"title": "t", "priority": HALF}),
        ("POST", "cases/", {"title": "t", "suite": HALF}),
        ("POST", "cases/", {"title": HALF}),
        ("POST", "cases/", {"title": "t", HALF: HALF}),
        ("POST", "suites/", {"name": "s", "parent": HALF}),
        ("POST", "tokens/", {"name": "t", "role": HALF}),
        ("POST", "members/", {"email": "a@example.com", "role": HALF}),
        ("POST", "members/", {"email": HALF, "role": "viewer"}),
        ("POST", "invitations/", {"email": HALF, "role": "viewer"}),
        ("POST", "invitations/", {"email": "a@example.com", "role": HALF}),
        ("POST", "environments/", {"name": HALF}),
        ("POST", "reports/", {"run": 1, "detail": HALF}),
        ("POST", "reports/", {"run": HALF}),
        ("POST", "runs/", {"name": "r", "kind": HALF}),
        ("POST", "runs/", {"name": "r", "suite": HALF}),
        ("POST", "runs/", {"name": "r", "environment": HALF}),
        ("POST", "runs/", {"name": "r", "cases": [HALF]}),
        ("POST", "runs/", {"name": "r", "configuration": {HALF: 1}}),
        ("PATCH", "", {"repeats": HALF}),
        ("PATCH", "", {"default_branch": HALF}),
        ("PATCH", "runs/1/executions/{execution}/", {"verdict": HALF}),
        ("PATCH", "runs/1/executions/{execution}/", {"status": HALF}),
        ("PATCH", "runs/1/executions/{execution}/", {"verdict": "passed", "note": HALF}),
    ],
)
def test_half_a_character_is_quoted_and_refused(api, web, method, path, body):
    execution = make_execution(web)
    path = API + path.format(execution=execution.pk)
    answer = api.generic(method, path, json.dumps(body), "application/json")
    if HALF in body:
        assert answer.status_code in {201, 400}
        return
    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["message"]


def test_a_problem_can_always_be_sent():
    said = problem(409, HALF, [{"field": HALF, "code": "x", "message": HALF}], url=(HALF,))
    assert orjson.loads(orjson.dumps(said))["detail"] == r"\ud800"
    assert said["errors"][0]["field"] == said["url"][0] == r"\ud800"


def make_execution(project):
    case = project.cases.create(number=1, title="Pays")
    return project.executions.create(run=project.runs.get(), case=case, title="Pays")


FORM = b'--cut\r\nContent-Disposition: form-data; name="kind"\r\n\r\n\\ud800\r\n--cut--\r\n'


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "idna", "hex", "none"])
def test_a_body_in_an_odd_charset_is_refused(client, web, charset):
    client.force_login(owner_of(web))
    form, typed = "multipart/form-data; boundary=cut", "application/json"
    page = client.generic("POST", "/projects/WEB/cases/new/", FORM, f"{form}; charset={charset}")
    assert page.status_code == 400
    for path, kind in [("imports/", form), ("cases/", typed)]:
        answer = client.generic("POST", API + path, FORM, f"{kind}; charset={charset}")
        assert answer.status_code == 415
        assert answer.json()["status"] == 415


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "us-ascii", "latin-1"])
def test_a_body_in_a_usual_charset_is_read(api, charset):
    body = json.dumps({"title": "Pays"})
    answer = api.post(f"{API}cases/", body, f"application/json; charset={charset}")
    assert answer.status_code == 201


ADMIN = sorted(
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry
)


@pytest.mark.parametrize("path", ADMIN)
def test_a_nul_in_a_filter_of_the_administration_is_refused(client, path):
    client.force_login(make_user(is_superuser=True))
    for query in ("?status__exact=%00", "?id__exact=%00", "?q=%00"):
        assert client.get(path + query).status_code == 400


def test_a_version_of_the_schema_is_passed_over(client):
    assert client.get("/api/schema/?version=%0Ax").status_code == 200
