"""Versions, reviews, comments and mentions cost the same for one row and for twenty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cases import lifecycle
from apps.cases.models import Case, Comment, Mention, Review
from testoqa.testing import uses
from tests.cases.results import make_results
from tests.data import populate_cast
from tests.factories import make_case, make_member, make_user

pytestmark = uses(populate_cast)

MOST = 12
"""Queries of a page."""


@pytest.fixture
def cost(client):
    def count(person, address):
        client.force_login(person)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    return count


def fill(project, case, manager, count):
    """Versions and comments of one case, and as many cases in review, each by somebody new."""
    for number in range(count):
        person = make_member(project, "manager", make_user(f"p{count}.{number}@example.com"))
        lifecycle.change_case(case, by=person, title=f"Title {count} {number}", tags=[f"t{number}"])
        lifecycle.add_comment(case, f"Word {number}, @{manager.email}", by=person)
        lifecycle.send_to_review(make_case(project, f"Case {number}", by=person), by=person)


@pytest.mark.parametrize(
    "address",
    [
        "/projects/WEB/cases/1/",
        "/projects/WEB/cases/1/versions/",
        "/projects/WEB/cases/1/compare/",
        "/projects/WEB/cases/1/comments/",
        "/projects/WEB/cases/review/",
        "/projects/WEB/cases/people/?q=example",
        "/mentions/",
        "/api/v1/projects/WEB/cases/1/versions/",
        "/api/v1/projects/WEB/cases/1/comments/",
        "/api/v1/projects/WEB/cases/1/reviews/",
        "/api/v1/projects/WEB/reviews/?mine=true",
    ],
)
def test_twenty_rows_cost_what_one_costs(project, manager, cost, address):
    case = make_case(project, "Pays", steps=[{"action": "Open"}], aliases=["a"])
    make_results(case, ["passed"])
    fill(project, case, manager, 1)
    one = cost(manager, address)
    fill(project, case, manager, 19)
    assert cost(manager, address) == one
    assert one <= MOST


def test_a_case_in_review_costs_two_more(project, manager, owner, cost):
    case = make_case(project, "Pays", by=owner)
    make_results(case, ["passed"])
    lifecycle.send_to_review(case, by=owner)
    lifecycle.approve_case(case, by=manager)
    without = cost(manager, case.get_absolute_url())
    lifecycle.send_to_review(case, by=owner)
    assert cost(manager, case.get_absolute_url()) == without + 2


@pytest.mark.parametrize(
    "rows",
    [
        Review.objects.waiting().for_list(),
        Mention.objects.unread().for_list(),
        Comment.objects.for_page(),
    ],
    ids=["reviews", "mentions", "comments"],
)
def test_lists_have_a_total_order(rows):
    assert rows.totally_ordered


def test_the_page_of_a_case_asks_for_its_words_once(project, manager):
    make_case(project, tags=["b", "a"], aliases=["y", "x"])
    with CaptureQueriesContext(connection) as queries:
        case = Case.objects.for_page().get()
        assert (case.tags, case.former_keys) == (["a", "b"], ["x", "y"])
        assert not case.steps.all()
    assert len(queries) == 2
