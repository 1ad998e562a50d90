import json
import uuid

import pytest

from apps.cases import lifecycle
from apps.cases.bulk import work
from apps.cases.models import BulkChange, CustomField
from apps.memberships.lifecycle import change_role
from apps.projects.lifecycle import archive_project
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_member, make_suite, make_token

pytestmark = uses(populate_cast)

BULK = "/api/v1/projects/WEB/cases/bulk/"


@pytest.fixture
def send(client):
    """send(person, body, address): the answer to a POST, or to a GET without a body."""

    def call(person, body=None, address=BULK, *, method=None, **token):
        return client.generic(
            method or ("GET" if body is None else "POST"),
            address,
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {make_token(person, **token)}"},
        )

    return call


def errors(answer):
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def test_cases_are_changed_by_their_keys_and_the_change_is_read_and_undone(project, manager, send):
    suite = make_suite(project, "checkout")
    for title in ("one", "two", "three"):
        make_case(project, title)
    lifecycle.archive_case(project.cases.get(title="three"), by=manager)
    answer = send(manager, {
        "cases": ["WEB-1", "web-2", "WEB-1", "WEB-3"],
        "set": {"priority": "P0", "owner": "manager@example.com", "estimate_seconds": 60},
        "add_tags": [" smoke  test "], "move_to": str(suite.pk),
    })  # fmt: skip
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert body == {
        "id": body["id"], "verb": "change", "state": "done", "total": 3, "done": 3, "changed": 2,
        "said": "Tagged smoke test; moved to checkout; set priority to P0, "
        "owner to manager@example.com, estimate to 1m",
        "outcomes": {"archived": 1, "changed": 2},
        "left": [{"case": "WEB-3", "outcome": "archived", "reason": "archived"}],
        "reason": "", "created_by": str(manager), "created_at": body["created_at"],
        "finished_at": body["finished_at"], "undo_until": body["undo_until"], "undone_at": None,
        "url": f"http://testserver{BULK}{body['id']}/",
    }  # fmt: skip
    case = project.cases.with_content().get(title="one")
    assert (case.priority, case.owner, case.tags, case.suite) == (
        "P0", manager, ["smoke test"], suite,
    )  # fmt: skip
    assert send(manager, address=body["url"]).json() == body
    undone = send(manager, {}, f"{body['url']}undo/")
    assert (undone.status_code, undone.json()["state"]) == (200, "undone")
    assert project.cases.get(title="one").priority == "P2"
    again = send(manager, {}, f"{body['url']}undo/")
    assert (again.status_code, errors(again)) == (409, [("", "undone")])


def test_a_query_is_evaluated_at_the_moment_and_archiving_and_restoring_follow(
    project, manager, send
):
    make_case(project, "Pays by card", priority="P0")
    make_case(project, "Adds", priority="P3")
    answer = send(manager, {"q": "priority:P0", "archive": True})
    assert (answer.status_code, answer.json()["changed"]) == (200, 1)
    assert project.cases.active().get().title == "Adds"
    assert BulkChange.objects.get().arguments["query"] == "priority:P0"
    answer = send(manager, {"q": "is:archived", "archive": False})
    assert answer.json()["outcomes"] == {"changed": 1}
    wrong = send(manager, {"q": "priority:P9", "archive": True})
    assert (wrong.status_code, errors(wrong)) == (422, [("q", "query")])


def test_an_empty_list_is_never_all_and_unknown_keys_are_named(
    project, other_project, manager, send
):
    make_case(project)
    make_case(other_project)
    for body, status, expected in [
        ({"cases": [], "add_tags": ["a"]}, 422, ("cases", "empty")),
        ({"q": "  ", "add_tags": ["a"]}, 400, ("q", "blank")),
        ({"q": "nothing-like-it", "add_tags": ["a"]}, 422, ("cases", "empty")),
        ({"add_tags": ["a"]}, 400, ("", "either")),
        ({"cases": ["WEB-1"], "q": "a", "add_tags": ["a"]}, 400, ("", "either")),
        ({"cases": ["WEB-1"]}, 422, ("", "nothing")),
        ({"cases": ["WEB-1"], "archive": True, "add_tags": ["a"]}, 422, ("", "together")),
        ({"cases": ["WEB-1"] * 10_001, "add_tags": ["a"]}, 400, ("cases", "max_length")),
    ]:
        answer = send(manager, body)
        assert (answer.status_code, errors(answer)) == (status, [expected]), body
    answer = send(manager, {"cases": ["WEB-1", "OPS-1", "WEB-77", "1"], "add_tags": ["a"]})
    assert (answer.status_code, errors(answer)) == (422, [("cases", "unknown")])
    assert all(key in answer.json()["detail"] for key in ("OPS-1", "WEB-77"))
    assert project.cases.get().version == 1
    assert not BulkChange.objects.exists()


def test_ten_thousand_keys_are_looked_for_by_few_queries(
    project, manager, send, django_assert_max_num_queries
):
    make_case(project)
    keys = [f"WEB-{number}" for number in range(1, 10_001)]
    with django_assert_max_num_queries(25):
        answer = send(manager, {"cases": keys, "add_tags": ["a"]})
    assert answer.status_code == 422
    assert "and 9,979 more" in answer.json()["detail"]


def test_fields_that_do_not_fit_are_named(project, other_project, manager, outsider, send):
    make_case(project)
    CustomField.objects.create(project=project, name="Points", kind="number")
    CustomField.objects.create(project=project, name="Systems", kind="choices", options=["a"])
    foreign = make_suite(other_project, "theirs")
    for wanted, status, field in [
        ({"set": {"priority": "P9"}}, 400, "set.priority"),
        ({"set": {"colour": "red"}}, 400, "set.colour"),
        ({"set": {"owner": outsider.email}}, 409, "owner"),
        ({"set": {"custom": {"Browser": "firefox"}}}, 422, "custom.Browser"),
        ({"set": {"estimate_seconds": -1}}, 400, "set.estimate_seconds"),
        ({"move_to": str(foreign.pk)}, 400, "move_to"),
        ({"move_to": str(uuid.uuid4())}, 400, "move_to"),
        ({"set": {"custom": {"Systems": [1, None]}}}, 422, "custom.Systems"),
        ({"set": {"custom": {"Points": 10**400}}}, 422, "custom.Points"),
        ({"add_tags": ["a" * 61]}, 400, "add_tags.0"),
    ]:
        answer = send(manager, {"cases": ["WEB-1"], **wanted})
        assert answer.status_code == status, (wanted, answer.json())
        assert errors(answer)[0][0] == field, answer.json()


def test_a_copy_asks_both_doors(project, other_project, manager, outsider, send):
    make_case(project, "Pays")
    body = {"cases": ["WEB-1"], "copy_to": {"project": "OPS"}}
    assert errors(send(manager, body)) == [("copy_to", "unknown")]
    make_member(other_project, "tester", manager)
    assert send(manager, body).status_code == 403
    change_role(other_project.memberships.get(user=manager), "manager", by=outsider)
    confined = send(manager, body, project=project, role="manager")
    assert errors(confined) == [("copy_to", "unknown")]
    other_project.second_factor = True
    other_project.save(update_fields=["second_factor"])
    assert send(manager, body).status_code == 403
    other_project.second_factor = False
    other_project.save(update_fields=["second_factor"])
    suite = make_suite(other_project, "Incoming")
    wrong = {"project": "OPS", "suite": str(make_suite(project).pk)}
    assert errors(send(manager, {**body, "copy_to": wrong})) == [("copy_to", "unknown_suite")]
    answer = send(manager, {**body, "copy_to": {"project": "OPS", "suite": str(suite.pk)}})
    assert (answer.status_code, answer.json()["said"]) == (200, "Copied to another project")
    assert other_project.cases.get().suite == suite
    undo = f"{BULK}{answer.json()['id']}/undo/"
    make_member(project, "manager", outsider)
    change_role(other_project.memberships.get(user=manager), "viewer", by=outsider)
    assert send(manager, {}, undo).status_code == 403
    assert send(outsider, {}, undo).status_code == 200
    assert not other_project.cases.exists()
    archive_project(other_project, by=outsider)
    assert send(outsider, body).status_code == 403


def test_many_cases_are_a_job_with_its_location(project, manager, send, monkeypatch):
    monkeypatch.setattr(work, "QUICK", 1)
    make_case(project)
    make_case(project)
    answer = send(manager, {"cases": ["WEB-1", "WEB-2"], "add_tags": ["a"]})
    assert answer.status_code == 202
    assert answer.headers["Location"] == answer.json()["url"]
    assert (answer.json()["state"], answer.json()["undo_until"]) == ("queued", None)
    early = send(manager, {}, f"{answer.json()['url']}undo/")
    assert errors(early) == [("", "under_way")]


def test_changes_want_the_permission_and_are_of_the_project_alone(
    project, other_project, manager, tester, outsider, send
):
    make_case(project)
    body = {"cases": ["WEB-1"], "add_tags": ["a"]}
    assert send(tester, body).status_code == 403
    assert send(outsider, body).status_code == 404
    made = send(manager, body).json()
    assert send(tester, address=made["url"]).status_code == 200
    assert send(tester, {}, f"{made['url']}undo/").status_code == 403
    elsewhere = made["url"].replace("/WEB/", "/OPS/")
    assert send(outsider, address=elsewhere).status_code == 404
