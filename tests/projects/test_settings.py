import pytest

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_member, make_token

pytestmark = uses(populate_cast)


@pytest.fixture
def client(client, owner):
    """The owner's, until somebody else signs in."""
    client.force_login(owner)
    return client


def test_an_owner_changes_the_project(client, project):
    body = {"name": "Shop", "description": "", "default_branch": "trunk", "repeats": "tries"}
    assert client.post("/projects/WEB/settings/", body).status_code == 302
    project.refresh_from_db()
    assert (project.name, project.default_branch, project.repeats) == ("Shop", "trunk", "tries")


def test_a_wrong_value_changes_nothing_and_the_page_keeps_the_old_name(client, project):
    response = client.post("/projects/WEB/settings/", {"name": "", "default_branch": "main"})
    assert response.context["form"].errors["name"]
    assert "Project WEB" in response.text


def test_others_read_the_settings_without_forms(client, manager):
    client.force_login(manager)
    response = client.get("/projects/WEB/settings/")
    assert "An owner can change this." in response.text
    assert "environments/" not in response.text


def test_an_environment_is_added_and_taken_away_while_nothing_ran_there(client, project):
    client.post("/projects/WEB/settings/environments/", {"name": "uat"})
    uat = project.environments.get(name="uat")
    client.post(f"/projects/WEB/settings/environments/{uat.pk}/remove/")
    assert not project.environments.filter(name="uat").exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("staging", "has an environment of this name already"),
        ("production", "already means prod"),
        ("With Spaces", "lower-case letters"),
    ],
)
def test_an_environment_that_makes_no_sense_is_refused(client, project, name, reason):
    response = client.post("/projects/WEB/settings/environments/", {"name": name})
    assert reason in response.text
    assert project.environments.count() == 5


def test_an_environment_that_was_used_stays(client, project):
    staging = project.environments.get(name="staging")
    project.runs.create(number=1, name="Nightly", environment=staging)
    path = f"/projects/WEB/settings/environments/{staging.pk}/remove/"
    assert "Runs have used staging" in client.post(path, follow=True).text
    assert project.environments.filter(name="staging").exists()


def test_that_of_imports_without_one_stays(client, project):
    ci = project.environments.get(name="ci")
    path = f"/projects/WEB/settings/environments/{ci.pk}/remove/"
    assert "ci stays" in client.post(path, follow=True).text
    assert project.environments.filter(name="ci").exists()


def test_the_key_of_a_project_lasts(client):
    answer = client.patch("/api/v1/projects/WEB/", {"key": "NEW"}, "application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"field": "key", "code": "lasting", "message": "A project keeps its key."}
    ]


def test_twenty_rows_cost_what_one_costs(client, project, django_assert_num_queries):
    def fill(start, end):
        for number in range(start, end):
            project.environments.create(name=f"e{number}")
            make_token(make_member(project, "tester"), project, "tester")

    fill(0, 1)
    client.get("/projects/WEB/settings/")
    with django_assert_num_queries(5) as one:
        client.get("/projects/WEB/settings/")
    fill(1, 20)
    with django_assert_num_queries(len(one)):
        client.get("/projects/WEB/settings/")


def test_labels_of_the_three_forms_lead_to_fields_of_their_own(client):
    page = client.get("/projects/WEB/settings/").text
    for name in ["id_name", "environment_name", "token_name"]:
        assert page.count(f'id="{name}"') == 1
