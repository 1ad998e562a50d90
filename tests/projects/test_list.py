import pytest
from django.urls import reverse

from tests.factories import make_member, make_project, make_user

pytestmark = pytest.mark.django_db


def fill(project, runs):
    environment = project.environments.get(name="ci")
    for number in range(1, runs + 1):
        project.runs.create(number=number, name=f"Nightly {number}", environment=environment)
        project.cases.create(number=number, title=f"Case {number}")


def test_it_shows_my_role_and_what_a_project_holds(client):
    mine, foreign = make_project("WEB", name="Web shop"), make_project("APP", name="Other team")
    fill(mine, 3)
    fill(foreign, 1)
    client.force_login(make_member(mine, "tester"))
    response = client.get("/")
    (project,) = response.context["projects"]
    assert (project.key, project.role) == ("WEB", "tester")
    assert (project.case_count, project.run_count, project.last_run.number) == (3, 3, 3)
    assert "Other team" not in response.text


def test_without_a_project_it_says_what_to_do(client):
    client.force_login(make_user())
    response = client.get("/")
    assert "No projects yet" in response.text
    assert reverse("projects:create") in response.text


def test_twenty_projects_cost_what_one_costs(client, django_assert_num_queries):
    person = make_user()
    client.force_login(person)
    fill(make_project("ONE", person), 1)
    client.get("/")
    with django_assert_num_queries(6) as found:
        client.get("/")
    for number in range(19):
        fill(make_project(f"P{number}", person), 2)
    with django_assert_num_queries(len(found)):
        client.get("/")


def test_whoever_makes_a_project_owns_it(client):
    person = make_user()
    client.force_login(person)
    response = client.post("/projects/new/", {"key": "web", "name": "Web shop"})
    assert response.status_code == 302
    assert response.url == "/projects/WEB/"
    assert person.memberships.get().role == "owner"


def test_a_taken_key_is_said_at_its_field(client):
    make_project("WEB")
    client.force_login(make_user())
    response = client.post("/projects/new/", {"key": "WEB", "name": "Another"})
    assert response.context["form"].errors["key"]
