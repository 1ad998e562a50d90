"""The list of cases: what its field asks for, in which order, page by page."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.cases import searching
from apps.cases.bulk.selecting import cases_of_address
from apps.cases.models import Case
from apps.cases.ordering import BY, Order
from apps.cases.searching import Search, query_of, told_count
from apps.projects.pages import KeysetPage
from apps.projects.refusals import Unprocessable
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite

pytestmark = uses(populate_cast)

LIST = reverse("cases:list", args=["WEB"])
HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def ask(client, manager):
    client.force_login(manager)

    def get(query="", **options):
        return client.get(LIST + (f"?{urlencode(query)}" if query else ""), **options)

    return get


def numbers(answer):
    return [row["case"].number for row in answer.context["rows"]]


def test_a_wrong_query_shows_its_place_and_no_list_and_keeps_what_was_typed(project, ask):
    make_case(project, "Pays")
    for typed, said, marked in [
        (
            "pays stats:ready",
            "Column 6: there is no field “stats”",
            "pays <mark>stats</mark>:ready",
        ),
        ("tag:<b>", "Column 5:", "tag:<mark>&lt;</mark>b&gt;"),
        ("tag:unheard", "Column 5: no case has the tag", "tag:<mark>unheard</mark>"),
        ("pays or", "Column 8:", "pays or<mark> </mark>"),
    ]:
        for options in ({}, HTMX):
            answer = ask({"q": typed}, **options)
            text = answer.content.decode()
            assert numbers(answer) == []
            assert said in text
            assert marked in text
            assert "Correct what is marked" in text
        assert f'value="{typed}"'.replace("<b>", "&lt;b&gt;") in ask({"q": typed}).content.decode()


def test_what_is_in_force_is_shown_as_chips_that_a_link_takes_away(project, ask):
    make_case(project, "Pays", tags=["smoke"], status="ready")
    answer = ask({"q": "pays tag:smoke (status:ready or kind:http)", "sort": "title", "after": "x"})
    chips = answer.context["chips"]
    assert [chip.text for chip in chips] == ["pays", "tag:smoke", "status:ready or kind:http"]
    assert chips[1].rest == "pays (status:ready or kind:http)"
    assert (
        'href="?q=pays+%28status%3Aready+or+kind%3Ahttp%29&amp;sort=title"'
        in answer.content.decode()
    )
    assert 'href="?sort=title"' in ask({"q": "pays", "sort": "title"}).content.decode()


def test_older_addresses_say_the_same_as_a_query():
    for params, query in [
        (
            {"status": "ready", "priority": "P1", "kind": "http"},
            "status:ready kind:http priority:P1",
        ),
        ({"tag": "two words"}, 'tag:"two words"'),
        ({"q": "a or b", "tag": "x"}, '(a or b) tag:"x"'),
        ({"archived": "on"}, "is:archived"),
        ({"status": "nonsense", "archived": "false"}, ""),
    ]:
        assert query_of(params) == query


def test_no_match_differs_from_an_empty_list(project, ask):
    assert "No cases yet" in ask().content.decode()
    make_case(project)
    assert "No case matches" in ask({"q": "zzz"}).content.decode()
    suite = make_suite(project)
    assert "No cases in this suite" in ask({"suite": suite.pk}).content.decode()


@pytest.mark.parametrize("name", sorted(BY))
def test_every_order_is_total_and_its_pages_hold_each_case_once(project, name):
    now = timezone.now()
    Case.objects.bulk_create(
        Case(
            project=project, number=number, title=["b", "A", "c" * 300, "é, 1.2"][number % 4],
            priority=f"P{number % 3}", updated_at=now - timedelta(days=number % 5),
        )
        for number in range(1, 24)
    )  # fmt: skip
    for order in (Order(name), Order(name, descending=True)):
        assert order.sorted(project.cases.all()).totally_ordered
        whole = [case.number for case in order.sorted(project.cases.all())]
        pages, page = [], order.page(project.cases.all(), {}, size=5)
        pages.append([case.number for case in page.rows])
        while page.next:
            page = order.page(project.cases.all(), {"after": page.next}, size=5)
            pages.append([case.number for case in page.rows])
        assert [number for page in pages for number in page] == whole
        for expected in reversed(pages[:-1]):
            page = order.page(project.cases.all(), {"before": page.previous}, size=5)
            assert [case.number for case in page.rows] == expected
        assert page.previous is None


def test_a_position_that_says_nothing_is_the_first_page(project):
    make_case(project)
    for name in BY:
        for position in ("x", "1.\0", "1.P9", "1.2026", "²", "9" * 30, "."):
            page = Order(name).page(project.cases.all(), {"after": position})
            assert len(page.rows) in (0, 1)
    updated = Order("updated")
    for moment in ("soon", "2026-01-01T00:00:00+23:59", "0001-01-01T00:00:00+01:00"):
        assert updated.page(project.cases.all(), {"after": f"9.{moment}"}).rows


def test_the_list_is_sorted_by_its_heads(project, ask):
    for title, priority in [("b", "P2"), ("C", "P0"), ("a", "P1")]:
        make_case(project, title, priority=priority)
    assert numbers(ask({"sort": "title"})) == [3, 1, 2]
    assert numbers(ask({"sort": "-priority"})) == [1, 3, 2]
    assert numbers(ask({"sort": "nonsense"})) == [1, 2, 3]
    text = ask({"sort": "title"}).content.decode()
    assert 'aria-sort="ascending"' in text
    assert 'href="?sort=-title"' in text
    assert '<input type="hidden" name="sort" value="title">' in text


def test_what_would_be_dear_to_count_is_not_counted(project, ask):
    Case.objects.bulk_create(
        Case(project=project, number=number, title=f"Case {number}") for number in range(1, 60)
    )
    assert "50 of 59 cases" in ask({"q": "case"}).content.decode()
    assert "50 of more cases" in ask({"q": "never-run"}).content.decode()


def test_the_field_offers_what_may_stand_next(project, manager, other_project, client):
    make_suite(project, "Checkout")
    make_case(project, tags=["smoke", "two words"])
    make_case(other_project, tags=["secret"])
    project.custom_fields.create(name="Web browser", kind="choice", options=["Firefox", "Safari"])
    client.force_login(manager)
    address = reverse("cases:suggest", args=["WEB"])

    def offered(text, place=None):
        query = urlencode({"q": text, "at": len(text) if place is None else place})
        return client.get(f"{address}?{query}").context["suggestions"]

    def texts(*args):
        return [one.text for one in offered(*args)]

    assert {"suite:", "tag:", "never-run "} <= {*texts("")}
    assert texts("login sta") == ["status:"]
    assert texts("login -(sta") == ["status:"]
    assert texts("status:re") == ["ready "]
    assert texts("status:ready,dr") == ["draft "]
    assert texts("priority:<=P1") == ["P1 "]
    assert texts("tag:s") == ["smoke ", '"two words" ']
    assert texts('tag:"two w') == ['"two words" ']
    assert texts("tag:secret") == []
    assert texts("suite:check") == ["Checkout "]
    assert "manager@example.com " in texts("owner:man")
    assert texts("owner:m")[0] == "me "
    assert texts("field.w") == ['field."Web browser":']
    assert texts('field."Web browser":f') == ["Firefox "]
    assert texts("updated:<") == ["<1d ", "<7d ", "<30d "]
    assert texts("shop.Test::x") == []
    assert texts("nonsense:x") == []
    first = offered("login tag:sm -x", 12)[0]
    assert (first.text, first.start, first.end) == ("smoke ", 10, 12)
    for odd in ("\0", '"', "\\", 'field."', "-" * 50, "a:" * 50):
        offered(odd)
    assert client.get(f"{address}?q=sta&at=x").status_code == 200


def test_all_that_match_are_those_that_the_address_shows(project, manager, ask):
    make_case(project, "Pays", tags=["smoke"], status="ready")
    make_case(project, "Signs in", tags=["smoke"])
    for query in ({"status": "ready", "tag": "smoke"}, {"q": "pays", "sort": "-title"}):
        shown = [case.number for case in cases_of_address(project, urlencode(query), manager)]
        assert shown == numbers(ask(query)) == [1]
    with pytest.raises(Unprocessable, match="Column 1"):
        cases_of_address(project, "q=stats:x", manager)


def test_few_that_a_word_finds_are_listed_as_many_are(project, ask, monkeypatch):
    for title in ("Pays late", "Signs in", "Pays by card", "Pays twice"):
        make_case(project, title)
    for few in (0, 2, 3, 200):
        monkeypatch.setattr(searching, "FEW", few)
        answer = ask({"q": "pays", "sort": "title"})
        assert numbers(answer) == [3, 1, 4]
        assert answer.context["count"] == "3 cases"
        assert numbers(ask({"q": "zzz"})) == []


def test_of_a_large_project_fewer_are_counted(project, manager, monkeypatch):
    for title in ("Pays late", "Pays by card", "Pays twice"):
        make_case(project, title)
    monkeypatch.setattr(searching, "MOST_OF_LARGE", 2)
    page = KeysetPage(rows=[1, 2], next="2", previous=None)
    for large, told in [(3, "3 cases"), (2, "2+ cases")]:
        monkeypatch.setattr(searching, "LARGE", large)
        project.refresh_from_db()
        found = Search(project, {"q": "pays"}, manager).found(project.cases.all())
        assert told_count(found, page) == {"count": told, "shown": f"2 of {told}"}


def test_a_part_of_the_list_asks_for_no_tree(project, ask):
    suite = make_suite(project, "Shop")
    make_case(project, "Pays", suite=suite)
    part = ask({"suite": str(suite.pk)}, **HTMX)
    assert numbers(part) == [1] and "tree" not in part.context
    assert "Remove in Shop" in part.text
