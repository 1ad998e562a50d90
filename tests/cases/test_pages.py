import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.signals import post_save
from django.urls import reverse

from apps.artifacts.models import Artifact
from apps.cases import lifecycle
from apps.cases.models import Case
from testoqa.testing import uses
from tests.cases.results import make_result, make_results
from tests.data import populate_cast
from tests.factories import make_case, make_suite

pytestmark = uses(populate_cast)

HTMX = {"HTTP_HX_REQUEST": "true"}


def page(name, *args):
    return reverse(f"cases:{name}", args=["WEB", *args])


def typed(case=None, *, steps=(), **fields):
    """What the form sends: the case as it is, with the fields given changed."""
    data = {"title": "Pays", "kind": "manual", "status": "draft", "priority": "P2"}
    if case:
        data |= {name: getattr(case, name) for name in data}
        data |= {
            "version": case.version,
            "suite": case.suite.path if case.suite else "",
            "tags": ", ".join(case.tags),
        }
        data |= {"automation_key": case.automation_key, "aliases": "\r\n".join(case.former_keys)}
        data |= {"description": case.description, "preconditions": case.preconditions}
        steps = steps or list(case.steps.values("action", "expected", "data"))
    data |= {"steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": 0}
    for place, step in enumerate(steps):
        data |= {f"steps-{place}-{name}": value for name, value in step.items()}
    return {**data, **fields}


def titles(response):
    return [row["case"].title for row in response.context["rows"]]


# Verbs


def test_a_case_is_written_with_its_steps(project, manager, post):
    steps = [
        {"action": "Second", "expected": "One line\r\nand another", "ORDER": 2},
        {"action": "First", "ORDER": 1},
        {"action": "Never", "ORDER": 3, "DELETE": "on"},
        {"action": "", "ORDER": 4},
    ]
    answer = post(manager, page("create"), **typed(title="Pays", steps=steps, tags="smoke, money,"))
    case = project.cases.get()
    assert answer.url == case.get_absolute_url()
    assert (case.created_by, case.tags) == (manager, ["money", "smoke"])
    assert list(case.steps.values_list("position", "action", "expected")) == [
        (1, "First", ""),
        (2, "Second", "One line\nand another"),
    ]


def test_writing_a_case_wants_the_permission(project, tester, outsider, post):
    assert post(tester, page("create"), **typed()).status_code == 403
    assert post(outsider, page("create"), **typed()).status_code == 404
    assert not project.cases.exists()


def test_a_step_without_an_action_is_named(project, manager, post):
    answer = post(manager, page("create"), **typed(steps=[{"action": "", "expected": "Paid"}]))
    assert answer.status_code == 422
    assert "Say what is done in this step." in answer.content.decode()
    assert not project.cases.exists()


@pytest.mark.parametrize("field", ["title", "tags", "aliases", "automation_key", "description"])
def test_a_nul_is_named_by_its_field(project, manager, post, field):
    answer = post(manager, page("create"), **typed(**{field: "a\0b"}))
    assert answer.status_code == 422
    assert "Null characters are not allowed." in answer.context["form"].errors[field]
    assert not project.cases.exists()


def test_more_steps_come_without_script_and_keep_what_was_typed(project, manager, post):
    data = typed(title="Half", steps=[{"action": "Open"}], add_steps="1")
    answer = post(manager, page("create"), **data)
    assert answer.status_code == 200
    assert answer.context["form"]["title"].value() == "Half"
    assert answer.context["steps"].forms[0]["action"].value() == "Open"
    assert len(answer.context["steps"].forms) == 4
    assert not project.cases.exists()


def test_a_case_is_changed_and_an_unchanged_one_is_not(project, manager, tester, outsider, post):
    case = make_case(project, "Pays", steps=[{"action": "Open"}], tags=["money"])
    edit = page("edit", case.number)
    assert post(tester, edit, **typed(case, title="No")).status_code == 403
    assert post(outsider, edit, **typed(case, title="No")).status_code == 404
    assert post(manager, edit, **typed(case)).status_code == 302
    assert case.versions.count() == 1
    assert post(manager, edit, **typed(case, title="Pays by card")).status_code == 302
    case.refresh_from_db()
    assert (case.title, case.version) == ("Pays by card", 2)


def test_a_suite_of_another_project_cannot_be_chosen(project, other_project, manager, post):
    foreign = make_suite(other_project, "theirs")
    for said in ("theirs", str(foreign.pk)):
        answer = post(manager, page("create"), **typed(suite=said))
        assert answer.status_code == 422
        assert f"No suite has the path “{said}”. The list" in answer.content.decode()
    assert not project.cases.exists()


def test_a_second_saver_is_told_and_nothing_is_lost(project, manager, post):
    suite = make_suite(project, "checkout")
    case = make_case(project, "Pays", description="as it was", steps=[{"action": "Open"}])
    opened = typed(case)
    lifecycle.change_case(case, by=manager, title="Pays by card", suite=suite, tags=["money"])

    mine = {**opened, "title": "Pays at once", "description": "as I say"}
    answer = post(manager, page("edit", case.number), **mine)
    assert answer.status_code == 409
    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.title, fresh.description, fresh.version) == ("Pays by card", "as it was", 2)

    text = answer.content.decode()
    assert "saved version 2 meanwhile: Title, Suite, Tags" in text
    form = answer.context["form"]
    assert form["title"].value() == "Pays at once"
    assert form["description"].value() == "as I say"
    assert form["suite"].value() == "checkout"
    assert form["tags"].value() == "money"
    assert form["version"].value() == 2
    assert answer.context["editor"].both == {"Title"}

    again = {**mine, "suite": "checkout", "tags": "money", "version": 2}
    assert post(manager, page("edit", case.number), **again).status_code == 302
    fresh = project.cases.with_content().get()
    assert (fresh.title, fresh.description, fresh.tags) == ("Pays at once", "as I say", ["money"])
    assert [row.content["title"] for row in fresh.versions.order_by("number")] == [
        "Pays",
        "Pays by card",
        "Pays at once",
    ]


def test_a_case_is_archived_and_restored(project, manager, tester, outsider, post):
    case = make_case(project)
    for verb, archived in (("archive", True), ("restore", False)):
        address = page(verb, case.number)
        assert post(tester, address).status_code == 403
        assert post(outsider, address).status_code == 404
        assert post(manager, address).status_code == 302
        case.refresh_from_db()
        assert case.is_archived is archived
    assert case.versions.count() == 1


def test_an_archived_case_is_not_changed(project, manager, post, client):
    case = make_case(project, "Pays")
    opened = typed(case, title="Changed")
    lifecycle.archive_case(case, by=manager)
    assert post(manager, page("edit", case.number), **opened).url == case.get_absolute_url()
    assert "is archived; restore it first" in client.get(case.get_absolute_url()).content.decode()
    assert project.cases.get().title == "Pays"


def test_a_case_that_never_ran_is_deleted(project, manager, tester, outsider, post):
    case = make_case(project, steps=[{"action": "Open"}], tags=["money"], aliases=["a::b"])
    address = page("delete", case.number)
    assert post(tester, address).status_code == 403
    assert post(outsider, address).status_code == 404
    assert post(manager, address).url == page("list")
    assert not project.cases.exists()


def test_a_case_with_results_is_archived_instead(project, manager, post, client):
    case = make_case(project)
    make_result(case, "passed")
    assert post(manager, page("delete", case.number)).status_code == 302
    assert "archive it instead" in client.get(case.get_absolute_url()).content.decode()
    assert project.cases.exists()


def test_a_file_is_hung_on_a_case(project, manager, tester, outsider, client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    case = make_case(project)
    for person, status in ((tester, 403), (outsider, 404), (manager, 302)):
        client.force_login(person)
        sent = {"file": SimpleUploadedFile("rules.txt", b"Coupons first.\n")}
        assert client.post(page("attach", case.number), sent).status_code == status
    link = case.files.get()
    assert (link.artifact.name, link.artifact.size) == ("rules.txt", 15)
    address = reverse("artifacts:download", args=["WEB", link.artifact_id])
    assert address in client.get(case.get_absolute_url()).content.decode()


@pytest.fixture
def deleted_meanwhile(project):
    """The case is gone as soon as a file was stored."""

    def delete(**kwargs):
        project.cases.all().delete()

    post_save.connect(delete, sender=Artifact)
    yield
    post_save.disconnect(delete, sender=Artifact)


@pytest.mark.usefixtures("deleted_meanwhile")
def test_a_file_that_cannot_be_hung_is_not_kept(project, manager, client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    address = page("attach", make_case(project).number)
    client.force_login(manager)
    answer = client.post(address, {"file": SimpleUploadedFile("rules.txt", b"Coupons first.\n")})
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "“WEB-1 Pays by card” has been deleted meanwhile."
    ]
    assert not project.artifacts.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# The list


@pytest.fixture
def shop(project):
    cart = make_suite(project, "cart", make_suite(project, "shop"))
    return {
        "cart": cart,
        "pays": make_case(project, "Pays by card", priority="P0", status="ready", tags=["money"]),
        "adds": make_case(project, "Adds an item", suite=cart, kind="automated"),
        "empties": make_case(project, "Empties the cart", suite=cart),
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Pays by card", "Adds an item", "Empties the cart"]),
        ("q=card", ["Pays by card"]),
        ("q=web-2", ["Adds an item"]),
        ("q=3", ["Empties the cart"]),
        ("q=OPS-2", []),
        ("kind=automated", ["Adds an item"]),
        ("status=ready", ["Pays by card"]),
        ("priority=P0", ["Pays by card"]),
        ("tag=money", ["Pays by card"]),
        ("suite=none", ["Pays by card"]),
        ("kind=nonsense&suite=nonsense", ["Pays by card", "Adds an item", "Empties the cart"]),
        ("archived=on", []),
    ],
)
def test_the_list_is_narrowed(shop, manager, client, query, found):
    client.force_login(manager)
    assert titles(client.get(f"{page('list')}?{query}")) == found


def test_a_suite_is_listed_with_its_whole_branch(shop, manager, client):
    client.force_login(manager)
    top = shop["cart"].parent
    answer = client.get(f"{page('list')}?suite={top.pk}")
    assert titles(answer) == ["Adds an item", "Empties the cart"]
    assert answer.context["tree"].nodes[0].count == 2


def test_archived_cases_show_only_when_asked_for(shop, manager, client):
    lifecycle.archive_case(shop["adds"], by=manager)
    client.force_login(manager)
    assert "Adds an item" not in titles(client.get(page("list")))
    assert titles(client.get(f"{page('list')}?archived=on")) == ["Adds an item"]


def test_the_list_goes_on_by_keyset_pages(project, manager, client):
    for number in range(1, 53):
        make_case(project, f"Case {number}")
    client.force_login(manager)
    first = client.get(page("list"))
    assert (len(titles(first)), first.context["count"]) == (50, "52 cases")
    assert "50 of 52 cases" in first.content.decode()
    second = client.get(f"{page('list')}?after={first.context['page'].next}")
    assert titles(second) == ["Case 51", "Case 52"]
    back = client.get(f"{page('list')}?before={second.context['page'].previous}")
    assert titles(back) == titles(first)
    assert project.cases.for_list().totally_ordered


def test_rows_show_the_last_ten_results(shop, manager, client):
    make_results(shop["pays"], ["failed", *["passed"] * 10])
    make_result(shop["adds"], "passed", flaky=True)
    client.force_login(manager)
    rows = {row["case"].title: row for row in client.get(page("list")).context["rows"]}
    assert rows["Pays by card"]["statuses"] == ["passed"] * 10
    assert rows["Adds an item"]["last"] == "flaky"
    assert rows["Empties the cart"]["last"] == ""


def test_the_peek_shows_a_case_beside_the_list(shop, manager, client):
    client.force_login(manager)
    whole = client.get(f"{page('list')}?peek=WEB-1")
    assert whole.context["peek"]["case"] == shop["pays"]
    assert "<html" in whole.content.decode()
    part = client.get(f"{page('list')}?peek=WEB-1", **HTMX).content.decode()
    assert "Pays by card" in part
    assert "Adds an item" not in part
    for unknown in ("WEB-99", "OPS-1", "WEB-x"):
        assert client.get(f"{page('list')}?peek={unknown}").context["peek"] is None


def test_htmx_gets_the_rows_alone(shop, manager, client):
    client.force_login(manager)
    answer = client.get(f"{page('list')}?q=card", **HTMX)
    assert "<html" not in answer.content.decode()
    assert "Pays by card" in answer.content.decode()
    assert "HX-Request" in answer.headers["Vary"]


def test_empty_lists_say_what_to_do_next(project, manager, tester, client):
    client.force_login(manager)
    assert "Write the first one" in client.get(page("list")).content.decode()
    client.force_login(tester)
    assert "first import" in client.get(page("list")).content.decode()
    make_case(project)
    assert "No case matches" in client.get(f"{page('list')}?q=zzz").content.decode()


def test_pages_of_another_project_do_not_exist(shop, outsider, client):
    client.force_login(outsider)
    for address in (page("list"), page("detail", 1), page("version", 1, 1), page("edit", 1)):
        assert client.get(address).status_code == 404
    assert client.get(reverse("cases:detail", args=["OPS", 1])).status_code == 404


# One case


def test_a_case_shows_its_results_over_time(project, tester, client):
    case = make_case(project, "Pays")
    make_results(case, ["passed"] * 31 + ["failed"], duration_ms=1000)
    client.force_login(tester)
    answer = client.get(case.get_absolute_url())
    assert len(answer.context["executions"]) == 30
    assert answer.context["statuses"][-1] == "failed"
    trend = answer.context["trend"]
    assert (trend.count, trend.latest, trend.longest) == (30, 1310, 1310)
    text = answer.content.decode()
    assert 'role="img" aria-label="Duration of the last 30 results' in text
    run = project.runs.get(number=32)
    assert f"{run.get_absolute_url()}?x=" in text


def test_a_duration_needs_two_times(project, tester, client):
    case = make_case(project, "Pays")
    make_result(case, "passed", duration_ms=5)
    make_result(case, "skipped", duration_ms=None)
    client.force_login(tester)
    assert client.get(case.get_absolute_url()).context["trend"] is None


def test_texts_of_a_case_are_shown_and_never_run(project, tester, client):
    case = make_case(
        project, "<b>Pays</b>", description="<script>alert(1)</script>",
        steps=[{"action": "<i>Open</i>", "data": "<u>"}], tags=["<s>"],
    )  # fmt: skip
    client.force_login(tester)
    for address in (case.get_absolute_url(), f"{page('list')}?peek=WEB-1", page("version", 1, 1)):
        text = client.get(address).content.decode()
        assert "&lt;b&gt;Pays" in text
        for raw in ("<b>Pays", "<script>alert", "<i>Open", "<u>", "<s>"):
            assert raw not in text


def test_a_suite_is_found_by_name(shop, manager, client):
    client.force_login(manager)
    found = client.get(f"{page('list')}?find=SHOP / c").context["found"]
    assert list(found) == [shop["cart"]]
    assert "No suite has this" in client.get(f"{page('list')}?find=zzz").content.decode()
