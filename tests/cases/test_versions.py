from django.urls import reverse

from apps.cases import lifecycle
from apps.cases.content import content_of, differences
from apps.cases.models import Case
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_shared_steps, make_suite

pytestmark = uses(populate_cast)

STEPS = [
    {"action": "Open the cart", "expected": "It is empty", "data": ""},
    {"action": "Pay", "expected": "", "data": "card=4242"},
]


def latest(case):
    return Case.objects.with_content().get(pk=case.pk)


def test_a_new_case_has_a_first_version_of_its_whole_content(project):
    suite = make_suite(project, "checkout")
    case = make_case(
        project, "Pays", suite=suite, steps=STEPS, tags=["money", "smoke"], automation_key="a::b",
        aliases=["old::b"],
    )  # fmt: skip
    version = case.versions.get()
    assert version.number == case.version == 1
    assert version.content == {
        "title": "Pays", "kind": "manual", "status": "draft", "priority": "P2",
        "suite": "checkout", "preconditions": "", "description": "", "automation_key": "a::b",
        "aliases": ["old::b"], "tags": ["money", "smoke"], "steps": STEPS,
    }  # fmt: skip
    assert version.content == content_of(latest(case))


def test_numbers_count_within_the_project(project):
    assert [make_case(project).number, make_case(project).number] == [1, 2]
    assert make_case(project).key == "WEB-3"


def test_each_saved_change_is_a_version(project, manager):
    case = make_case(project, "Pays", steps=STEPS)
    lifecycle.change_case(case, by=manager, title="Pays by card")
    lifecycle.change_case(case, by=manager, steps=[*STEPS, {"action": "Look"}], tags=["money"])
    first, second, third = case.versions.order_by("number")
    assert [change.label for change in differences(first.content, second.content)] == ["Title"]
    assert [str(change) for change in differences(second.content, third.content)] == [
        "Tags: “” became “money”",
        "Step 3: “” became “Look”",
    ]
    assert third.created_by == manager
    assert latest(case).version == 3


def test_a_save_without_a_change_makes_no_version(project, manager):
    case = make_case(project, "Pays", steps=STEPS, tags=["money"])
    case = lifecycle.change_case(case, by=manager, title="Pays", steps=STEPS, tags=["money"])
    assert (case.version, case.versions.count()) == (1, 1)


def test_steps_keep_their_rows_by_place(project, manager):
    case = make_case(project, "Pays", steps=STEPS)
    before = list(case.steps.values_list("pk", flat=True))
    lifecycle.change_case(case, by=manager, steps=[STEPS[0], {**STEPS[1], "data": "card=5555"}])
    assert list(case.steps.values_list("pk", flat=True)) == before
    lifecycle.change_case(case, by=manager, steps=[STEPS[1]])
    assert list(case.steps.values_list("position", "action")) == [(1, "Pay")]


def test_a_former_automation_key_stays_as_an_alias(project, manager):
    case = make_case(project, automation_key="shop.Cart::adds")
    lifecycle.change_case(case, by=manager, automation_key="shop.Basket::adds")
    assert latest(case).former_keys == ["shop.Cart::adds"]
    lifecycle.change_case(case, by=manager, automation_key="shop.Cart::adds")
    assert latest(case).former_keys == ["shop.Basket::adds"]


def test_a_key_that_is_cleared_stays_as_an_alias(project, manager):
    case = make_case(project, automation_key="shop.Cart::adds")
    lifecycle.change_case(case, by=manager, automation_key="")
    assert latest(case).former_keys == ["shop.Cart::adds"]


def test_a_key_longer_than_an_index_row_is_kept_whole(project, manager):
    key = "shop::" + "é" * 9000
    case = make_case(project, automation_key=key)
    lifecycle.change_case(case, by=manager, automation_key="short")
    assert latest(case).former_keys == [key]


def test_two_cases_may_share_a_key(project):
    make_case(project, automation_key="shop.Cart::adds")
    make_case(project, automation_key="shop.Cart::adds")
    assert project.cases.filter(automation_key="shop.Cart::adds").count() == 2


def test_tags_are_shared_within_the_project(project):
    make_case(project, tags=["money ", "smoke", "money"])
    case = make_case(project, tags=["money"])
    assert case.project.tags.count() == 2
    assert latest(case).tags == ["money"]


def test_the_page_tells_what_each_version_changed(project, manager, client):
    case = make_case(project, "Pays", steps=STEPS)
    lifecycle.change_case(case, by=manager, title="Pays by card")
    client.force_login(manager)
    page = client.get(case.get_absolute_url())
    assert [row.summary for row in page.context["versions"]] == ["Title", "Made"]
    page = client.get(reverse("cases:version", args=["WEB", case.number, 2]))
    assert [change.label for change in page.context["changes"]] == ["Title"]
    assert client.get(reverse("cases:version", args=["WEB", case.number, 3])).status_code == 404


def test_steps_that_would_be_too_many_stay_as_they_are(project, owner):
    shared = make_shared_steps(project, "Sign in", steps=[f"step {n}" for n in range(150)])
    own = [{"action": f"own {n}"} for n in range(100)]
    case = make_case(project, "before", steps=[{"shared": str(shared.pk)}, *own])
    case = lifecycle.change_case(case, by=owner, title="after", steps=own[:1])
    lifecycle.delete_shared_steps(shared, by=owner)
    restored = lifecycle.restore_version(case, 1, by=owner)
    assert (restored.case.title, restored.case.steps.count()) == ("before", 1)
    assert "it would have 250 steps" in restored.left_out[0]
