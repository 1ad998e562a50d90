"""The list of runs and the page of one."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.artifacts.lifecycle import hang_artifact
from apps.executions.lifecycle import set_verdict
from apps.runs import lifecycle
from apps.runs.models import Run
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact, make_case, make_run, make_suite, send_results

pytestmark = uses(populate_cast)

FAILED = {"status": "failed", "message": "AssertionError: 1 != 2\nmore", "trace": "line 88"}


def address(run, verb="detail", *parts):
    return reverse(f"runs:{verb}", args=[run.project.key, run.number, *parts])


def fail(name, **fields):
    return {"name": name, **FAILED, **fields}


def group_counts(html):
    """{group: count} of the groups that are shown."""
    found = re.findall(
        r'<details open data-group="(\w+)"( hidden)?>.*?data-group-count>([\d,]+)<', html, re.DOTALL
    )
    return {name: int(count.replace(",", "")) for name, hidden, count in found if not hidden}


def titles(html):
    return re.findall(r'<span class="ti">([^<]*)</span>', html)


def page(client, user, url, **options):
    client.force_login(user)
    response = client.get(url, **options)
    assert response.status_code == 200
    return response.content.decode()


def partial(client, user, url):
    return page(client, user, url, headers={"HX-Request": "true"})


def test_the_list_shows_runs_newest_first(client, project, viewer):
    make_run(project, "Nightly")
    make_run(project, "Smoke")
    html = page(client, viewer, reverse("runs:list", args=["WEB"]))
    assert html.index("Smoke") < html.index("Nightly")
    assert "New run" not in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=created", {"Nightly", "Smoke", "Release"}),
        ("status=failed", {"Load"}),
        ("environment=staging", {"Smoke"}),
        ("environment=prod", {"Release"}),
        ("environment=Production", {"Release"}),
        ("branch=main", {"Nightly"}),
        ("q=noke", set()),
        ("q=moke", {"Smoke"}),
        ("q=%233", {"Load"}),
        ("status=nonsense&environment=moon", {"Nightly", "Smoke", "Load", "Release"}),
    ],
)
def test_the_list_is_narrowed_by_its_filter(client, project, viewer, owner, query, found):
    make_run(project, "Nightly", branch="main")
    make_run(project, "Smoke", environment="staging")
    load = make_run(project, "Load")
    send_results(load, fail("pays"))
    lifecycle.finish(load, by=owner)
    make_run(project, "Release", environment="prod")
    html = page(client, viewer, reverse("runs:list", args=["WEB"]) + "?" + query)
    names = ("Nightly", "Smoke", "Load", "Release")
    assert {name for name in names if f">{name}</span>" in html} == found


def test_the_list_follows_unfinished_runs_faster(client, project, viewer, nightly, owner):
    url = reverse("runs:list", args=["WEB"])
    assert 'hx-trigger="every 3s"' in page(client, viewer, url)
    lifecycle.cancel(nightly, by=owner)
    html = partial(client, viewer, url)
    assert 'hx-trigger="every 15s"' in html
    assert "<html" not in html


def test_the_list_has_keyset_pages(client, project, viewer):
    for number in range(52):
        make_run(project, f"Run {number}")
    html = page(client, viewer, reverse("runs:list", args=["WEB"]))
    assert "?after=3" in html
    older = page(client, viewer, reverse("runs:list", args=["WEB"]) + "?after=3")
    assert ">Run 1</span>" in older
    assert ">Run 2</span>" not in older


def test_a_run_by_hand_takes_the_manual_cases_of_its_suite_and_below(client, project, tester):
    checkout = make_suite(project, "checkout")
    below = make_suite(project, "coupons", parent=checkout)
    wanted = {make_case(project, "a", suite=checkout), make_case(project, "b", suite=below)}
    make_case(project, "elsewhere", suite=make_suite(project, "search"))
    make_case(project, "by CI", suite=below, kind="automated")
    client.force_login(tester)
    environment = project.environments.get(name="local")
    form = {
        "name": "By hand",
        "kind": "manual",
        "suite": "checkout",
        "environment": environment.pk,
    }
    response = client.post(reverse("runs:create", args=["WEB"]), form)
    run = project.runs.get()
    assert response.url == address(run)
    assert run.state == Run.State.CREATED
    assert {execution.case for execution in run.executions.all()} == wanted
    assert group_counts(page(client, tester, address(run))) == {"pending": 2}


def test_the_form_of_a_new_run_begins_by_hand(client, project, tester):
    html = page(client, tester, reverse("runs:create", args=["WEB"]))
    (chosen,) = re.findall(r'<input type="radio" name="kind"[^>]*checked[^>]*>', html)
    assert 'value="manual"' in chosen


@pytest.fixture
def many_environments(project):
    """More than a select offers, and all of them before local and staging by name."""
    for number in range(101):
        project.environments.create(name=f"a{number:03}")


def options(html):
    (select,) = re.findall(r'<select name="environment".*?</select>', html, re.S)
    chosen = re.findall(r"<option[^>]* selected[^>]*>([^<]*)", select)
    return re.findall(r"<option[^>]*>([^<]*)", select), chosen


@pytest.mark.usefixtures("many_environments")
def test_the_form_of_a_new_run_offers_local_however_many_environments_there_are(
    client, project, tester
):
    create = reverse("runs:create", args=["WEB"])
    offered, chosen = options(page(client, tester, create))
    assert len(offered) == 101
    assert chosen == ["local"]
    staging = project.environments.get(name="staging")
    again = client.post(create, {"kind": "manual", "environment": staging.pk})
    offered, chosen = options(again.content.decode())
    assert offered[100:] == ["staging", "local"]
    assert chosen == ["staging"]
    unknown = client.post(create, {"kind": "manual", "environment": "nowhere"})
    assert options(unknown.content.decode())[0][100:] == ["local"]


@pytest.mark.usefixtures("many_environments")
def test_the_filter_of_runs_shows_which_environment_is_chosen(client, viewer):
    chosen = options(page(client, viewer, reverse("runs:list", args=["WEB"]) + "?environment=prod"))
    assert chosen[1] == ["prod"]


def test_a_run_by_hand_without_cases_says_so(client, project, tester):
    client.force_login(tester)
    environment = project.environments.get(name="local")
    form = {"name": "By hand", "kind": "manual", "environment": environment.pk}
    response = client.post(reverse("runs:create", args=["WEB"]), form)
    assert "There is no manual case in" in response.content.decode()
    assert not project.runs.exists()


def test_a_run_shows_its_results_in_groups(client, project, nightly, viewer, owner):
    before = make_run(project, branch="main")
    send_results(before, "pays", "refunds", fail("stock"))
    lifecycle.finish(before, by=owner)
    nightly = make_run(project, branch="main")
    send_results(
        nightly, fail("pays"), fail("stock"), "refunds", {"name": "vip", "status": "skipped"}
    )
    send_results(nightly, {"name": "mail", "attempt": 1, "status": "failed"})
    send_results(nightly, {"name": "mail", "attempt": 2})
    html = page(client, viewer, address(nightly))
    assert group_counts(html) == {"new": 1, "failed": 1, "flaky": 1, "rest": 2}
    assert titles(html)[:5] == ["pays", "stock", "mail", "refunds", "vip"]
    assert "AssertionError: 1 != 2" in html
    assert "more</span>" not in html
    assert 'aria-label="Last 1: 1 passed"' in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=failed", {"failed": 0, "new": 1}),
        ("status=passed", {"rest": 2}),
        ("q=PAY", {"rest": 1}),
        ("q=web-2", {"rest": 1}),
        ("q=100%25", {}),
        ("q=nothing", {}),
        ("status=nonsense", {"new": 1, "rest": 2}),
    ],
)
def test_results_are_filtered_by_status_and_text(client, nightly, viewer, query, found):
    send_results(nightly, "pays", "refunds", fail("stock"))
    html = page(client, viewer, address(nightly) + "?" + query)
    assert group_counts(html) == {name: count for name, count in found.items() if count}
    assert len(list(titles(html))) == sum(found.values())


def test_a_group_is_read_on_page_by_page(client, nightly, viewer):
    send_results(nightly, *(f"case {number:03}" for number in range(110)))
    url, shown = address(nightly), []
    html = page(client, viewer, url)
    while more := re.search(r'href="(\?[^"]*group=rest[^"]*)"', html):
        shown += titles(html)
        html = partial(client, viewer, url + more[1].replace("&amp;", "&"))
        assert "<html" not in html
    assert shown + titles(html) == [f"case {number:03}" for number in range(110)]


def test_the_ribbon_tells_the_loudest_of_each_slice_in_order(client, nightly, viewer):
    send_results(nightly, *(f"case {number}" for number in range(480)))
    send_results(nightly, *(fail(f"last {number}") for number in range(2)))
    html = page(client, viewer, address(nightly))
    ribbon = re.search(r'<svg class="ribbon".*?</svg>', html, re.DOTALL)[0]
    drawn = dict(re.findall(r'<path data-s="(\w+)" d="([^"]*)"', ribbon))
    assert drawn["passed"].count("M") + drawn["failed"].count("M") == 240
    assert drawn["failed"] == "M1197.5 52v-48"


@pytest.mark.parametrize("count", [1, 88, 239, 240])
def test_each_result_of_a_small_run_has_a_slice_of_its_own(client, nightly, viewer, count):
    send_results(nightly, *(f"case {number}" for number in range(count)))
    html = page(client, viewer, address(nightly))
    ribbon = re.search(r'<svg class="ribbon".*?</svg>', html, re.DOTALL)[0]
    assert f'viewBox="0 0 {5 * max(48, count)} 52"' in ribbon
    assert re.findall(r'<path data-s="(\w+)"', ribbon) == ["passed"]
    assert len(re.findall(r"M[\d.]+ 52v-17", ribbon)) == count


def test_a_row_executed_by_hand_shows_what_was_written_of_it(client, project, viewer, owner):
    run = make_run(project, kind="manual", cases=[make_case(project), make_case(project, "Else")])
    lifecycle.start(run, by=owner)
    first, second = run.executions.order_by("id")
    set_verdict(
        first, "failed", by=owner, actual_result="The list is empty\nand stays so", note="x"
    )
    set_verdict(second, "passed", by=owner, note="Only on the second try")
    html = page(client, viewer, address(run))
    assert "· The list is empty</span>" in html
    assert "· Only on the second try</span>" in html
    assert "and stays so" not in html


def test_time_stands_once_where_nothing_foretells_an_end(client, nightly, viewer):
    send_results(nightly, "pays")
    Run.objects.filter(pk=nightly.pk).update(started_at=timezone.now() - timedelta(minutes=100))
    html = page(client, viewer, address(nightly))
    assert html.count("1 h 40 m") == 1


def test_the_files_of_a_run_are_listed_with_links(client, nightly, viewer, owner):
    url = address(nightly)
    assert "Files" not in page(client, viewer, url)
    artifact = make_artifact(nightly.project, name="server.log")
    hang_artifact(artifact, nightly, by=owner)
    html = page(client, viewer, url)
    assert f'href="{reverse("runs:file", args=["WEB", nightly.number, artifact.pk])}"' in html
    assert "server.log" in html


def test_an_end_is_foretold_from_the_last_run_alike(client, project, viewer, owner):
    before = make_run(project, run_key="ci")
    send_results(before, *(f"case {number}" for number in range(40)))
    lifecycle.finish(before, by=owner)
    Run.objects.filter(pk=before.pk).update(duration_ms=60_000)
    now = make_run(project, run_key="ci")
    send_results(now, "case 1")
    html = page(client, viewer, address(now))
    assert 'data-least="40">40<' in html
    assert re.search(r">5\d\.\d s left<", html)
    other = make_run(project, run_key="other")
    send_results(other, "case 1")
    assert " left<" not in page(client, viewer, address(other))


def test_the_verbs_on_a_page_are_those_the_reader_may_use(client, nightly, viewer, tester, owner):
    send_results(nightly, "pays")
    assert address(nightly, "finish") not in page(client, viewer, address(nightly))
    html = page(client, tester, address(nightly))
    assert address(nightly, "finish") in html
    assert address(nightly, "cancel") in html
    assert address(nightly, "delete") not in html
    assert address(nightly, "delete") in page(client, owner, address(nightly))


@pytest.mark.parametrize(
    ("verb", "status"), [("finish", "passed"), ("cancel", "cancelled"), ("abort", "error")]
)
def test_a_verb_is_carried_out_and_comes_back_to_the_run(
    client, nightly, owner, viewer, outsider, verb, status
):
    send_results(nightly, "pays")
    for user, code in [(viewer, 403), (outsider, 404)]:
        client.force_login(user)
        assert client.post(address(nightly, verb)).status_code == code
    client.force_login(owner)
    assert client.get(address(nightly, verb)).status_code == 405
    assert client.post(address(nightly, verb)).url == address(nightly)
    nightly.refresh_from_db()
    assert nightly.status == status


def test_a_refused_verb_says_why(client, nightly, owner):
    client.force_login(owner)
    response = client.post(address(nightly, "finish"), follow=True)
    assert "created" in response.content.decode().lower()
    nightly.refresh_from_db()
    assert nightly.state == Run.State.CREATED


def test_a_run_is_deleted_once_its_number_was_typed(client, project, nightly, owner, tester):
    send_results(nightly, "pays")
    client.force_login(tester)
    assert client.post(address(nightly, "delete"), {"confirmation": "#1"}).status_code == 403
    client.force_login(owner)
    client.post(address(nightly, "delete"), {"confirmation": "yes"})
    assert project.runs.exists()
    client.post(address(nightly, "delete"), {"confirmation": f"#{nightly.number}"})
    assert not project.runs.exists()
    assert not project.executions.exists()


def test_a_link_to_ci_that_a_browser_must_not_follow_is_not_made(client, nightly, viewer):
    Run.objects.filter(pk=nightly.pk).update(ci_url="javascript:alert(1)")
    assert "javascript:" not in page(client, viewer, address(nightly))


def test_what_results_say_is_shown_as_text(client, nightly, viewer):
    send_results(nightly, fail("<script>alert(1)</script>", message="<img src=x>"))
    html = page(client, viewer, address(nightly))
    assert "<script>alert" not in html
    assert "<img" not in html


def test_other_projects_see_nothing(client, nightly, outsider):
    send_results(nightly, "pays")
    client.force_login(outsider)
    execution = nightly.executions.get()
    for url in [
        address(nightly),
        address(nightly, "live"),
        address(nightly, "execution", execution.pk),
    ]:
        assert client.get(url).status_code == 404


def test_what_people_wrote_may_be_called_like_a_method(client, project, owner):
    run = make_run(project, configuration={"items": "3", "browser": "firefox"})
    written = {"items": "eggs", "get": "milk"}
    send_results(run, {"name": "buys", "parameters": written, "properties": written})
    assert "items 3" in page(client, owner, address(run))
    detail = page(client, owner, address(run, "execution", run.executions.get().pk))
    assert detail.count("<dt>items</dt><dd><code>eggs</code></dd>") == 2


def test_a_result_has_the_one_main_heading_of_its_own_page_and_none_in_the_drawer(
    client, project, viewer
):
    run = make_run(project, "Nightly")
    send_results(run, fail("pays"))
    url = f"{address(run)}executions/{run.executions.get().pk}/"
    whole = page(client, viewer, url)
    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", whole) == ["pays"]
    drawer = partial(client, viewer, url)
    assert "<h1" not in drawer
    assert re.search(r"<h2[^>]*>pays</h2>", drawer)


def test_a_refused_page_says_what_it_takes_which_role_one_has_and_who_can_help(
    client, project, viewer
):
    client.force_login(viewer)
    html = client.get(reverse("runs:create", args=["WEB"])).content.decode()
    assert "Running tests in WEB (run_tests) takes the role tester, manager or owner" in html
    assert "your role here is viewer. An owner of the project can change that." in html
    assert f'href="{reverse("memberships:list", args=["WEB"])}"' in html
    assert f'href="{reverse("projects:overview", args=["WEB"])}"' in html
