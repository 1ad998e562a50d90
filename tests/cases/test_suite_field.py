"""A suite is typed as its path: what is offered, what is understood, what is said otherwise."""

import pytest
from django.urls import reverse

from apps.cases import lifecycle
from apps.cases.models import Suite
from testoqa.testing import uses
from tests.cases.test_pages import page, typed
from tests.data import populate_cast
from tests.factories import make_case, make_suite

pytestmark = uses(populate_cast)

MANY = 5_000


@pytest.fixture
def shop(project):
    shop = make_suite(project, "Shop")
    return {
        "shop": shop,
        "cart": make_suite(project, "Cart", shop),
        "coupons": make_suite(project, "Coupons", shop),
    }


def offered(client, text, field="suite"):
    answer = client.get(page("suites"), {field: text}, HTTP_HX_REQUEST="true")
    return answer.context["offered"]


def fill(project):
    """5,000 suites below ten others."""
    tops = [make_suite(project, f"Area {number}") for number in range(10)]
    Suite.objects.bulk_create(
        Suite(
            project=project, parent=tops[number % 10], name=f"Suite number {number}",
            path=f"Area {number % 10} / Suite number {number}",
        )
        for number in range(MANY)
    )  # fmt: skip


def test_paths_that_hold_what_is_typed_are_offered(shop, tester, outsider, client):
    client.force_login(tester)
    assert offered(client, "") == ["Shop", "Shop / Cart", "Shop / Coupons"]
    assert offered(client, "COUP") == ["Shop / Coupons"]
    assert offered(client, "cart", field="parent") == ["Shop / Cart"]
    assert offered(client, "nothing") == []
    client.force_login(outsider)
    assert client.get(page("suites")).status_code == 404


@pytest.mark.parametrize(
    "said", ["Shop / Cart", "shop / cart", "Shop/Cart", " Shop  /  Cart ", "SHOP /CART"]
)
def test_a_path_is_understood_whatever_its_case_and_spaces(shop, project, manager, post, said):
    assert post(manager, page("create"), **typed(suite=said)).status_code == 302
    assert project.cases.get().suite == shop["cart"]


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("Shop / Coupon", "Did you mean “Shop / Coupons”?"),
        ("Store / Cart", "Did you mean “Shop / Cart”?"),
        ("Shop / Crat", "Did you mean “Shop / Cart”?"),
        ("copuons", "Did you mean “Shop / Coupons”?"),
        ("Payment gateway of the warehouse", "The list of cases shows the tree."),
        ("x" * 3000, "The list of cases shows the tree."),
    ],
)
def test_an_unknown_path_is_refused_with_those_near_it(shop, project, manager, post, said, advice):
    answer = post(manager, page("create"), **typed(suite=said))
    assert answer.status_code == 422
    (error,) = answer.context["form"].errors["suite"]
    assert error.startswith(f"No suite has the path “{said}”. {advice}")
    assert not project.cases.exists()


def test_suites_of_one_path_are_told_apart_by_where_the_case_lies(project, manager, post):
    first = make_suite(project, "Cart", make_suite(project, "Shop"))
    second = make_suite(project, "Shop / Cart")
    assert first.path == second.path
    case = make_case(project, "Pays", suite=second)
    post(manager, page("edit", case.number), **typed(case, title="Pays by card"))
    case.refresh_from_db()
    assert (case.title, case.suite) == ("Pays by card", second)
    post(manager, page("create"), **typed(suite="Shop / Cart"))
    assert project.cases.get(number=2).suite == first


def test_an_empty_path_takes_a_case_out_of_its_suite(shop, project, manager, post, client):
    case = make_case(project, "Pays", suite=shop["cart"])
    client.force_login(manager)
    form = client.get(page("edit", case.number)).context["form"]
    assert form["suite"].value() == "Shop / Cart"
    post(manager, page("edit", case.number), **typed(case, suite=""))
    assert project.cases.get().suite is None


def test_a_suite_is_moved_by_the_path_of_the_one_above(shop, project, manager, post, client):
    address = page("suite_edit", shop["cart"].pk)
    client.force_login(manager)
    assert client.get(address).context["form"]["parent"].value() == "Shop"
    assert post(manager, address, name="Cart", parent="shop/coupons").status_code == 302
    assert project.suites.get(name="Cart").path == "Shop / Coupons / Cart"
    assert post(manager, address, name="Cart", parent="Cart").status_code == 422
    assert post(manager, address, name="Cart", parent="").status_code == 302
    assert project.suites.get(name="Cart").path == "Cart"


def test_forms_stay_small_with_thousands_of_suites(project, manager, client):
    fill(project)
    case = make_case(project, suite=project.suites.get(name="Suite number 4321"))
    client.force_login(manager)
    forms = [
        page("edit", case.number),
        page("create"),
        page("suite_create"),
        page("suite_edit", case.suite_id),
        reverse("runs:create", args=["WEB"]),
    ]
    for address in forms:
        answer = client.get(address)
        assert len(answer.content) < 60_000
        assert answer.content.count(b'<option value="Area') == 30
    assert b'value="Area 1 / Suite number 4321"' in client.get(forms[0]).content
    assert len(client.get(page("suites"), {"suite": "number"}).content) < 3_000


def test_an_address_with_a_tag_finds_the_cases_that_have_it(project, manager, client):
    case = make_case(project, "Pays", tags=[f"tag {number:03}" for number in range(150)])
    make_case(project, "Adds", tags=["other"])
    client.force_login(manager)
    for tag, found in (("tag 149", [case]), ("tag", [])):
        rows = client.get(f"{page('list')}?tag={tag}").context["rows"]
        assert [row["case"] for row in rows] == found


def test_a_suite_that_went_meanwhile_is_said(shop, project, manager, post):
    lifecycle.delete_suite(shop["cart"], by=manager)
    answer = post(manager, page("create"), **typed(suite="Shop / Cart"))
    assert answer.status_code == 422
    assert "No suite has the path “Shop / Cart”" in answer.content.decode()


def test_what_the_database_cannot_hold_fits_no_suite(shop, project, manager, post, client):
    assert post(manager, page("create"), **typed(suite="Shop\0")).status_code == 422
    assert not project.cases.exists()
    assert offered(client, "Shop\0") == []
    assert "No suite has this" in client.get(f"{page('list')}?find=%00").content.decode()
