"""Values that the database's driver, Python or a parser stumbles over are refused by name."""

import json
from base64 import b64encode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import make_project, make_run, make_token, owner_of

API = "/api/v1/projects/WEB/"
DIGITS = "1" * 5000  # more than Python turns into a number


@pytest.fixture
def web(db):
    project = make_project("WEB")
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
