import pytest
from django.db import transaction

from apps.cases import lifecycle
from apps.cases.content import content_of
from apps.cases.models import Case, Suite
from apps.projects.refusals import Refused, TransitionRefused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite
from tests.races import meet, overtake

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


@pytest.mark.races("apps.cases.lifecycle.create_case")
def test_two_new_cases_get_two_numbers_and_share_a_new_tag(project, owner):
    def make():
        return lifecycle.create_case(project, by=owner, title="Pays", tags=["money", "new"])

    assert sorted(case.number for case in overtake(make, make)) == [1, 2]
    assert project.tags.count() == 2
    assert [case.tags for case in project.cases.all()] == [["money", "new"]] * 2


@pytest.mark.races("apps.cases.lifecycle.create_case")
def test_one_id_makes_one_case(project, other_project, owner):
    key = make_case(project).pk
    project.cases.all().delete()
    outcomes = overtake(
        lambda: lifecycle.create_case(project, by=owner, title="Pays", id=key),
        lambda: lifecycle.create_case(other_project, by=owner, title="Theirs", id=key),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Case", "Refused"]
    assert Case.objects.get().title == "Pays"


@pytest.mark.races("apps.cases.lifecycle.change_case")
def test_the_second_of_two_savers_is_told_and_overwrites_nothing(project, owner):
    case = make_case(project, "Pays", steps=[{"action": "Open"}])
    outcomes = overtake(
        lambda: lifecycle.change_case(case, by=owner, version=1, title="First"),
        lambda: lifecycle.change_case(case, by=owner, version=1, title="Second"),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Case", "EditedMeanwhile"]
    assert outcomes[1].extra == {"version": 2, "changed": ["title"]}
    case = Case.objects.with_content().get()
    assert (case.title, case.version, case.versions.count()) == ("First", 2, 2)


@pytest.mark.races("apps.cases.lifecycle.change_case")
def test_changes_of_different_fields_are_both_kept_with_a_version_each(project, owner):
    case = make_case(project, "Pays", automation_key="old")
    overtake(
        lambda: lifecycle.change_case(case, by=owner, automation_key="new", tags=["money"]),
        lambda: lifecycle.change_case(case, by=owner, description="By card"),
    )
    case = Case.objects.with_content().get()
    assert (case.automation_key, case.description) == ("new", "By card")
    assert (case.tags, case.former_keys) == (["money"], ["old"])
    assert [row.number for row in case.versions.all()] == [3, 2, 1]
    assert case.versions.first().content == content_of(case)


@pytest.mark.races("apps.cases.lifecycle.change_case")
def test_a_version_names_the_suite_that_the_case_was_just_moved_to(project, owner):
    one, two = make_suite(project, "one"), make_suite(project, "two")
    case = make_case(project, suite=one)
    overtake(
        lambda: lifecycle.change_case(case, by=owner, suite=two),
        lambda: lifecycle.change_case(case, by=owner, description="By card"),
    )
    assert case.versions.get(number=3).content["suite"] == "two"


@pytest.mark.races("apps.cases.lifecycle.change_case", "apps.cases.lifecycle.delete_suite")
def test_a_case_does_not_move_into_a_suite_that_goes(project, owner):
    suite, case = make_suite(project), make_case(project)
    outcomes = overtake(
        lambda: lifecycle.delete_suite(suite, by=owner),
        lambda: lifecycle.change_case(case, by=owner, suite=suite),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["NoneType", "Refused"]
    assert Case.objects.get().suite is None


@pytest.mark.races("apps.cases.lifecycle.delete_suite", "apps.cases.lifecycle.create_case")
def test_a_suite_does_not_go_under_a_new_case(project, owner):
    suite = make_suite(project)
    outcomes = overtake(
        lambda: lifecycle.create_case(project, by=owner, title="Pays", suite=suite),
        lambda: lifecycle.delete_suite(suite, by=owner),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Case", "Refused"]
    assert Suite.objects.count() == 1


@pytest.mark.races("apps.cases.lifecycle.archive_case")
def test_a_case_is_archived_once_and_not_changed_after(project, owner):
    case = make_case(project, "Pays")
    outcomes = overtake(
        lambda: lifecycle.archive_case(case, by=owner),
        lambda: lifecycle.archive_case(case, by=owner),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Case", "TransitionRefused"]
    late = make_case(project, "Adds")
    outcomes = overtake(
        lambda: lifecycle.archive_case(late, by=owner),
        lambda: lifecycle.change_case(late, by=owner, title="No"),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Case", "TransitionRefused"]
    assert project.cases.filter(title="Adds", version=1).exists()


@pytest.mark.races("apps.cases.lifecycle.restore_case")
def test_a_case_is_restored_once(project, owner):
    case = lifecycle.archive_case(make_case(project), by=owner)
    outcomes = meet(
        lambda: lifecycle.restore_case(case, by=owner),
        lambda: lifecycle.restore_case(case, by=owner),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["Case", "TransitionRefused"]
    assert not Case.objects.get().is_archived


@pytest.mark.races("apps.cases.lifecycle.delete_case")
def test_a_deleted_case_is_not_changed_and_leaves_nothing(project, owner):
    case = make_case(project, "Pays", steps=[{"action": "Open"}], tags=["money"])
    outcomes = overtake(
        lambda: lifecycle.delete_case(case, by=owner),
        lambda: lifecycle.change_case(case, by=owner, title="No"),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["NoneType", "Refused"]
    assert not project.cases.exists()
    assert not project.casesteps.exists()
    assert not project.caseversions.exists()


@pytest.mark.races("apps.cases.lifecycle.create_suite")
def test_one_of_two_suites_of_a_name_is_refused(project, owner):
    outcomes = overtake(
        lambda: lifecycle.create_suite(project, by=owner, name="cart"),
        lambda: lifecycle.create_suite(project, by=owner, name="cart"),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Refused", "Suite"]
    assert project.suites.count() == 1


@pytest.mark.races("apps.cases.lifecycle.change_suite")
def test_two_suites_cannot_move_into_each_other(project, owner):
    one, two = make_suite(project, "one"), make_suite(project, "two")
    outcomes = overtake(
        lambda: lifecycle.change_suite(one, by=owner, parent=two),
        lambda: lifecycle.change_suite(two, by=owner, parent=one),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["Refused", "Suite"]
    assert sorted(project.suites.values_list("path", flat=True)) == ["two", "two / one"]


@pytest.mark.races("apps.cases.lifecycle.change_suite", "apps.cases.lifecycle.create_suite")
def test_a_suite_made_below_a_renamed_one_has_its_new_path(project, owner):
    shop = make_suite(project, "shop")
    overtake(
        lambda: lifecycle.change_suite(shop, by=owner, name="store"),
        lambda: lifecycle.create_suite(project, by=owner, name="cart", parent=shop),
    )
    assert project.suites.get(name="cart").path == "store / cart"


@pytest.mark.races("apps.cases.lifecycle.find_or_create_suites")
def test_parallel_imports_make_each_suite_once(project):
    def find(*names):
        @transaction.atomic
        def call():
            return lifecycle.find_or_create_suites(project, [("shop", name) for name in names])

        return call

    one, two = overtake(find("a", "b", "c"), find("c", "b", "d"))
    assert one[("shop", "b")] == two[("shop", "b")]
    assert project.suites.count() == 5
    meet(*(find(f"x{n % 7}", f"y{n}", "a") for n in range(8)))
    assert project.suites.count() == 5 + 7 + 8


@pytest.mark.races("apps.cases.lifecycle.find_or_create_suites")
def test_a_path_looked_for_while_it_is_renamed_is_made_anew(project, owner):
    shop = make_suite(project, "shop")
    outcomes = overtake(
        lambda: lifecycle.change_suite(shop, by=owner, name="store"),
        lambda: lifecycle.find_or_create_suites(project, [("shop", "cart")]),
    )
    assert sorted(project.suites.values_list("path", flat=True)) == ["shop", "shop / cart", "store"]
    assert outcomes[1] == {("shop", "cart"): project.suites.get(name="cart").pk}


@pytest.mark.races("apps.cases.lifecycle.change_suite")
def test_a_suite_does_not_move_below_one_that_goes(project, owner):
    shop, cart = make_suite(project, "shop"), make_suite(project, "cart")
    outcomes = overtake(
        lambda: lifecycle.delete_suite(shop, by=owner),
        lambda: lifecycle.change_suite(cart, by=owner, parent=shop),
        allow=[Refused],
    )
    assert kinds(outcomes) == ["NoneType", "Refused"]
    assert outcomes[1].field == "parent"
    assert project.suites.get().parent is None
