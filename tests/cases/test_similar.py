"""Cases with a title close to the one that is typed."""

import pytest
from django.urls import reverse

from apps.cases import lifecycle
from apps.cases.similar import SHOWN, similar_cases
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case

pytestmark = uses(populate_cast)


def titles(project, title, **options):
    return [case.title for case in similar_cases(project, title, **options)]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Pays by card in the shop", True),
        ("pays by CARD in the sho", True),
        ("Pays with card in the shop", True),
        ("Pays by card", False),
        ("Card", False),
        ("Refunds by card in the bank", False),
        ("", False),
        ("   ", False),
        ("'; & | ! :* \\ (", False),
        ("\0", False),
    ],
)
def test_a_title_is_close_that_has_nearly_the_same_words(project, typed, found):
    make_case(project, "Pays by card in the shop")
    assert titles(project, typed) == (["Pays by card in the shop"] if found else [])


def test_the_closest_come_first_and_at_most_five_of_the_cases_in_use(project, other_project, owner):
    for number in range(9):
        make_case(project, f"Pays by card number {number}")
    make_case(other_project, "Pays by card number 3")
    gone = make_case(project, "Pays by card number 33")
    lifecycle.archive_case(gone, by=owner)
    found = similar_cases(project, "Pays by card number 3")
    assert len(found) == SHOWN
    assert found[0].number == 4
    assert {case.project for case in found} == {project}
    assert gone not in found


def test_the_case_itself_is_left_out(project):
    case = make_case(project, "Pays by card")
    assert titles(project, "Pays by card", but=case.number) == []


def test_titles_with_quotes_and_odd_words_are_found(project):
    for title in ("It's \\ o'clock & 5:30", "https://a.example/b?c works", "1.5 of 2"):
        make_case(project, title)
        assert titles(project, title) == [title]


def test_the_page_links_them_for_who_may_edit(project, manager, tester, client):
    case = make_case(project, "Pays by card")
    address = reverse("cases:similar", args=["WEB"], query={"title": "Pays by card"})
    client.force_login(tester)
    assert client.get(address).status_code == 403
    client.force_login(manager)
    assert case.get_absolute_url() in client.get(address).content.decode()
    assert case.key not in client.get(f"{address}&but=1").content.decode()
    assert client.get(f"{address}&but=x").status_code == 200


def test_looking_costs_two_queries(project, django_assert_num_queries):
    for number in range(20):
        make_case(project, f"Pays by card number {number}")
    with django_assert_num_queries(2):
        assert len(similar_cases(project, "Pays by card number 1")) == SHOWN
