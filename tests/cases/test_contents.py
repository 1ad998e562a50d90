"""What many cases say by one statement is what each says by itself."""

import pytest

from apps.cases import lifecycle
from apps.cases.content import content_of
from apps.cases.contents import contents_of
from apps.cases.models import Case
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite

pytestmark = [uses(populate_cast), pytest.mark.django_db]


def test_a_bare_case_and_one_that_says_all_are_told_alike(project, manager, viewer):
    steps = [{"action": "Open", "expected": "It shows", "data": ""}]
    shared = lifecycle.create_shared_steps(project, by=manager, title="Sign in", steps=steps)
    project.custom_fields.create(name="Level", kind="number")
    bare = make_case(project, "Bare")
    full = make_case(
        project, "Full", suite=make_suite(project, "Cart"), owner=viewer, severity="major",
        estimate_seconds=60, links=[{"title": "Spec", "url": "https://example.com/"}],
        requirements=[{"name": "R-1", "url": ""}], custom={"Level": 2.5}, tags=["b", "a"],
        automation_key="shop.Cart::pays",
        steps=[{"action": "Pay", "expected": "", "data": "1"}, {"shared": str(shared.pk)}],
    )  # fmt: skip
    lifecycle.change_case(full, by=manager, automation_key="shop.Cart::buys")
    lifecycle.archive_case(bare, by=manager)
    told = contents_of([full.pk, bare.pk])
    assert [known.number for known in told.values()] == [bare.number, full.number]
    for case in Case.objects.with_content():
        known = told[case.pk]
        assert known.content == content_of(case)
        assert (known.version, known.suite, known.owner, known.is_archived) == (
            case.version, case.suite_id, case.owner_id, case.is_archived,
        )  # fmt: skip
    assert told[full.pk].content["aliases"] == ["shop.Cart::pays"]
