from django.urls import reverse

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_project, make_user

pytestmark = uses(populate_cast)


def fill(project, runs):
    environment = project.environments.get(name="ci")
    for number in range(1, runs + 1):
        project.runs.create(number=number, name=f"Nightly {number}", environment=environment)
        project.cases.create(number=number, title=f"Case {number}")


def test_it_shows_my_role_and_what_a_project_holds(client, project, other_project, tester):
    fill(project, 3)
    fill(other_project, 1)
    client.force_login(tester)
    response = client.get("/")
    (shown,) = response.context["projects"]
    assert (shown.key, shown.role) == ("WEB", "tester")
    assert (shown.case_count, shown.run_count, shown.last_run.number) == (3, 3, 3)
    assert "Project OPS" not in response.text


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
    with django_assert_num_queries(7) as found:
        client.get("/")
    for number in range(19):
        fill(make_project(f"P{number}", person), 2)
    with django_assert_num_queries(len(found)):
        client.get("/")


def test_whoever_makes_a_project_owns_it(client):
    person = make_user()
    client.force_login(person)
    response = client.post("/projects/new/", {"key": "app", "name": "App"})
    assert response.status_code == 302
    assert response.url == "/projects/APP/"
    assert person.memberships.get().role == "owner"


def test_a_taken_key_is_said_at_its_field(client, outsider):
    client.force_login(outsider)
    response = client.post("/projects/new/", {"key": "WEB", "name": "Another"})
    assert response.context["form"].errors["key"]
