"""The field of a suite under the hands of a writer, with scripts and without."""

import pytest
from django.urls import reverse

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_suite

pytestmark = uses(populate_cast)


@pytest.fixture
def project(live_site, project):
    for number in range(1, 60):
        make_suite(project, f"Area {number:02}")
    make_suite(project, "Coupons", make_suite(project, "Checkout"))
    return project


def offered(page):
    return page.locator("#suites option").evaluate_all("all => all.map(one => one.value)")


def test_what_fits_is_offered_while_a_path_is_typed(project, manager, sign_in):
    page = sign_in(manager)
    page.goto(reverse("cases:create", args=["WEB"]))
    assert len(offered(page)) == 30
    page.get_by_label("Title", exact=True).fill("Pays with a coupon")
    with page.expect_response(lambda answer: "/suites/?" in answer.url) as answer:
        page.locator("#id_suite").press_sequentially("coup")
    assert answer.value.url.endswith("/projects/WEB/suites/?suite=coup")
    page.wait_for_function("document.querySelectorAll('#suites option').length === 1")
    assert offered(page) == ["Checkout / Coupons"]
    page.locator("#id_suite").fill(offered(page)[0])
    page.keyboard.press("Enter")
    page.get_by_text("WEB-1 is made.").wait_for()
    assert project.cases.get().suite.path == "Checkout / Coupons"


def test_a_mistyped_path_is_said_at_the_field_and_what_was_typed_stays(project, manager, sign_in):
    page = sign_in(manager)
    page.goto(reverse("cases:create", args=["WEB"]))
    page.get_by_label("Title", exact=True).fill("Pays with a coupon")
    page.locator("#id_suite").fill("Checkout / Cuopons")
    page.keyboard.press("Enter")
    page.get_by_text("Did you mean “Checkout / Coupons”?").wait_for()
    assert page.locator("#id_suite").input_value() == "Checkout / Cuopons"
    assert page.get_by_label("Title", exact=True).input_value() == "Pays with a coupon"
    assert page.locator("#id_suite").get_attribute("aria-invalid") == "true"
    assert all("422" in complaint for complaint in sign_in.complaints)
    sign_in.complaints.clear()
