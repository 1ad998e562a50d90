import pytest
from django.db import transaction

from apps.cases import lifecycle
from apps.cases.content import content_of
from apps.cases.models import Case, Suite
from apps.projects.refusals import Refused, TransitionRefused
from tests.factories import make_case, make_project, make_suite, owner_of
from tests.races import meet, overtake

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(transactional_db):
    return make_project("WEB")


@pytest.fixture
def person(web):
    return owner_of(web)


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


@pytest.mark.races("apps.cases.lifecycle.create_case")
def test_two_new_cases_get_two_numbers_and_share_a_new_tag(web, person):
    def make():
        return lifecycle.create_case(web, by=person, title="Pays", tags=["money", "new"])

    assert sorted(case.number for case in overtake(make, make)) == [1, 2]
    assert web.tags.count() == 2
    assert [case.tags for case in web.cases.all()] == [["money", "new"]] * 2


@pytest.mark.races("apps.cases.lifecycle.create_case")
def test_one_id_makes_one_case(web, person):
    key = make_case(web).pk
    web.cases.all().delete()
    ops = make_project("OPS")
    outcomes = overtake(
        lambda: lifecycle.create_case(web, by=person, title="Pays", id=key),
        lambda: lifecycle.create_case(ops, by=person, title="Theirs", id=key),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Case", "Refused"]
    assert Case.objects.get().title == "Pays"


@pytest.mark.races("apps.cases.lifecycle.change_case")
def test_the_second_of_two_savers_is_told_and_overwrites_nothing(web, person):
    case = make_case(web, "Pays", steps=[{"action": "Open"}])
    outcomes = overtake(
        lambda: lifecycle.change_case(case, by=person, version=1, title="First"),
        lambda: lifecycle.change_case(case, by=person, version=1, title="Second"),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Case", "EditedMeanwhile"]
    assert outcomes[1].extra == {"version": 2, "changed": ["title"]}
    case = Case.objects.with_content().get()
    assert (case.title, case.version, case.versions.count()) == ("First", 2, 2)


@pytest.mark.races("apps.cases.lifecycle.change_case")
def test_changes_of_different_fields_are_both_kept_with_a_version_each(web, person):
    case = make_case(web, "Pays", automation_key="old")
    overtake(
        lambda: lifecycle.change_case(case, by=person, automation_key="new", tags=["money"]),
        lambda: lifecycle.change_case(case, by=person, description="By card"),
    )
    case = Case.objects.with_content().get()
    assert (case.automation_key, case.description) == ("new", "By card")
    assert (case.tags, case.former_keys) == (["money"], ["old"])
    assert [row.number for row in case.versions.all()] == [3, 2, 1]
    assert case.versions.first().content == content_of(case)


@pytest.mark.races("apps.cases.lifecycle.change_case")
def test_a_version_names_the_suite_that_the_case_was_just_moved_to(web, person):
    one, two = make_suite(web, "one"), make_suite(web, "two")
    case = make_case(web, suite=one)
    overtake(
        lambda: lifecycle.change_case(case, by=person, suite=two),
        lambda: lifecycle.change_case(case, by=person, description="By card"),
    )
    assert case.versions.get(number=3).content["suite"] == "two"


@pytest.mark.races("apps.cases.lifecycle.change_case", "apps.cases.lifecycle.delete_suite")
def test_a_case_does_not_move_into_a_suite_that_goes(web, person):
    suite, case = make_suite(web), make_case(web)
    outcomes = overtake(
        lambda: lifecycle.delete_suite(suite, by=person),
        lambda: lifecycle.change_case(case, by=person, suite=suite),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["NoneType", "Refused"]
    assert Case.objects.get().suite is None


@pytest.mark.races("apps.cases.lifecycle.delete_suite", "apps.cases.lifecycle.create_case")
def test_a_suite_does_not_go_under_a_new_case(web, person):
    suite = make_suite(web)
    outcomes = overtake(
        lambda: lifecycle.create_case(web, by=person, title="Pays", suite=suite),
        lambda: lifecycle.delete_suite(suite, by=person),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Case", "Refused"]
    assert Suite.objects.count() == 1


@pytest.mark.races("apps.cases.lifecycle.archive_case")
def test_a_case_is_archived_once_and_not_changed_after(web, person):
    case = make_case(web, "Pays")
    outcomes = overtake(
        lambda: lifecycle.archive_case(case, by=person),
        lambda: lifecycle.archive_case(case, by=person),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Case", "TransitionRefused"]
    late = make_case(web, "Adds")
    outcomes = overtake(
        lambda: lifecycle.archive_case(late, by=person),
        lambda: lifecycle.change_case(late, by=person, title="No"),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Case", "TransitionRefused"]
    assert web.cases.filter(title="Adds", version=1).exists()


@pytest.mark.races("apps.cases.lifecycle.restore_case")
def test_a_case_is_restored_once(web, person):
    case = lifecycle.archive_case(make_case(web), by=person)
    outcomes = meet(
        lambda: lifecycle.restore_case(case, by=person),
        lambda: lifecycle.restore_case(case, by=person),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Case", "TransitionRefused"]
    assert not Case.objects.get().is_archived


@pytest.mark.races("apps.cases.lifecycle.delete_case")
def test_a_deleted_case_is_not_changed_and_leaves_nothing(web, person):
    case = make_case(web, "Pays", steps=[{"action": "Open"}], tags=["money"])
    outcomes = overtake(
        lambda: lifecycle.delete_case(case, by=person),
        lambda: lifecycle.change_case(case, by=person, title="No"),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["NoneType", "Refused"]
    assert not web.cases.exists()
    assert not web.casesteps.exists()
    assert not web.caseversions.exists()


@pytest.mark.races("apps.cases.lifecycle.create_suite")
def test_one_of_two_suites_of_a_name_is_refused(web, person):
    outcomes = overtake(
        lambda: lifecycle.create_suite(web, by=person, name="cart"),
        lambda: lifecycle.create_suite(web, by=person, name="cart"),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Refused", "Suite"]
    assert web.suites.count() == 1


@pytest.mark.races("apps.cases.lifecycle.change_suite")
def test_two_suites_cannot_move_into_each_other(web, person):
    one, two = make_suite(web, "one"), make_suite(web, "two")
    outcomes = overtake(
        lambda: lifecycle.change_suite(one, by=person, parent=two),
        lambda: lifecycle.change_suite(two, by=person, parent=one),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Refused", "Suite"]
    assert sorted(web.suites.values_list("path", flat=True)) == ["two", "two / one"]


@pytest.mark.races("apps.cases.lifecycle.change_suite", "apps.cases.lifecycle.create_suite")
def test_a_suite_made_below_a_renamed_one_has_its_new_path(web, person):
    shop = make_suite(web, "shop")
    overtake(
        lambda: lifecycle.change_suite(shop, by=person, name="store"),
        lambda: lifecycle.create_suite(web, by=person, name="cart", parent=shop),
    )
    assert web.suites.get(name="cart").path == "store / cart"


@pytest.mark.races("apps.cases.lifecycle.find_or_create_suites")
def test_parallel_imports_make_each_suite_once(web):
    def find(*names):
        @transaction.atomic
        def call():
            return lifecycle.find_or_create_suites(web, [("shop", name) for name in names])

        return call

    one, two = overtake(find("a", "b", "c"), find("c", "b", "d"))
    assert one[("shop", "b")] == two[("shop", "b")]
    assert web.suites.count() == 5
    meet(*(find(f"x{n % 7}", f"y{n}", "a") for n in range(8)))
    assert web.suites.count() == 5 + 7 + 8


@pytest.mark.races("apps.cases.lifecycle.find_or_create_suites")
def test_a_path_looked_for_while_it_is_renamed_is_made_anew(web, person):
    shop = make_suite(web, "shop")
    outcomes = overtake(
        lambda: lifecycle.change_suite(shop, by=person, name="store"),
        lambda: lifecycle.find_or_create_suites(web, [("shop", "cart")]),
    )
    assert sorted(web.suites.values_list("path", flat=True)) == ["shop", "shop / cart", "store"]
    assert outcomes[1] == {("shop", "cart"): web.suites.get(name="cart").pk}


@pytest.mark.races("apps.cases.lifecycle.change_suite")
def test_a_suite_does_not_move_below_one_that_goes(web, person):
    shop, cart = make_suite(web, "shop"), make_suite(web, "cart")
    outcomes = overtake(
        lambda: lifecycle.delete_suite(shop, by=person),
        lambda: lifecycle.change_suite(cart, by=person, parent=shop),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["NoneType", "Refused"]
    assert outcomes[1].field == "parent"
    assert web.suites.get().parent is None
