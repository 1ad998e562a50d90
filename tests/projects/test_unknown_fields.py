"""The API refuses a field that it does not know, and takes back what it gave."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from testoqa.testing import uses
from tests.data import populate_cast
from tests.executions.pipeline import Pipeline
from tests.factories import (
    make_case,
    make_run,
    make_suite,
    send_results,
)

pytestmark = uses(populate_cast)


@pytest.fixture
def api(project):
    """An owner, and one object of each kind to change."""
    pipeline = Pipeline(project, role="owner")
    make_suite(project)
    make_case(project)
    make_run(project)
    return pipeline


def call(api, method, path, body):
    path = path.format(
        suite=api.project.suites.get().pk,
        member=api.project.memberships.get(user=api.person).pk,
    )
    return getattr(api, method)(path, body)


REQUESTS = [
    ("post", "runs/", {"name": "A"}),
    ("patch", "runs/1/", {"name": "A"}),
    ("post", "cases/", {"title": "A"}),
    ("patch", "cases/1/", {"title": "A"}),
    ("post", "suites/", {"name": "A"}),
    ("patch", "suites/{suite}/", {"name": "A"}),
    ("post", "environments/", {"name": "load"}),
    ("patch", "", {"name": "A"}),
    ("post", "reports/", {"run": 1}),
    ("post", "tokens/", {"name": "A", "role": "viewer"}),
    ("patch", "members/{member}/", {"role": "owner"}),
]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
def test_an_unknown_field_is_named_and_nothing_is_changed(api, method, path, body):
    answer = call(api, method, path, {**body, "enviroment": "prod"})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("enviroment", "unknown")
    assert next(iter(body)) in error["message"]
    assert api.project.runs.count() == api.project.cases.count() == 1
    assert not api.project.runs.filter(name="A").exists()
    assert call(api, method, path, body).status_code in (200, 201), "the same without it"


@pytest.mark.parametrize("path", ["", "runs/1/", "cases/1/", "suites/{suite}/"])
def test_what_was_read_may_be_sent_back(api, path):
    path = path.format(suite=api.project.suites.get().pk)
    read = api.get(path).json()
    answer = api.patch(path, read)
    assert answer.status_code == 200
    told = answer.json()
    same = {"seq", "updated_at"}
    assert {name: told[name] for name in read.keys() - same} == {
        name: read[name] for name in read.keys() - same
    }


def test_an_unknown_field_of_a_new_member_a_step_a_verdict_and_a_file_is_named(api, outsider):
    body = {"email": outsider.email, "role": "viewer"}
    assert api.post("members/", {**body, "rle": "owner"}).status_code == 400
    assert not api.project.memberships.filter(user=outsider).exists()
    step = {"action": "Open", "expcted": "A page"}
    error = api.post("cases/", {"title": "A", "steps": [step]}).json()["errors"][0]
    assert (error["field"], error["code"]) == ("steps.0.expcted", "unknown")
    send_results(run := api.project.runs.get(), "a")
    execution = run.executions.get()
    error = api.patch(f"runs/1/executions/{execution.pk}/", {"verdct": "passed"}).json()["errors"][
        0
    ]
    assert (error["field"], error["code"]) == ("verdct", "unknown")
    file = SimpleUploadedFile("a.txt", b"a")
    answer = api.client.post(f"{api.root}artifacts/", {"file": file, "rn": "1"}, format="multipart")
    assert answer.status_code == 400
    assert not api.project.artifacts.exists()


def test_a_field_of_another_act_is_named(api):
    """The cases of a run are chosen when it is made."""
    error = api.patch("runs/1/", {"cases": ["WEB-1"]}).json()["errors"][0]
    assert (error["field"], error["code"]) == ("cases", "unknown")
