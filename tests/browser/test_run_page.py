"""The page of a run under the hands of a reader: drawer, keys, held rows, and no script at all."""

import pytest

from apps.memberships.lifecycle import remove_member
from apps.runs import lifecycle
from testoqa.testing import uses
from tests.browser.waiting import until
from tests.data import populate_cast
from tests.factories import make_run, owner_of, send_results

pytestmark = uses(populate_cast)


@pytest.fixture
def nightly(live_site, project):
    run = make_run(project)
    failures = [
        {"name": f"fails {number}", "status": "failed", "message": f"no {number}"}
        for number in range(3)
    ]
    send_results(run, *failures, *(f"passes {number}" for number in range(4)))
    return run


def open_run(sign_in, viewer, run, **options):
    page = sign_in(viewer, **options)
    page.goto(run.get_absolute_url())
    return page


def drawer(page):
    return page.locator("#detail h2.big")


def test_n_opens_one_new_failure_after_the_other_and_escape_closes(sign_in, viewer, nightly):
    page = open_run(sign_in, viewer, nightly)
    for title in ["fails 0", "fails 1", "fails 2", "fails 0"]:
        page.keyboard.press("n")
        drawer(page).get_by_text(title, exact=True).wait_for()
        until(page, "document.querySelector('.row[aria-current] .ti') !== null")
        assert page.locator("[data-rows] .row[aria-current] .ti").inner_text() == title
    execution = nightly.executions.get(title="fails 0")
    assert page.url.endswith(f"?x={execution.pk}")
    page.keyboard.press("Escape")
    page.get_by_text("No result is open").wait_for()
    assert page.url.endswith(nightly.get_absolute_url())


def test_j_and_enter_open_a_row_and_back_closes_it(sign_in, viewer, nightly):
    page = open_run(sign_in, viewer, nightly)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    drawer(page).get_by_text("fails 1", exact=True).wait_for()
    page.go_back()
    page.get_by_text("No result is open").wait_for()
    assert page.url.endswith(nightly.get_absolute_url())


def test_rows_are_held_while_a_row_is_pointed_at(sign_in, viewer, nightly):
    page = open_run(sign_in, viewer, nightly)
    page.locator("[data-pill]:not([hidden])").wait_for()
    row = page.locator("[data-group=rest] .row").first
    row.hover()
    before = row.bounding_box()
    send_results(nightly, {"name": "fails late", "status": "failed"}, "passes late")
    page.get_by_text("2 new results, held while you read.").wait_for()
    assert page.get_by_text("fails late").count() == 0
    assert page.locator("[data-group=new] [data-group-count]").inner_text() == "4"
    assert row.bounding_box() == before
    page.keyboard.press(".")
    page.get_by_text("fails late").wait_for()
    assert page.locator("[data-held]").is_hidden()


def test_a_filter_narrows_the_rows_as_it_is_typed(sign_in, viewer, nightly):
    page = open_run(sign_in, viewer, nightly)
    page.keyboard.press("/")
    page.keyboard.type("fails 2")
    until(page, "document.querySelectorAll('[data-groups] li[id]').length === 1")
    assert page.evaluate("document.activeElement.name") == "q"
    assert page.url.endswith("?q=fails+2")
    send_results(nightly, {"name": "fails 22", "status": "failed"}, "passes late")
    until(page, "document.querySelectorAll('[data-groups] li[id]').length === 2")
    assert page.get_by_text("passes late").count() == 0


def test_a_result_is_a_page_of_its_own_on_a_phone(sign_in, viewer, nightly):
    page = open_run(sign_in, viewer, nightly, viewport={"width": 390, "height": 800})
    page.get_by_text("fails 1", exact=True).click()
    page.wait_for_url("**/executions/**")
    assert page.get_by_text("no 1", exact=True).is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_run_is_read_without_script(sign_in, viewer, nightly):
    page = open_run(sign_in, viewer, nightly, java_script_enabled=False)
    assert page.locator("[data-group=new] li[id]").count() == 3
    assert page.locator("[data-pill]").is_hidden()
    assert page.locator("[data-held]").is_hidden()
    page.get_by_text("fails 1", exact=True).click()
    page.get_by_role("heading", name="fails 1").wait_for()
    assert page.get_by_text("no 1", exact=True).is_visible()


def test_the_list_of_runs_moves_by_itself(sign_in, viewer, project, nightly):
    page = sign_in(viewer)
    page.goto("/projects/WEB/runs/")
    page.evaluate("window.never_left = true")
    lifecycle.finish(nightly, by=owner_of(project))
    page.locator(f"#run-{nightly.number} .st[data-s=failed]").wait_for()
    assert page.evaluate("window.never_left")


def test_who_leaves_the_project_is_told_and_asks_no_more(sign_in, viewer, project, nightly):
    page = open_run(sign_in, viewer, nightly)
    page.locator("[data-pill]:not([hidden])").wait_for()
    remove_member(project.memberships.get(user=viewer), by=owner_of(project))
    page.get_by_text("You are no longer in this project").wait_for(timeout=25_000)
    send_results(nightly, "passes late")
    page.wait_for_timeout(2500)
    assert page.get_by_text("passes late").count() == 0
