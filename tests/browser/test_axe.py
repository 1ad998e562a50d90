"""axe finds nothing on the pages of the repository, in light and dark, wide and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from apps.cases import lifecycle
from apps.cases.bulk.wanted import Wanted
from testoqa.testing import uses
from tests.browser.waiting import until
from tests.cases.importing import upload
from tests.cases.results import make_results
from tests.data import populate_cast
from tests.factories import make_case, make_run, make_shared_steps, make_suite

pytestmark = uses(populate_cast)

WIDTHS = {"light": 1440, "dark": 390}
FILE = "Name;Importance\nPays by card;High\nPays by coupon;Urgentest\n"
HEADINGS = "Signed in\n\n### Data\n\nA card\n\n# More\n\n#### Still more"


@pytest.fixture
def shop(project, manager):
    project.custom_fields.create(name="Browser", kind="choice", options=["Firefox"])
    suite = make_suite(project, "Coupons", make_suite(project, "Checkout"))
    case = make_case(
        project, "Pays by card", suite=suite, tags=["smoke"], description="**Bold**", owner=manager,
        preconditions=HEADINGS, steps=[{"action": "Open", "expected": "Open", "data": "x"}],
        custom={"Browser": "Firefox"}, links=[{"title": "Wiki", "url": "https://example.com"}],
    )  # fmt: skip
    make_results(case, ["passed", "failed"])
    make_case(project, "Signs in")
    project.saved_filters.create(
        name="Smoke", query="tag:smoke", is_shared=True, created_by=manager
    )
    make_run(project, "Smoke")
    return suite


@pytest.fixture
def history(project, manager, owner):
    """The third case, in review, with versions, shared steps and comments."""
    shared = make_shared_steps(project)
    steps = [{"shared": shared.pk}, {"action": "Pay\n\n## Now"}]
    case = make_case(project, "Pays", by=manager, steps=steps)
    for description in ["# With a card", "With a coupon"]:
        case = lifecycle.change_case(case, by=manager, description=description)
    lifecycle.send_to_review(case, by=manager)
    lifecycle.add_comment(
        case, f"# Look\n\n@{owner.email}, now", by=manager, site="https://qa.example.com/"
    )
    return case, shared


@pytest.fixture
def imports(project, manager, work):
    """A file that is looked at, and one that was tried."""
    looked_at, tried = (upload(project, FILE, by=manager) for _ in range(2))
    lifecycle.start_case_import(tried, by=manager, dry_run=True)
    work()
    return looked_at, tried


@pytest.fixture
def change(project, manager, shop):
    """Cases that were changed together."""
    wanted = Wanted(set={"priority": "P0"})
    return lifecycle.change_cases(project, project.cases.all(), wanted, by=manager)


def page(name, *args, **query):
    return reverse(f"cases:{name}", args=["WEB", *args], query=query)


def pages_of(suite):
    return [
        page("list", suite=suite.pk, peek="WEB-1"),
        page("list", q="tag:smoke", sort="-priority"),
        page("list", q="pays stats:x"),
        page("list", q="nothing"),
        page("list", find="coup"),
        page("detail", 1),
        page("version", 1, 1),
        page("create"),
        page("edit", 1),
        page("quick", 1),
        page("suite_create"),
        page("suite_edit", suite.pk),
        page("suite_copy", suite.pk),
        page("filters"),
        page("filter_create"),
        page("fields"),
        page("create_field"),
        page("change_field", suite.project.custom_fields.get().pk),
    ]


def pages_of_history(case, shared):
    return [
        page("detail", case.number),
        page("edit", case.number),
        page("versions", case.number),
        page("version", case.number, 2),
        page("compare", case.number, a=1, b=3),
        page("comments", case.number),
        page("reviews"),
        page("reviews", of="all"),
        reverse("mentions:list"),
        page("shared_steps"),
        page("shared_steps_create"),
        page("shared_steps_detail", shared.pk),
        page("shared_steps_edit", shared.pk),
        page("share", 1),
    ]


def pages_of_many(imports, change):
    bulk = ["move", "tag", "priority", "set", "copy", "archive"]
    return [
        page("imports"),
        *(page("import", arrival.pk) for arrival in imports),
        *(page("change_start", do=do, case=1) for do in bulk),
        page("changes"),
        page("change", change.pk),
    ]


def complaints(page):
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]} {node['failureSummary'][:200]}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.fixture(params=WIDTHS)
def browser(sign_in, owner, request):
    page = sign_in(owner, color_scheme=request.param, reduced_motion="reduce")
    page.set_viewport_size({"width": WIDTHS[request.param], "height": 900})
    return page


def look(browser, addresses):
    """What axe finds on each page."""
    found = {}
    for address in addresses:
        answer = browser.goto(address)
        assert answer.status == 200, address
        found[address] = complaints(browser)
    return found


def told(found):
    return "\n".join(f"{address}: {line}" for address, lines in found.items() for line in lines)


def test_axe_finds_nothing(browser, shop):
    found = look(browser, pages_of(shop))
    browser.goto(page("list", q="tag:smoke"))
    browser.locator("[data-select]").first.check()
    found["the bar of the selected"] = complaints(browser)
    browser.locator("[data-search]").press("End")
    browser.keyboard.type(" status:")
    until(browser, "document.querySelector('.suggest [role=option]')?.checkVisibility() ?? false")
    found["the completion"] = complaints(browser)
    browser.keyboard.press("Escape")
    browser.keyboard.press("Control+k")
    browser.keyboard.type("pay")
    until(
        browser, "document.querySelector('#jump-list [role=option]')?.textContent.includes('Pays')"
    )
    found["the palette"] = complaints(browser)
    assert not told(found), told(found)


def test_axe_finds_nothing_in_what_a_case_was_and_shares(browser, shop, history):
    found = look(browser, pages_of_history(*history))
    assert not told(found), told(found)


def test_axe_finds_nothing_where_many_cases_are_taken_in_or_changed(browser, shop, imports, change):
    found = look(browser, pages_of_many(imports, change))
    assert not told(found), told(found)
