"""axe finds nothing on the pages of the repository, in light and dark, wide and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from testoqa.testing import uses
from tests.browser.waiting import until
from tests.cases.results import make_results
from tests.data import populate_cast
from tests.factories import make_case, make_run, make_suite

pytestmark = uses(populate_cast)

WIDTHS = {"light": 1440, "dark": 390}


@pytest.fixture
def shop(project, manager):
    project.custom_fields.create(name="Browser", kind="choice", options=["Firefox"])
    suite = make_suite(project, "Coupons", make_suite(project, "Checkout"))
    case = make_case(
        project, "Pays by card", suite=suite, tags=["smoke"], description="**Bold**", owner=manager,
        preconditions="Signed in", steps=[{"action": "Open", "expected": "Open", "data": "x"}],
        custom={"Browser": "Firefox"}, links=[{"title": "Wiki", "url": "https://example.com"}],
    )  # fmt: skip
    make_results(case, ["passed", "failed"])
    make_case(project, "Signs in")
    project.saved_filters.create(
        name="Smoke", query="tag:smoke", is_shared=True, created_by=manager
    )
    make_run(project, "Smoke")
    return suite


def pages_of(suite):
    return [
        reverse("cases:list", args=["WEB"], query={"suite": suite.pk, "peek": "WEB-1"}),
        reverse("cases:list", args=["WEB"], query={"q": "tag:smoke", "sort": "-priority"}),
        reverse("cases:list", args=["WEB"], query={"q": "pays stats:x"}),
        reverse("cases:list", args=["WEB"], query={"q": "nothing"}),
        reverse("cases:detail", args=["WEB", 1]),
        reverse("cases:version", args=["WEB", 1, 1]),
        reverse("cases:create", args=["WEB"]),
        reverse("cases:edit", args=["WEB", 1]),
        reverse("cases:suite_edit", args=["WEB", suite.pk]),
        reverse("cases:filters", args=["WEB"]),
        reverse("cases:filter_create", args=["WEB"]),
    ]


def complaints(page):
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]} {node['failureSummary'][:200]}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", WIDTHS)
def test_axe_finds_nothing(sign_in, shop, manager, scheme):
    page = sign_in(manager, color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": WIDTHS[scheme], "height": 900})
    found = {}
    for address in pages_of(shop):
        page.goto(address)
        found[address] = complaints(page)
    page.goto(pages_of(shop)[1])
    page.locator("[data-search]").press("End")
    page.keyboard.type(" status:")
    until(page, "document.querySelector('.suggest [role=option]')?.checkVisibility() ?? false")
    found["the completion"] = complaints(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("pay")
    until(page, "document.querySelector('#jump-list [role=option]')?.textContent.includes('Pays')")
    found["the palette"] = complaints(page)
    assert not any(found.values()), "\n".join(
        f"{address}: {line}" for address, lines in found.items() for line in lines
    )
