import json
import uuid

import pytest

from apps.cases import lifecycle
from testoqa.testing import uses
from tests.cases.results import make_result
from tests.data import populate_cast
from tests.factories import make_case, make_suite, make_token

pytestmark = uses(populate_cast)

CASES = "/api/v1/projects/WEB/cases/"
SUITES = "/api/v1/projects/WEB/suites/"
SEVEN = "01932c07-209c-7401-b3ef-8f3f5a1d2c3b"


@pytest.fixture
def send(client):
    """send(person, method, address, body): the status and the JSON answered."""

    def call(person, method, address, body=None):
        answer = client.generic(
            method,
            address,
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {make_token(person)}"},
        )
        return answer.status_code, answer.json() if answer.content else None

    return call


def only_error(problem):
    (error,) = problem["errors"]
    return error["field"], error["code"]


# Cases


def test_a_case_is_made_read_changed_and_deleted(project, manager, send):
    suite = make_suite(project, "checkout")
    status, case = send(manager, "POST", CASES, {
        "title": "Pays", "suite": str(suite.pk), "kind": "automated", "priority": "P0",
        "automation_key": "a::b", "aliases": ["old::b"], "tags": ["money"],
        "steps": [{"action": "Open", "expected": "Empty"}],
    })  # fmt: skip
    assert status == 201
    row = project.cases.get()
    assert case == {
        "id": str(row.pk), "number": 1, "key": "WEB-1", "title": "Pays", "kind": "automated",
        "status": "draft", "priority": "P0", "suite": str(suite.pk), "suite_path": "checkout",
        "severity": "normal", "owner": None, "estimate_seconds": None, "links": [],
        "requirements": [], "custom": {},
        "preconditions": "", "description": "", "automation_key": "a::b", "aliases": ["old::b"],
        "tags": ["money"], "steps": [{"action": "Open", "expected": "Empty", "data": ""}],
        "version": 1, "archived": False, "created_at": case["created_at"],
        "updated_at": case["updated_at"], "url": "http://testserver/projects/WEB/cases/1/",
    }  # fmt: skip
    assert send(manager, "GET", f"{CASES}1/") == (200, case)

    status, changed = send(manager, "PATCH", f"{CASES}1/", {"automation_key": "a::c", "version": 1})
    assert (status, changed["version"]) == (200, 2)
    assert changed["aliases"] == ["a::b", "old::b"]
    assert changed["steps"] == case["steps"]

    status, versions = send(manager, "GET", f"{CASES}1/versions/")
    assert [row["number"] for row in versions["results"]] == [2, 1]
    assert versions["results"][0]["content"]["automation_key"] == "a::c"
    assert versions["results"][0]["created_by"] == str(manager)

    assert send(manager, "DELETE", f"{CASES}1/") == (204, None)
    assert send(manager, "GET", f"{CASES}1/")[0] == 404


def test_changing_cases_wants_the_permission(project, manager, tester, outsider, send):
    make_case(project, "Pays")
    requests = [
        ("POST", CASES, {"title": "Adds"}, 201),
        ("PATCH", f"{CASES}1/", {"title": "Pays at once"}, 200),
        ("DELETE", f"{CASES}1/", None, 204),
    ]
    for method, address, body, done in requests:
        assert send(outsider, method, address, body)[0] == 404
        assert send(tester, method, address, body)[0] == 403
        assert send(manager, method, address, body)[0] == done


def test_reading_cases_wants_a_membership(project, tester, outsider, send):
    make_case(project)
    for address in (CASES, f"{CASES}1/", f"{CASES}1/versions/", SUITES):
        assert send(tester, "GET", address)[0] == 200
        assert send(outsider, "GET", address)[0] == 404


def test_a_stale_version_is_refused_and_tells_what_changed(project, manager, send):
    case = make_case(project, "Pays")
    lifecycle.change_case(case, by=manager, title="Pays by card")
    status, problem = send(manager, "PATCH", f"{CASES}1/", {"title": "Mine", "version": 1})
    assert (status, only_error(problem)) == (409, ("version", "edited_meanwhile"))
    assert (problem["version"], problem["changed"]) == (2, ["title"])
    assert project.cases.get().title == "Pays by card"


def test_a_case_is_archived_and_restored(project, manager, send):
    make_case(project, "Pays")
    status, case = send(manager, "PATCH", f"{CASES}1/", {"archived": True, "title": "Old"})
    assert (status, case["archived"], case["title"]) == (200, True, "Old")
    status, problem = send(manager, "PATCH", f"{CASES}1/", {"title": "No"})
    assert (status, only_error(problem)[1]) == (409, "archived")
    assert send(manager, "GET", CASES)[1]["results"] == []
    assert len(send(manager, "GET", f"{CASES}?archived=true")[1]["results"]) == 1
    status, case = send(manager, "PATCH", f"{CASES}1/", {"archived": False, "title": "New"})
    assert (status, case["archived"], case["title"]) == (200, False, "New")


def test_a_case_with_results_is_not_deleted(project, manager, send):
    make_result(make_case(project), "passed")
    status, problem = send(manager, "DELETE", f"{CASES}1/")
    assert (status, only_error(problem)[1]) == (409, "has_results")
    assert "archive it instead" in problem["detail"]


def test_a_client_may_choose_the_key(project, manager, send):
    status, case = send(manager, "POST", CASES, {"title": "Pays", "id": SEVEN})
    assert (status, case["id"]) == (201, SEVEN)
    for body in ({"title": "Again", "id": SEVEN}, {"title": "Four", "id": str(uuid.uuid4())}):
        status, problem = send(manager, "POST", CASES, body)
        assert (status, only_error(problem)[0]) == (400, "id")
    assert project.cases.count() == 1
    status, problem = send(manager, "PATCH", f"{CASES}1/", {"id": str(uuid.uuid4())})
    assert (status, only_error(problem)) == (400, ("id", "fixed"))
    assert send(manager, "PATCH", f"{CASES}1/", {"id": SEVEN, "title": "Same"})[0] == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": " "}, "title"),
        ({"title": "x", "kind": "psychic"}, "kind"),
        ({"title": "x", "suite": SEVEN}, "suite"),
        ({"title": "x", "suite": "nonsense"}, "suite"),
        ({"title": "x", "steps": [{"expected": "Paid"}]}, "steps.0.action"),
        ({"title": "x", "tags": ["t" * 61]}, "tags.0"),
    ],
)
def test_what_does_not_fit_is_named(project, manager, send, body, field):
    status, problem = send(manager, "POST", CASES, body)
    assert (status, only_error(problem)[0]) == (400, field)
    assert not project.cases.exists()


def test_a_suite_of_another_project_does_not_exist(other_project, manager, send):
    theirs = make_suite(other_project, "theirs")
    status, problem = send(manager, "POST", CASES, {"title": "x", "suite": str(theirs.pk)})
    assert (status, only_error(problem)[0]) == (400, "suite")
    assert send(manager, "GET", f"{SUITES}{theirs.pk}/")[0] == 404
    assert send(manager, "DELETE", f"{SUITES}{theirs.pk}/")[0] == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 3]),
        ("q=card", [1]),
        ("q=WEB-2", [2]),
        ("kind=automated", [2]),
        ("status=ready", [1]),
        ("priority=P0", [1]),
        ("tag=money", [1]),
        ("suite=none", [1]),
        ("automation_key=a::b", [2, 3]),
        ("automation_key=a", []),
    ],
)
def test_cases_are_filtered(project, manager, send, query, found):
    cart = make_suite(project, "cart")
    make_case(project, "Pays by card", priority="P0", status="ready", tags=["money"])
    make_case(project, "Adds", suite=cart, kind="automated", automation_key="a::b")
    make_case(project, "Empties", suite=cart, automation_key="a::b")
    status, page = send(manager, "GET", f"{CASES}?{query}")
    assert (status, [row["number"] for row in page["results"]]) == (200, found)
    assert len(send(manager, "GET", f"{CASES}?suite={cart.pk}")[1]["results"]) == 2


def test_a_filter_that_says_nothing_known_is_named(project, manager, send):
    for query, field in (("kind=psychic", "kind"), ("suite=nonsense", "suite")):
        status, problem = send(manager, "GET", f"{CASES}?{query}")
        assert status == 400
        assert only_error(problem) in [(field, "invalid_choice"), (field, "invalid")]


def test_lists_go_on_by_cursor_pages_and_keep_filters(project, manager, send):
    for number in range(5):
        make_case(project, f"Case {number}", priority="P0")
    make_case(project, "Other")
    _, page = send(manager, "GET", f"{CASES}?priority=P0&limit=2")
    seen = [row["number"] for row in page["results"]]
    while page["next"]:
        _, page = send(manager, "GET", page["next"])
        seen += [row["number"] for row in page["results"]]
    assert seen == [1, 2, 3, 4, 5]


# Suites


def test_a_suite_is_made_moved_and_deleted(project, manager, tester, outsider, send):
    body = {"name": "shop", "id": SEVEN, "description": "What sells"}
    assert send(outsider, "POST", SUITES, body)[0] == 404
    assert send(tester, "POST", SUITES, body)[0] == 403
    status, shop = send(manager, "POST", SUITES, body)
    assert status == 201
    assert shop == {
        "id": SEVEN, "name": "shop", "path": "shop", "parent": None, "description": "What sells",
        "owner": None, "position": 0, "execution_order": 0, "timeout_seconds": None,
        "parallel_safe": True, "prerequisites": "", "archived": False,
        "created_at": shop["created_at"],
        "url": f"http://testserver/projects/WEB/cases/?suite={SEVEN}",
    }  # fmt: skip
    status, cart = send(manager, "POST", SUITES, {"name": "cart", "parent": SEVEN})
    assert (status, cart["path"]) == (201, "shop / cart")

    address = f"{SUITES}{cart['id']}/"
    assert send(outsider, "PATCH", address, {"name": "x"})[0] == 404
    assert send(tester, "PATCH", address, {"name": "x"})[0] == 403
    status, moved = send(manager, "PATCH", address, {"parent": None, "name": "basket"})
    assert (status, moved["path"]) == (200, "basket")
    assert send(manager, "PATCH", address, {"position": 3})[1]["path"] == "basket"

    assert send(outsider, "DELETE", address)[0] == 404
    assert send(tester, "DELETE", address)[0] == 403
    assert send(manager, "DELETE", address) == (204, None)
    assert [row["id"] for row in send(manager, "GET", SUITES)[1]["results"]] == [SEVEN]


def test_what_the_tree_does_not_allow_is_refused(project, manager, send):
    shop = make_suite(project, "shop")
    cart = make_suite(project, "cart", shop)
    make_case(project, suite=cart)
    status, problem = send(manager, "PATCH", f"{SUITES}{shop.pk}/", {"parent": str(cart.pk)})
    assert (status, only_error(problem)) == (409, ("parent", "cycle"))
    status, problem = send(manager, "DELETE", f"{SUITES}{shop.pk}/")
    assert (status, only_error(problem)[1]) == (409, "not_empty")
    status, problem = send(manager, "POST", SUITES, {"name": "shop"})
    assert status == 400
    assert "of this name" in problem["errors"][0]["message"]
    status, problem = send(manager, "POST", SUITES, {"name": "x", "id": str(shop.pk)})
    assert (status, only_error(problem)[0]) == (400, "id")


def test_suites_are_filtered(project, manager, send):
    shop = make_suite(project, "shop")
    make_suite(project, "cart", shop)

    def names(query):
        return [row["name"] for row in send(manager, "GET", f"{SUITES}?{query}")[1]["results"]]

    assert names(f"parent={shop.pk}") == ["cart"]
    assert names("parent=none") == ["shop"]
    assert names("q=shop / c") == ["cart"]


@pytest.mark.parametrize("field", ["tags", "aliases"])
def test_a_case_has_no_endless_list_of_names(project, manager, client, send, field):
    names = [f"name {place}" for place in range(201)]
    status, problem = send(manager, "POST", CASES, {"title": "Pays", field: names})
    assert (status, only_error(problem)[0]) == (400, field)
    assert send(manager, "POST", CASES, {"title": "Pays", field: names[1:]})[0] == 201
    client.force_login(manager)
    typed = {"title": "Pays", "kind": "manual", "status": "draft", "priority": "P2"}
    typed |= {"steps-TOTAL_FORMS": "0", "steps-INITIAL_FORMS": "0"}
    typed[field] = ("," if field == "tags" else "\n").join(names)
    answer = client.post("/projects/WEB/cases/new/", typed)
    assert answer.status_code == 422
    assert "at most 200" in answer.content.decode()
    assert project.cases.count() == 1
