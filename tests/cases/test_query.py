"""What a query finds among the cases of a project."""

import contextlib
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.cases.lifecycle import archive_case
from apps.cases.models import Case, CustomField
from apps.cases.query import QueryError, is_dear, narrowed, parse
from testoqa.testing import uses
from tests.cases.results import make_result, make_results
from tests.cases.test_query_parsing import PIECES, read
from tests.data import populate_cast
from tests.factories import make_case, make_suite

pytestmark = uses(populate_cast)


def found(project, query, user=None):
    cases = narrowed(project.cases.all(), query, project, user)
    return [case.number for case in cases.order_by("number")]


@pytest.fixture
def shop(project, manager, tester):
    for name, kind, options in [
        ("Browser", "choice", ["Firefox", "Chrome"]),
        ("Systems", "choices", ["Linux", "Mac"]),
        ("Points", "number", []),
        ("Due", "date", []),
        ("Done", "checkbox", []),
        ("Two words", "text", []),
        ("Checker", "person", []),
    ]:
        CustomField.objects.create(project=project, name=name, kind=kind, options=options)
    checkout = make_suite(project, "Checkout")
    coupons = make_suite(project, "Coupons", make_suite(project, "Deep", checkout))
    make_case(
        project, "Pays by card", suite=checkout, priority="P0", status="ready", owner=manager,
        tags=["smoke", "money"], severity="critical",
        steps=[{"action": "Open the basket", "expected": "It shows three articles"}],
        requirements=[{"name": "PAY-7 Cards", "url": "https://example.com/pay"}],
        custom={
            "Browser": "Firefox", "Points": 5, "Two words": "some text", "Checker": manager.email,
        },
    )  # fmt: skip
    make_case(
        project, "Redeems a coupon", suite=coupons, kind="automated", owner=tester,
        automation_key="shop.CouponTest::redeems", priority="P1", tags=["money"],
        custom={"Browser": "Chrome", "Points": 12, "Due": "2026-05-01", "Done": True},
    )  # fmt: skip
    make_case(project, "Signs in; see WEB-1", priority="P3", custom={"Systems": ["Linux", "Mac"]})
    archive_case(make_case(project, "Paid by cheque"), by=manager)
    return project


FOUND = [
    ("", [1, 2, 3]),
    ("pay", [1]),
    ("PAYS card", [1]),
    ("card pays", [1]),
    ("basket", [1]),
    ("arti", [1]),
    ("ays", []),
    ('"pays by"', [1]),
    ('"by pays"', []),
    ("couponte", []),
    ("shop.CouponTest::redeems", [2]),
    ("WEB-1", [1]),
    ("web-3", [3]),
    ("#2", [2]),
    ("2", [2]),
    ("OPS-1", []),
    ('"WEB-1"', [3]),
    ("pays or signs", [1, 3]),
    ("-pays", [2, 3]),
    ("-(pays or signs)", [2]),
    ("suite:checkout", [1, 2]),
    ("suite:Checkout/deep", [2]),
    ('suite:"Checkout / Deep / Coupons"', [2]),
    ("suite:coup", [2]),
    ('suite:"/Checkout"', [1, 2]),
    ('suite:"/checkout / deep"', [2]),
    ("suite:none", [3]),
    ("-suite:checkout", [3]),
    ("suite:coupons,none", [2, 3]),
    ("tag:smoke", [1]),
    ("tag:MONEY", [1, 2]),
    ("tag:none", [3]),
    ("-tag:money", [3]),
    ("tag:smoke,none", [1, 3]),
    ("tag:money -tag:smoke", [2]),
    ("status:ready", [1]),
    ('status:"Ready",draft', [1, 2, 3]),
    ("priority:P0,P3", [1, 3]),
    ("priority:<=p1", [1, 2]),
    ("priority:>P1", [3]),
    ("-priority:>P1", [1, 2]),
    ("severity:critical", [1]),
    ("kind:automated", [2]),
    ("is:automated", [2]),
    ("owner:manager@example.com", [1]),
    ("owner:tester", [2]),
    ("owner:me", [1]),
    ("owner:me,none", [1, 3]),
    ("owner:none", [3]),
    ("-owner:none", [1, 2]),
    ("requirement:pay-7", [1]),
    ("requirement:example.com", [1]),
    ("requirement:%", []),
    ("requirement:none", [2, 3]),
    ("automation:coupontest", [2]),
    ("automation:none", [1, 3]),
    ("field.browser:firefox", [1]),
    ("field.Checker:MANA", [1]),
    ("field.Checker:@example", [1]),
    ("field.Checker:anager@example.com", []),
    ("-field.Checker:mana", [2, 3]),
    ("field.Browser:firefox,chrome", [1, 2]),
    ("-field.Browser:firefox", [2, 3]),
    ("field.Browser:none", [3]),
    ("field.Systems:mac", [3]),
    ("field.Points:5", [1]),
    ("field.Points:>5", [2]),
    ("field.Points:>=5", [1, 2]),
    ("field.Due:<2026-06-01", [2]),
    ("field.Done:yes", [2]),
    ("field.Done:no", [1, 3]),
    ('field."Two words":"SOME t"', [1]),
    ("field.Checker:manager@example.com", [1]),
    ("-field.Points:5", [2, 3]),
    ("-field.Points:<=5", [2, 3]),
    ("-field.Due:2026-05-01", [1, 3]),
    ("-field.Due:>2026-05-01", [1, 2, 3]),
    ("-field.Done:yes", [1, 3]),
    ("-field.Systems:mac", [1, 2]),
    ('-field."Two words":some', [2, 3]),
    ("-field.Checker:manager@example.com", [2, 3]),
    ("-field.Checker:none", [1]),
    ("-(field.Points:5 or field.Due:2026-05-01)", [3]),
    ("is:archived", [4]),
    ("paid is:archived", [4]),
    ("is:archived or -is:archived", [1, 2, 3, 4]),
    ("status:ready or tag:money priority:P1", [1, 2]),
]


def test_a_query_finds_what_it_says(shop, manager):
    assert {query: found(shop, query, manager) for query, _ in FOUND} == dict(FOUND)


UNKNOWN = [
    ("suite:chekout", 7, "Checkout"),
    ("tag:mony", 5, "Did you mean money?"),
    ("-tag:none,mony", 11, "money"),
    ("owner:maneger@example.com", 7, "manager@example.com"),
    ("field.Browsr:x", 7, "Did you mean Browser?"),
    ("field.Browser:opera", 15, "Firefox"),
    ("field.Browser:>firefox", 1, "not compared"),
    ("field.Points:many", 14, "is a number"),
    ("field.Due:soon", 11, "2026-11-30"),
    ("field.Done:perhaps", 12, "yes or no"),
]


def test_a_name_that_the_project_does_not_have_is_an_error(shop, manager):
    for query, column, said in UNKNOWN:
        with pytest.raises(QueryError) as caught:
            found(shop, query, manager)
        assert caught.value.column == column, query
        assert said in str(caught.value)


def test_names_of_another_project_mean_nothing_here(shop, other_project, outsider, manager):
    make_suite(other_project, "Secret")
    make_case(other_project, tags=["secret"], owner=outsider)
    for query in ("suite:secret", "tag:secret", "owner:outsider"):
        with pytest.raises(QueryError) as caught:
            found(shop, query, manager)
        assert "Secret" not in str(caught.value)


def test_times_are_ages_and_days(project, manager):
    now = timezone.now()
    for days in (1, 10, 400):
        case = make_case(project)
        Case.objects.filter(pk=case.pk).update(updated_at=now - timedelta(days=days))
    ten_days_ago = (timezone.localtime(now) - timedelta(days=10)).date()
    for query, numbers in {
        "updated:<7d": [1],
        "updated:>7d": [2, 3],
        "updated:>1y": [3],
        "updated:<1000y": [1, 2, 3],
        "updated:<36h": [1],
        "updated:yesterday": [1],
        f"updated:{ten_days_ago}": [2],
        f"updated:<{ten_days_ago}": [3],
        f"updated:<={ten_days_ago}": [2, 3],
        f"updated:>{ten_days_ago}": [1],
        f"updated:>={ten_days_ago}": [1, 2],
        "created:today": [1, 2, 3],
        "-created:today": [],
    }.items():
        assert found(project, query, manager) == numbers, query


def test_results_are_those_of_the_last_run(project, manager):
    cases = [make_case(project, str(place)) for place in range(1, 7)]
    make_results(cases[0], ["passed", "failed"])
    make_results(cases[1], ["failed", "passed"])
    make_results(cases[2], ["error"])
    make_result(cases[3], "passed", flaky=True)
    make_results(cases[4], ["blocked", "skipped"])
    for query, numbers in {
        "last:failed": [1],
        "last:failed,error": [1, 3],
        "last:passed": [2],
        "last:flaky": [4],
        "last:skipped": [5],
        "last:blocked": [],
        "last:none": [6],
        "never-run": [6],
        "is:never-run": [6],
        "-never-run": [1, 2, 3, 4, 5],
        "-last:passed": [1, 3, 4, 5, 6],
        "-last:failed": [2, 3, 4, 5, 6],
        "is:flaky": [4],
        "-is:flaky": [1, 2, 3, 5, 6],
    }.items():
        assert found(project, query, manager) == numbers, query
    make_results(cases[3], ["passed"] * 9)
    assert found(project, "is:flaky") == [4]
    make_results(cases[3], ["passed"])
    assert found(project, "is:flaky") == []


def test_candidates_come_from_partial_indexes(project):
    make_results(make_case(project), ["passed", "failed"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    for query, index in {
        "last:failed": "project_id_verdict_case",
        "last:flaky": "project_id_case_id",
        "is:flaky": "project_id_case_id",
    }.items():
        plan = narrowed(project.cases.all(), query, project, None).order_by("number")[:51].explain()
        assert "hashed SubPlan" in plan
        assert index in plan, query


def test_what_takes_long_to_count_is_known():
    for query in ("last:failed", "a or -is:flaky", "never-run", "automation:x"):
        assert is_dear(parse(query))
    assert not is_dear(parse("a tag:b is:archived"))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(PIECES, max_size=10).map("".join))
def test_any_query_runs_or_is_an_error_with_a_place(shop, text):
    tree, error = read(text)
    if error is None:
        with contextlib.suppress(QueryError):
            list(narrowed(shop.cases.all(), tree, shop, None)[:1])
