"""Shared steps on their pages, within the form of a case, and over the API."""

import json
from base64 import b64encode
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.cases import lifecycle
from apps.cases.models import Case
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_run, make_shared_steps, make_token

pytestmark = uses(populate_cast)

API = "/api/v1/projects/WEB/"


def page(name, *args):
    return reverse(f"cases:{name}", args=["WEB", *args])


def typed(*steps, **fields):
    """What a form of steps sends; a text is an action, a dict a row of its fields."""
    data = {"steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": 0}
    for place, step in enumerate(steps):
        said = {"action": step} if isinstance(step, str) else step
        data |= {f"steps-{place}-{name}": value for name, value in said.items()}
    return {"kind": "manual", "status": "draft", "priority": "P2", **data, **fields}


def said_by(case):
    steps = Case.objects.with_content().get(pk=case.pk).steps.all()
    return [step.title or step.action for step in steps]


@pytest.fixture
def shared(project):
    return make_shared_steps(project)


@pytest.fixture
def send(client):
    def call(person, method, address, body=None):
        answer = client.generic(
            method,
            f"{API}{address}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {make_token(person)}"},
        )
        return answer.status_code, answer.json() if answer.content else None

    return call


# Pages


def test_shared_steps_are_written_listed_changed_and_deleted(project, manager, post, client):
    steps = ["Open the page", "Sign in", ""]
    answer = post(manager, page("shared_steps_create"), **typed(*steps, title=" Sign  in"))
    shared = project.shared_steps.get()
    assert answer.url == shared.get_absolute_url()
    assert (shared.title, len(shared.steps), shared.created_by) == ("Sign in", 2, manager)
    case = make_case(project, "Pays", steps=[{"shared": shared.pk}])

    assert [row.uses for row in client.get(page("shared_steps")).context["page"].rows] == [1]
    assert client.get(page("shared_steps"), {"q": "sigh"}).context["page"].rows == []
    assert "WEB-1" in client.get(shared.get_absolute_url()).content.decode()
    edit = page("shared_steps_edit", shared.pk)
    text = client.get(edit).content.decode()
    assert "1 case</b>, each of which gets a new version" in text
    assert "Save for 1 case" in text

    post(manager, edit, **typed("Open the page", title="Log in", version=1))
    shared.refresh_from_db()
    assert (shared.title, shared.version, len(shared.steps)) == ("Log in", 2, 1)
    assert case.versions.count() == 2

    delete = page("shared_steps_delete", shared.pk)
    post(manager, delete)
    assert project.shared_steps.exists()
    post(manager, page("shared_steps_inline", shared.pk))
    assert said_by(case) == ["Open the page"]
    assert post(manager, delete).url == page("shared_steps")
    assert not project.shared_steps.exists()


def test_runs_under_way_are_told_before_the_change(project, shared, manager, client):
    make_run(project, cases=[make_case(project, steps=[{"shared": shared.pk}])])
    client.force_login(manager)
    text = client.get(page("shared_steps_edit", shared.pk)).content.decode()
    assert "1 run under way holds such cases and keeps what it began with." in text


def test_the_second_saver_keeps_what_was_typed_and_sees_the_other(project, shared, manager, post):
    lifecycle.change_shared_steps(shared, by=manager, title="Log in")
    edit = page("shared_steps_edit", shared.pk)
    answer = post(manager, edit, **typed("Knock", title="Enter", version=1))
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Somebody saved version 2 of these shared steps meanwhile." in text
    assert "Log in" in text
    assert (answer.context["form"]["title"].value(), "Knock" in text) == ("Enter", True)
    assert answer.context["form"]["version"].value() == 2
    post(manager, edit, **typed("Knock", title="Enter", version=2))
    shared.refresh_from_db()
    assert (shared.title, shared.version) == ("Enter", 3)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": "Sign in"}, "The project has shared steps of this title already."),
        ({"title": ""}, "This field is required."),
        ({"title": "More", "steps-0-action": ""}, "Write at least one step."),
        ({"title": "More", "steps-0-action": "", "steps-0-data": "x"}, "Say what is done"),
    ],
)
def test_what_is_wrong_is_said_in_the_form(project, shared, manager, post, fields, sentence):
    answer = post(manager, page("shared_steps_create"), **(typed("Open") | fields))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert project.shared_steps.count() == 1


def test_a_list_and_the_page_of_one_cost_the_same_for_one_and_for_twenty(project, manager, client):
    def cost(address):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    client.force_login(manager)
    first = make_shared_steps(project)
    case = make_case(project, steps=[{"shared": first.pk}])
    addresses = [
        page("shared_steps"),
        first.get_absolute_url(),
        page("shared_steps_edit", first.pk),
        page("edit", case.number),
        case.get_absolute_url(),
        f"{API}shared-steps/",
        f"{API}cases/",
    ]
    before = [cost(address) for address in addresses]
    for number in range(20):
        more = make_shared_steps(project, f"More {number}")
        make_case(project, steps=[{"shared": first.pk}, {"shared": more.pk}])
        kept = [{"shared": row.pk} for row in project.shared_steps.all()]
        case = lifecycle.change_case(case, by=manager, steps=kept)
    assert [cost(address) for address in addresses] == before
    form = before.pop(3)
    assert max(before) <= 12
    assert form <= 14, "also members, own fields, and the suites and steps that it offers"


def test_pages_of_titles_follow_each_other_and_odd_ones_are_the_first(
    project, viewer, client, send
):
    for number in range(60):
        make_shared_steps(project, f"Steps {number:02}")
    client.force_login(viewer)
    first = client.get(page("shared_steps")).context["page"]
    second = client.get(page("shared_steps"), {"after": first.next}).context["page"]
    titles = [row.title for row in [*first.rows, *second.rows]]
    assert titles == [f"Steps {number:02}" for number in range(60)]
    assert len(client.get(page("shared_steps"), {"after": "\0"}).context["page"].rows) == 50
    cursor = b64encode(urlencode({"p": "\0"}).encode()).decode()
    assert send(viewer, "GET", f"shared-steps/?cursor={quote(cursor)}")[0] == 404
    assert len(send(viewer, "GET", "shared-steps/?limit=60")[1]["results"]) == 60


# The form of a case


def test_a_case_uses_them_in_its_form(project, shared, manager, post, client):
    steps = [
        {"shared": str(shared.pk), "ORDER": 2},
        {"action": "Begin", "ORDER": 1},
        {"shared": str(shared.pk), "ORDER": 3, "inline": "on"},
        {"shared": str(shared.pk), "ORDER": 4, "DELETE": "on"},
    ]
    post(manager, page("create"), **typed(*steps, title="Pays"))
    case = project.cases.get()
    assert said_by(case) == ["Begin", "Sign in", "Open the page", "Sign in"]
    text = client.get(page("edit", case.number)).content.decode()
    assert text.count('class="shared"') == 1
    for address in (case.get_absolute_url(), f"{page('list')}?peek=WEB-1"):
        assert "2 shared steps" in client.get(address).content.decode()


def test_shared_steps_are_inserted_without_script(project, shared, manager, post):
    said = typed("Begin", title="Pays", add_shared="1", shared_title="sign in")
    answer = post(manager, page("create"), **said)
    assert "No shared steps are called “sign in”." in answer.content.decode()
    answer = post(manager, page("create"), **(said | {"shared_title": "Sign in"}))
    rows = answer.context["steps"].forms
    assert [row.used for row in rows[:2]] == [None, shared]
    assert (rows[0]["action"].value(), rows[1]["ORDER"].value()) == ("Begin", 2)
    assert not project.cases.exists()


def test_those_of_another_project_are_none(project, other_project, manager, post, send, client):
    foreign = make_shared_steps(other_project, "Theirs")
    answer = post(manager, page("create"), **typed({"shared": str(foreign.pk)}, title="Pays"))
    assert answer.status_code == 422
    assert "These shared steps are gone." in answer.content.decode()
    status, problem = send(
        manager, "POST", "cases/", {"title": "Pays", "steps": [{"shared": str(foreign.pk)}]}
    )
    assert (status, problem["errors"][0]["field"]) == (400, "steps")
    client.force_login(manager)
    row = client.get(page("shared_steps_row"), {"shared_title": "Theirs"})
    assert (row.status_code, row.content) == (200, b"")
    assert "Theirs" not in client.get(page("shared_steps_offered")).content.decode()
    assert not project.cases.exists()


def test_a_case_has_at_most_two_hundred_steps(project, manager, post):
    shared = make_shared_steps(project, steps=["Look"] * 199)
    many = [{"shared": str(shared.pk), "inline": "on"}, "Open", "Pay"]
    for steps in (many, ["Open"] * 201, ["Open"] * 251):
        answer = post(manager, page("create"), **typed(*steps, title="Pays"))
        assert answer.status_code == 422
        assert "There are at most 200 steps." in answer.content.decode()
    assert not project.cases.exists()


def test_steps_of_a_case_are_shared_on_a_page(project, manager, post, client):
    case = make_case(project, steps=[{"action": name} for name in ("Open", "Sign in", "Pay")])
    share = page("share", case.number)
    answer = post(manager, share, title="Enter", version=1, steps=["1", "3"])
    assert "one after the other" in answer.content.decode()
    assert answer.status_code == 422
    assert post(manager, share, title="Enter", version=1, steps=["1", "2"]).status_code == 302
    assert said_by(case) == ["Enter", "Pay"]
    assert [value for value, _ in client.get(share).context["form"].fields["steps"].choices] == [2]


# The API


def test_they_are_made_read_changed_and_deleted_over_the_api(project, manager, viewer, send):
    steps = [{"action": "Open the page", "expected": "", "data": ""}]
    status, made = send(manager, "POST", "shared-steps/", {"title": "Sign in", "steps": steps})
    assert status == 201
    shared = project.shared_steps.get()
    assert made == {
        "id": str(shared.pk), "title": "Sign in", "steps": steps, "version": 1, "uses": 0,
        "created_at": made["created_at"], "updated_at": made["updated_at"],
        "url": f"http://testserver/projects/WEB/shared-steps/{shared.pk}/",
    }  # fmt: skip
    address = f"shared-steps/{shared.pk}/"
    assert send(viewer, "GET", address) == (200, made)
    assert send(viewer, "GET", "shared-steps/")[1]["results"] == [made]

    case = {"title": "Pays", "steps": [{"action": "Begin"}, {"shared": made["id"]}]}
    read = send(manager, "POST", "cases/", case)[1]
    use = {"shared": made["id"], "title": "Sign in", "steps": steps}
    assert read["steps"] == [{"action": "Begin", "expected": "", "data": ""}, use]
    again = send(manager, "PATCH", "cases/1/", {"steps": read["steps"]})[1]
    assert (again["version"], again["steps"]) == (1, read["steps"])

    status, changed = send(manager, "PATCH", address, {"title": "Log in", "version": 1})
    assert (status, changed["version"], changed["uses"]) == (200, 2, 1)
    versions = send(manager, "GET", "cases/1/versions/")[1]["results"]
    assert [row["content"]["steps"][1]["title"] for row in versions] == ["Log in", "Sign in"]
    assert send(manager, "PATCH", address, {"title": "Enter", "version": 1})[0] == 409
    assert send(manager, "DELETE", address)[0] == 409
    assert send(manager, "POST", f"{address}inline/")[1]["uses"] == 0
    assert len(send(manager, "GET", "cases/1/")[1]["steps"]) == 2
    assert send(manager, "DELETE", address)[0] == 204


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ({"shared": "1"}, "steps.0.shared"),
        ({"shared": "01932c07-209c-7401-b3ef-8f3f5a1d2c3b"}, "steps"),
        ({"expected": "x"}, "steps.0.action"),
        ({"action": "x", "actoin": "y"}, "steps.0.actoin"),
        ({"shared": "01932c07-209c-7401-b3ef-8f3f5a1d2c3b", "action": "x"}, "steps.0.action"),
        ("x", "steps.0"),
    ],
)
def test_a_step_that_is_none_is_named(project, manager, send, step, field):
    status, problem = send(manager, "POST", "cases/", {"title": "Pays", "steps": [step]})
    assert (status, problem["errors"][0]["field"]) == (400, field)
