"""What the name of a tag may be, wherever it comes from."""

import json

import pytest

from apps.cases.editing import open_editor
from apps.cases.models import Tag
from apps.cases.tags import problem_of
from testoqa.testing import uses
from tests.cases.importing import Importer, told
from tests.data import populate_cast
from tests.factories import make_case, make_token

pytestmark = uses(populate_cast)

CASES = "/api/v1/projects/WEB/cases/"


@pytest.mark.parametrize(
    ("name", "sentence"), [("a, b", "A comma stands between"), ("t" * 61, "at most 60 letters")]
)
def test_a_name_that_a_form_could_not_type_is_refused_with_one_sentence(
    project, manager, client, run_jobs, name, sentence
):
    assert sentence in problem_of(name)
    make_case(project)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {make_token(manager)}"
    for method, path, body, field in [
        ("POST", "", {"title": "t", "tags": [name]}, "tags.0"),
        ("PATCH", "1/", {"tags": ["a", name]}, "tags.1"),
        ("POST", "bulk/", {"cases": ["WEB-1"], "add_tags": [name]}, "add_tags.0"),
        ("POST", "bulk/", {"cases": ["WEB-1"], "remove_tags": [name]}, "remove_tags.0"),
    ]:
        answer = client.generic(method, CASES + path, json.dumps(body), "application/json")
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (400, field)
        assert error["message"] == problem_of(name)
    file = {"format": "testoqa-cases", "version": 1, "cases": [{"title": "t", "tags": [name]}]}
    arrival = Importer(project, manager, run_jobs).take(json.dumps(file), "x.json")
    assert told(arrival) == [(1, "refused", "tags", problem_of(name))]
    assert not Tag.objects.exists()


def test_an_untouched_form_keeps_the_tags(project, manager, client):
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {make_token(manager)}"
    tags = [" a  b ", "c;d", "é"]
    answer = client.post(CASES, json.dumps({"title": "t", "tags": tags}), "application/json")
    assert answer.json()["tags"] == ["a b", "c;d", "é"]
    field = open_editor(project, project.cases.with_content().get()).form["tags"]
    assert field.field.clean(field.value()) == ["a b", "c;d", "é"]


def test_the_type_of_a_test_is_one_tag_or_several(project, manager, run_jobs):
    Importer(project, manager, run_jobs).take('Title,Type\nPays,"Smoke, UI"\n')
    assert project.cases.with_content().get().tags == ["Smoke", "UI"]
