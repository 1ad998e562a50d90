import re

import pytest
from django.urls import reverse

from apps.cases import lifecycle
from apps.cases.models import Suite
from apps.cases.tree import LONGEST_SUITE_NAME, SEPARATOR, branch_of, shown_tree
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite

pytestmark = uses(populate_cast)


@pytest.fixture
def tree(project):
    """shop / cart / coupons, and shop / pay."""
    shop = make_suite(project, "shop")
    cart = make_suite(project, "cart", shop)
    return {
        "shop": shop,
        "cart": cart,
        "coupons": make_suite(project, "coupons", cart),
        "pay": make_suite(project, "pay", shop),
    }


def paths(project):
    return sorted(project.suites.values_list("path", flat=True))


def test_paths_of_the_branch_follow_a_rename(project, tree, manager):
    lifecycle.change_suite(tree["shop"], by=manager, name="store")
    assert paths(project) == ["store", "store / cart", "store / cart / coupons", "store / pay"]


def test_paths_of_the_branch_follow_a_move(project, tree, manager):
    lifecycle.change_suite(tree["cart"], by=manager, parent=None)
    assert paths(project) == ["cart", "cart / coupons", "shop", "shop / pay"]
    lifecycle.change_suite(tree["cart"], by=manager, parent=tree["pay"])
    assert "shop / pay / cart / coupons" in paths(project)


def test_a_suite_cannot_lie_within_itself(project, tree, manager):
    for below in ("cart", "coupons"):
        with pytest.raises(Refused, match="within itself"):
            lifecycle.change_suite(tree["cart"], by=manager, parent=tree[below])
    assert paths(project)[1] == "shop / cart"


def test_names_are_unique_beside_each_other(project, tree, manager):
    with pytest.raises(Refused, match="of this name"):
        lifecycle.create_suite(project, by=manager, name="cart", parent=tree["shop"])
    with pytest.raises(Refused, match="of this name"):
        lifecycle.change_suite(tree["pay"], by=manager, name="cart")
    with pytest.raises(Refused, match="of this name"):
        lifecycle.create_suite(project, by=manager, name="shop")
    assert lifecycle.create_suite(project, by=manager, name="cart").path == "cart"


def test_a_parent_of_another_project_is_gone(other_project, tree, manager):
    with pytest.raises(Refused, match="gone"):
        lifecycle.create_suite(other_project, by=manager, name="x", parent=tree["shop"])


def test_a_branch_is_deleted_only_while_it_holds_no_case(project, tree, manager):
    case = make_case(project, suite=tree["coupons"])
    lifecycle.archive_case(case, by=manager)
    with pytest.raises(Refused, match="holds 1 case"):
        lifecycle.delete_suite(tree["shop"], by=manager)
    lifecycle.restore_case(case, by=manager)
    lifecycle.change_case(case, by=manager, suite=None)
    lifecycle.delete_suite(tree["shop"], by=manager)
    assert not project.suites.exists()


def test_a_suite_that_was_run_is_kept(project, tree, manager):
    project.runs.create(
        number=1, name="Nightly", suite=tree["pay"], environment=project.environments.first()
    )
    with pytest.raises(Refused, match="has runs"):
        lifecycle.delete_suite(tree["shop"], by=manager)


def test_a_branch_is_the_suite_and_all_below_it(project, tree):
    found = project.suites.filter(pk__in=branch_of(tree["cart"])).values_list("name", flat=True)
    assert set(found) == {"cart", "coupons"}


def test_the_tree_shows_the_line_to_the_selected_suite_and_counts_branches(project, tree, manager):
    make_case(project, suite=tree["coupons"])
    make_case(project, suite=tree["pay"])
    make_case(project)
    lifecycle.archive_case(make_case(project, suite=tree["pay"]), by=manager)
    closed = shown_tree(project)
    assert [(node.name, node.count, node.children) for node in closed.nodes] == [("shop", 2, [])]
    assert (closed.total, closed.outside) == (3, 1)
    (shop,) = shown_tree(project, tree["cart"].pk).nodes
    assert [(node.name, node.count, node.is_open) for node in shop.children] == [
        ("cart", 1, True),
        ("pay", 1, False),
    ]
    assert [node.name for node in shop.children[0].children] == ["coupons"]


def test_a_level_of_many_suites_is_shown_in_parts(project):
    found = lifecycle.find_or_create_suites(project, [(f"s{n}",) for n in range(7)])
    first, second, third = (shown_tree(project, skip=skip, most=3) for skip in (0, 3, 6))
    names = [[node.name for node in tree.nodes] for tree in (first, second, third)]
    assert names == [["s0", "s1", "s2"], ["s3", "s4", "s5"], ["s6"]]
    assert [tree.is_cut for tree in (first, second, third)] == [True, True, False]
    assert shown_tree(project, skip=9, most=3).nodes == []
    for asked in ({"selected_id": found[("s5",)]}, {"focus": found[("s5",)]}):
        assert [node.name for node in shown_tree(project, **asked, most=3).nodes] == [
            "s0",
            "s1",
            "s2",
            "s5",
        ]


def test_a_level_below_an_open_suite_is_shown_in_parts(project):
    found = lifecycle.find_or_create_suites(project, [("top", f"s{n}") for n in range(4)])
    top = project.suites.get(name="top")
    (node,) = shown_tree(project, top.pk, most=3).nodes
    assert ([below.name for below in node.children], node.is_cut) == (["s0", "s1", "s2"], True)
    (node,) = shown_tree(project, found[("top", "s3")], most=3).nodes
    assert [below.name for below in node.children] == ["s0", "s1", "s2", "s3"]


def test_the_last_line_of_a_long_level_leads_to_the_rest(client, viewer, project):
    client.force_login(viewer)
    lifecycle.find_or_create_suites(project, [("top", f"s{n:03}") for n in range(200)])
    top = f"/projects/WEB/suites/{project.suites.get(name='top').pk}/level/"
    assert "data-more" not in client.get(top).text
    lifecycle.find_or_create_suites(project, [("top", "x"), *((f"u{n:03}",) for n in range(200))])
    assert f'href="{top}?from=200" data-more' in client.get(top).text
    assert links_in(client.get(f"{top}?from=200").text) == ["x"]
    page = client.get("/projects/WEB/cases/").text
    assert 'href="/projects/WEB/suites/level/?from=200" data-more' in page
    assert links_in(client.get("/projects/WEB/suites/level/?from=200").text) == ["u199"]
    for odd in ("", "-1", "x", "9" * 30, "\N{SUPERSCRIPT TWO}"):
        assert client.get("/projects/WEB/suites/level/", {"from": odd}).status_code == 200


def links_in(level):
    return re.findall(r'<span title="(.*?)">', level)


def test_the_tree_of_another_project_is_not_counted(project, other_project, tree):
    make_case(other_project, suite=make_suite(other_project, "shop"))
    assert [node.count for node in shown_tree(project, tree["shop"].pk).nodes] == [0]
    assert shown_tree(project, other_project.suites.get().pk).nodes[0].children == []


def test_suites_are_found_or_made_by_their_paths(project, tree):
    wanted = [("shop", "cart"), ("shop", "cart", "gifts", "cards"), ("new",), ("", "new", ""), ()]
    found = lifecycle.find_or_create_suites(project, wanted)
    assert found[("shop", "cart")] == tree["cart"].pk
    assert found[("new",)] == found[("", "new", "")]
    assert () not in found
    cards = Suite.objects.get(pk=found[("shop", "cart", "gifts", "cards")])
    assert (cards.path, cards.parent.parent.pk) == ("shop / cart / gifts / cards", tree["cart"].pk)
    assert lifecycle.find_or_create_suites(project, wanted) == found


def test_names_with_the_separator_are_not_taken_for_paths(project):
    found = lifecycle.find_or_create_suites(project, [("a / b",), ("a", "b")])
    assert len(set(found.values())) == 2
    assert sorted(project.suites.values_list("path", flat=True)) == ["a", "a / b", "a / b"]


def test_a_name_too_long_keeps_its_beginning_and_stays_distinct(project):
    names = ["x" * LONGEST_SUITE_NAME + end for end in ("1", "2")]
    found = lifecycle.find_or_create_suites(project, [(name,) for name in names])
    assert len(set(found.values())) == 2
    assert lifecycle.find_or_create_suites(project, [(names[0],)]) == {
        (names[0],): found[(names[0],)]
    }


def test_deep_paths_are_made_whole(project):
    path = tuple(f"level {n}" for n in range(60))
    leaf = project.suites.get(pk=lifecycle.find_or_create_suites(project, [path])[path])
    assert leaf.path == SEPARATOR.join(path)


def test_finding_and_making_suites_costs_the_same_for_few_and_many(
    project, django_assert_num_queries
):
    few, many = [("a",)], [(f"t{n}", "x", f"u{n}") for n in range(300)]
    # A savepoint around each call, as within a test's transaction.
    for paths_ in (few, many):
        with django_assert_num_queries(2 + 4):
            lifecycle.find_or_create_suites(project, paths_)
        with django_assert_num_queries(2 + 1):
            lifecycle.find_or_create_suites(project, paths_)


def test_suites_are_made_changed_and_deleted_on_pages(
    project, manager, tester, outsider, tree, post
):
    new = reverse("cases:suite_create", args=["WEB"])
    assert post(outsider, new, name="gifts").status_code == 404
    assert post(tester, new, name="gifts").status_code == 403
    assert post(manager, new, name="gifts", parent=tree["shop"].path).status_code == 302
    gifts = project.suites.get(name="gifts")
    assert gifts.path == "shop / gifts"

    edit = reverse("cases:suite_edit", args=["WEB", gifts.pk])
    assert post(tester, edit, name="x").status_code == 403
    assert post(outsider, edit, name="x").status_code == 404
    again = post(manager, edit, name="cart", parent=tree["shop"].path)
    assert again.status_code == 422
    assert "of this name" in again.content.decode()
    assert post(manager, edit, name="presents").status_code == 302
    gifts.refresh_from_db()
    assert gifts.path == "presents"
    loop = post(manager, reverse("cases:suite_edit", args=["WEB", tree["shop"].pk]),
                name="shop", parent=tree["coupons"].path)  # fmt: skip
    assert (loop.status_code, "within itself" in loop.content.decode()) == (422, True)

    delete = reverse("cases:suite_delete", args=["WEB", gifts.pk])
    assert post(tester, delete).status_code == 403
    assert post(outsider, delete).status_code == 404
    assert post(manager, delete).status_code == 302
    assert not project.suites.filter(pk=gifts.pk).exists()


def test_new_suites_stand_by_their_names_until_an_order_is_made(project, manager):
    lifecycle.find_or_create_suites(project, [("b",), ("a",)])
    assert make_suite(project, "c").position == 0
    assert set(project.suites.values_list("position", flat=True)) == {0}
    lifecycle.step_suite(project.suites.get(name="c"), by=manager, direction="up")
    lifecycle.find_or_create_suites(project, [("late",)])
    make_suite(project, "later")
    assert top(project) == ["a", "c", "b", "late", "later"]


def top(project):
    return [node.name for node in shown_tree(project).nodes]
