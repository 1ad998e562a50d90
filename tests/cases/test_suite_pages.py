"""The tree on pages and in the API: what the script asks for, forms without it, refusals."""

import pytest
from django.urls import reverse

from apps.cases import lifecycle, searching
from apps.cases.models import Suite
from testoqa.testing import uses
from tests.cases.results import make_results
from tests.data import populate_cast
from tests.factories import make_case, make_suite

pytestmark = uses(populate_cast)

HTMX = {"HX-Request": "true"}


@pytest.fixture
def tree(project):
    made = {name: make_suite(project, name) for name in "abc"}
    return made | {"deep": make_suite(project, "deep", made["a"])}


@pytest.fixture
def page(client, manager):
    """page("suite_move", suite, to="up") posts as the manager does without script."""

    def send(name, suite=None, headers=None, /, **data):
        client.force_login(manager)
        return client.post(address(name, suite), data, headers=headers)

    return send


def address(name, suite=None):
    return reverse(f"cases:{name}", args=["WEB", *([suite.pk] if suite else [])])


@pytest.fixture
def api(client, manager):
    def send(method, path, body=None):
        client.force_login(manager)
        data = {"data": body, "content_type": "application/json"} if body is not None else {}
        return getattr(client, method)(f"/api/v1/projects/WEB/suites/{path}", **data)

    return send


def level(project, parent=None):
    return list(project.suites.filter(parent=parent).values_list("name", flat=True))


def test_a_level_is_sent_when_it_is_opened_and_has_an_address_without_script(
    client, project, tree, viewer
):
    make_case(project, suite=make_suite(project, "deeper", tree["deep"]))
    client.force_login(viewer)
    opened = client.get(address("suite_level", tree["a"]), headers=HTMX).content.decode()
    assert opened.strip().startswith("<ul>")
    assert '>deep</span><small class="n">1</small>' in opened
    assert "deeper" not in opened
    assert "deep</span>" in client.get(tree["a"].get_absolute_url()).content.decode()


def test_the_script_gets_the_tree_with_what_was_open_and_a_sentence(page, project, tree):
    other = make_suite(project, "inner", tree["b"])
    answer = page(
        "suite_move", tree["c"], HTMX, to="up", open=[str(tree["b"].pk), "nonsense"],
        suite=str(tree["deep"].pk),
    )  # fmt: skip
    text = answer.content.decode()
    assert level(project) == ["a", "c", "b"]
    assert 'data-said="c is 2 of 3 at the top."' in text
    assert f'data-focus="{tree["c"].pk}"' in text
    assert "deep</span>" in text
    assert f"?suite={other.pk}" in text


def test_a_refused_move_is_a_sentence_and_changes_nothing(page, project, tree, other_project):
    stuck = page("suite_move", tree["a"], HTMX, to="up")
    assert (stuck.status_code, stuck.content.decode()) == (
        409,
        "a is the first among its siblings.",
    )
    within = page("suite_move", tree["a"], HTMX, parent=str(tree["deep"].pk))
    assert (within.status_code, "within itself" in within.content.decode()) == (409, True)
    foreign = make_suite(other_project, "theirs")
    gone = page("suite_move", tree["a"], HTMX, parent=str(foreign.pk))
    assert (gone.status_code, "reload" in gone.content.decode()) == (400, True)
    assert gone["Content-Type"].startswith("text/plain")
    assert page("suite_move", tree["a"], to="sideways").status_code == 302
    assert level(project) == ["a", "b", "c"]


def test_suites_are_added_and_renamed_in_place(page, project, tree):
    added = page("suite_add", None, HTMX, name=" new ", parent=str(tree["a"].pk))
    new = project.suites.get(path="a / new")
    assert f'data-focus="{new.pk}"' in added.content.decode()
    renamed = page("suite_rename", new, HTMX, name="newer")
    assert "newer is 2 of 2 in a." in renamed.content.decode()
    assert page("suite_rename", new, HTMX, name="deep").status_code == 409
    assert page("suite_rename", new, HTMX, name=" ").content.decode() == "A suite needs a name."
    assert page("suite_add", name="x").url == project.suites.get(name="x").get_absolute_url()


def test_run_settings_are_on_the_form_and_errors_stand_at_their_fields(page, project, tree, tester):
    said = {
        "name": "a", "parent": "", "description": "", "owner": tester.pk, "execution_order": "3",
        "timeout_seconds": "60", "prerequisites": "A shop",
    }  # fmt: skip
    assert page("suite_edit", tree["a"], **said).status_code == 302
    suite = project.suites.get(name="a")
    assert (suite.owner, suite.execution_order, suite.timeout_seconds) == (tester, 3, 60)
    assert (suite.parallel_safe, suite.prerequisites) == (False, "A shop")
    for change, field, why in [
        ({"timeout_seconds": "9"}, "timeout_seconds", "at least 10 seconds"),
        ({"timeout_seconds": "301"}, "timeout_seconds", "at most 300 seconds"),
        ({"name": "b"}, "name", "of this name"),
    ]:
        answer = page("suite_edit", tree["a"], **said | change)
        assert answer.status_code == 422
        assert why in " ".join(answer.context["form"].errors[field])
        assert not answer.context["form"].non_field_errors()


def test_who_saves_a_suite_that_somebody_changed_meanwhile_sees_it_first(
    page, project, tree, manager
):
    opened = page("suite_edit", tree["a"], name="").context["form"]["seen"].initial
    lifecycle.change_suite(tree["a"], by=manager, description="Theirs", parallel_safe=False)
    mine = {"name": "a", "description": "Mine", "execution_order": "0", "seen": opened}
    refused = page("suite_edit", tree["a"], **mine)
    assert (refused.status_code, refused.context["theirs"]) == (409, [("Description", "Theirs")])
    assert project.suites.get(pk=tree["a"].pk).description == "Theirs"
    text = refused.content.decode()
    assert "Somebody changed the suite since you opened it." in text and "Mine</textarea>" in text
    again = refused.context["form"]["seen"].value()
    assert page("suite_edit", tree["a"], **mine | {"seen": again}).status_code == 302
    assert project.suites.get(pk=tree["a"].pk).description == "Mine"


def test_somebody_of_another_project_cannot_be_the_owner(page, project, tree, outsider):
    said = {"name": "a", "execution_order": "0", "owner": outsider.pk}
    answer = page("suite_edit", tree["a"], **said)
    assert "owner" in answer.context["form"].errors


def test_a_suite_is_copied_archived_and_restored_on_its_pages(client, page, project, tree):
    make_case(project, suite=tree["deep"])
    assert "1 case." in client_text(client, page, "suite_copy", tree["a"])
    copied = page("suite_copy", tree["a"], name="again", parent="b")
    assert copied.url == project.suites.get(path="b / again").get_absolute_url()
    assert project.cases.count() == 2

    page("suite_archive", tree["a"])
    listed = client.get(reverse("cases:list", args=["WEB"])).content.decode()
    assert "WEB-1<" not in listed
    assert ">a</span>" not in listed
    assert "Show archived suites" in listed
    shown = client.get(reverse("cases:list", args=["WEB"]) + "?archived_suites=1").content.decode()
    assert '>a</span><small class="tag">archived</small>' in shown
    page("suite_restore", tree["a"])
    assert "WEB-1<" in client.get(reverse("cases:list", args=["WEB"])).content.decode()


def client_text(client, page, name, suite):
    page("suite_move", suite)  # signs the manager in
    return client.get(address(name, suite)).content.decode()


def test_a_suite_with_cases_goes_once_their_number_is_typed(client, page, project, tree):
    make_case(project, suite=tree["deep"])
    assert "Type <code>1 case</code>" in client_text(client, page, "suite_edit", tree["a"])
    page("suite_delete", tree["a"])
    page("suite_delete", tree["a"], confirmation="2 cases")
    assert project.cases.count() == 1
    page("suite_delete", tree["a"], confirmation="1 case")
    assert (project.cases.count(), level(project)) == (0, ["b", "c"])


def test_the_page_offers_no_removal_once_something_ran(client, page, project, tree):
    make_results(make_case(project, suite=tree["deep"]), ["passed"])
    text = client_text(client, page, "suite_edit", tree["a"])
    assert "delete-suite" not in text
    assert "can be archived and not deleted" in text


def test_progress_of_a_copy_asks_again_while_it_lasts(client, project, manager, tree):
    change = project.bulk_changes.create(
        verb="copy_suite", arguments={"to": str(tree["a"].pk)}, total=900, done=500
    )
    client.force_login(manager)
    asked = client.get(address("suite_copied", change)).content.decode()
    assert "500 of 900 cases are copied." in asked
    assert "every 1s" in asked
    change.state, change.changed = "done", 900
    change.save()
    assert "every 1s" not in client.get(address("suite_copied", change)).content.decode()


def test_the_api_takes_and_tells_the_run_settings(api, project, tree, tester):
    body = {
        "owner": tester.email, "execution_order": 2, "timeout_seconds": 10,
        "parallel_safe": False, "prerequisites": "A shop", "position": 9,
    }  # fmt: skip
    answer = api("patch", f"{tree['a'].pk}/", body)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in body} == body
    assert answer.json()["archived"] is False
    for change, field in [
        ({"timeout_seconds": 301}, "timeout_seconds"),
        ({"owner": "outsider@example.com"}, "owner"),
        ({"name": "b"}, "name"),
        ({"parent": str(tree["a"].pk)}, "parent"),
    ]:
        problem = api("patch", f"{tree['a'].pk}/", change)
        assert problem.status_code in (400, 409, 422)
        assert [error["field"] for error in problem.json()["errors"]] == [field]
    assert api("patch", f"{tree['a'].pk}/", {"owner": None}).json()["owner"] is None


def test_the_api_moves_copies_archives_and_restores(api, project, tree):
    make_case(project, suite=tree["deep"])
    a, b = tree["a"].pk, tree["b"].pk
    moved = api("post", f"{tree['c'].pk}/move/", {"parent": None, "before": str(b)})
    assert (moved.status_code, moved.json()["position"]) == (200, 2)
    assert level(project) == ["a", "c", "b"]
    assert api("post", f"{a}/move/", {"parent": str(tree["deep"].pk)}).status_code == 409
    assert api("post", f"{a}/move/", {}).status_code in (400, 422)

    copied = api("post", f"{a}/copy/", {})
    assert copied.status_code == 201
    assert copied.json()["suite"]["path"] == "a (copy)"
    assert (copied.json()["cases"], copied.json()["progress"]) == (1, None)
    assert (
        api("post", f"{a}/copy/", {"parent": str(b), "name": "z"}).json()["suite"]["path"]
        == "b / z"
    )

    assert api("post", f"{a}/archive/").json()["archived"] is True
    assert api("post", f"{a}/archive/").status_code == 409
    paths = [row["path"] for row in api("get", "?archived=true").json()["results"]]
    assert sorted(paths) == ["a", "a / deep"]
    assert "a" not in [row["path"] for row in api("get", "?archived=false").json()["results"]]
    assert api("post", f"{a}/restore/").json()["archived"] is False


def test_the_api_deletes_with_as_many_cases_as_are_named(api, project, tree):
    make_case(project, suite=tree["deep"])
    refused = api("delete", f"{tree['a'].pk}/")
    assert (refused.status_code, refused.json()["cases"]) == (409, 1)
    assert api("delete", f"{tree['a'].pk}/?cases=one").status_code in (400, 422)
    assert api("delete", f"{tree['a'].pk}/?cases=1").status_code == 204
    assert not Suite.objects.filter(pk=tree["a"].pk).exists()


def test_the_api_tells_how_far_a_copy_is(api, project, tree):
    change = project.bulk_changes.create(verb="copy_suite", arguments={"to": ""}, total=9)
    answer = api("get", f"copies/{change.pk}/").json()
    assert (answer["state"], answer["total"], answer["done"]) == ("queued", 9, 0)
    other = project.bulk_changes.create(verb="set", total=9)
    assert api("get", f"copies/{other.pk}/").status_code == 404


def test_an_archived_suite_shows_its_page_and_offers_its_return(client, manager, project, tree):
    lifecycle.archive_suite(tree["a"], by=manager)
    client.force_login(manager)
    text = client.get(address("suite_edit", tree["a"])).content.decode()
    assert address("suite_restore", tree["a"]) in text
    assert address("suite_copy", tree["a"]) not in text
    assert client.get(reverse("cases:suites", args=["WEB"])).content.decode().count("value=") == 2


def test_of_very_many_cases_the_counts_follow_the_page(client, viewer, project, tree, monkeypatch):
    make_case(project, suite=tree["deep"])
    make_case(project, suite=tree["b"])
    client.force_login(viewer)
    cases = reverse("cases:list", args=["WEB"])
    assert "data-counts" not in client.get(cases).text
    monkeypatch.setattr(searching, "LARGE", 1)
    page = client.get(cases)
    assert f'data-counts="{address("suite_counts")}"' in page.text
    shown = page.context["tree"]
    assert [node.count for node in shown.nodes] == [None] * 3
    assert (shown.total, shown.outside, shown.has_outside) == (None, None, False)
    assert "Outside every suite" not in page.text
    told = client.get(address("suite_counts")).json()
    ids = [str(tree[name].pk) for name in "abc"]
    assert told == {
        "total": "2", "outside": "0", "suites": dict(zip(ids, ["1", "1", "0"], strict=True)),
    }  # fmt: skip
    opened = client.get(address("suite_counts"), {"open": ids[0]}).json()["suites"]
    assert opened[str(tree["deep"].pk)] == "1"
    make_case(project)
    assert "Outside every suite" in client.get(cases).text


def test_an_archived_suite_says_where_its_cases_are(client, page, project, tree, manager, viewer):
    make_case(project, "Kept", suite=tree["deep"])
    lifecycle.archive_suite(tree["a"], by=manager)
    listed = tree["a"].get_absolute_url()
    client.force_login(manager)
    text = client.get(listed).text
    assert "This suite is archived" in text and address("suite_restore", tree["a"]) in text
    assert f'href="{reverse("cases:create", args=["WEB"])}"' in text, "no case is begun in it"
    assert "Kept" in client.get(f"{listed}&q=is:archived").text
    client.force_login(viewer)
    assert address("suite_restore", tree["a"]) not in client.get(listed).text
