"""A project's own fields: their definitions, and the values that cases hold."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cases import lifecycle
from apps.cases.custom_fields import ValuesRefused, clean_custom, held_values, shown_values
from apps.cases.models import Case
from apps.projects.models import Activity
from apps.projects.refusals import Refused, Unprocessable
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case

pytestmark = uses(populate_cast)

KINDS = ["text", "number", "choice", "choices", "date", "person", "url", "checkbox"]


@pytest.fixture
def define(project, owner):
    def make(name, kind="text", **fields):
        if kind in ("choice", "choices"):
            fields.setdefault("options", ["Firefox", "Chrome", "Safari, old"])
        return lifecycle.create_custom_field(project, by=owner, name=name, kind=kind, **fields)

    return make


def custom(project, number=1):
    return project.cases.get(number=number).custom


# Values


@pytest.mark.parametrize(
    ("kind", "said", "kept"),
    [
        ("text", " two\r\nlines ", "two\nlines"),
        ("number", "3", 3),
        ("number", "-2,5", -2.5),
        ("number", 7.0, 7),
        ("choice", "firefox", "Firefox"),
        ("choices", ["Chrome", "firefox", "Chrome"], ["Firefox", "Chrome"]),
        ("choices", "Chrome, Firefox", ["Firefox", "Chrome"]),
        ("choices", "Safari, old", ["Safari, old"]),
        ("choices", 'Chrome, "safari,  old"', ["Chrome", "Safari, old"]),
        ("date", "2026-11-30", "2026-11-30"),
        ("date", "2026-11-30T10:00:00", "2026-11-30"),
        ("person", "Viewer@Example.com", "viewer@example.com"),
        ("url", "https://a.example/b", "https://a.example/b"),
        ("checkbox", "yes", True),
        ("checkbox", True, True),
    ],
)
def test_a_value_is_kept_as_its_kind_says(project, define, kind, said, kept):
    define("Field", kind)
    assert clean_custom(project, {"Field": said}) == {"Field": kept}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("text", 5), ("text", "a\0b"), ("text", "x" * 20_001), ("number", "three"),
        ("number", True), ("number", "1e999"), ("number", float("inf")), ("number", float("nan")),
        ("number", 10**16), ("number", -(10**400)),
        ("choice", "Opera"), ("choice", ["Firefox"]), ("choices", ["Opera"]), ("choices", {"a": 1}),
        ("date", "30.11.2026"), ("date", "2026-13-01"), ("date", 20261130),
        ("person", "nobody@example.com"), ("person", "outsider@example.com"), ("person", 4),
        ("url", "javascript:alert(1)"), ("url", "a.example"), ("checkbox", "maybe"),
        ("checkbox", 2),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused_at_its_field(project, define, kind, said):
    define("Field", kind)
    with pytest.raises(ValuesRefused) as refused:
        clean_custom(project, {"Field": said})
    assert list(refused.value.errors) == ["Field"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nothing", [None, "", "  ", []])
def test_nothing_is_not_kept(project, define, kind, nothing):
    define("Field", kind)
    assert clean_custom(project, {"Field": nothing}) == {}


def test_a_check_box_that_is_not_ticked_is_not_kept_whatever_its_default(project, define):
    define("Smoke", "checkbox", default=True)
    assert clean_custom(project, {"Smoke": False}) == {}
    assert clean_custom(project, {}) == {"Smoke": True}


def test_unknown_names_are_refused_by_name(project, define):
    define("Browser")
    with pytest.raises(ValuesRefused, match=r"Browsr.*it has Browser"):
        clean_custom(project, {"Browsr": "x", "Browser": "y"})
    with pytest.raises(ValuesRefused, match="Send an object"):
        clean_custom(project, ["Browser"])


def test_a_new_case_begins_with_the_defaults(project, define, owner):
    define("Browser", "choice", default="chrome")
    define("Team", default="Web")
    case = lifecycle.create_case(project, by=owner, title="Pays", custom={"Team": "Shop"})
    assert case.custom == {"Browser": "Chrome", "Team": "Shop"}


def test_a_default_that_fits_no_more_is_left_out(project, define, owner, viewer):
    define("Tester", "person", default="viewer@example.com")
    project.memberships.get(user=viewer).delete()
    assert clean_custom(project, {}) == {}


def test_a_required_field_is_asked_for_when_a_case_is_made_or_its_values_change(
    project, define, owner
):
    case = make_case(project)
    define("Browser", "choice", required=True)
    with pytest.raises(ValuesRefused, match="Browser: This field is required"):
        make_case(project)
    with pytest.raises(ValuesRefused, match="required"):
        lifecycle.change_case(case, by=owner, custom={})
    assert lifecycle.change_case(case, by=owner, title="Pays").custom == {}
    assert lifecycle.change_case(case, by=owner, custom={"Browser": "Chrome"}).version == 3


def test_a_person_who_left_stays_named_and_cannot_be_named_anew(project, define, owner, viewer):
    define("Tester", "person")
    case = make_case(project, custom={"Tester": "viewer@example.com"})
    project.memberships.get(user=viewer).delete()
    define("Team")
    said = {"Tester": "viewer@example.com", "Team": "Web"}
    assert lifecycle.change_case(case, by=owner, custom=said).custom == said
    with pytest.raises(ValuesRefused, match="No member"):
        make_case(project, custom={"Tester": "viewer@example.com"})


def test_the_definitions_cost_one_query_however_many(project, define):
    for number in range(12):
        define(f"Field {number}", "choice")
    with CaptureQueriesContext(connection) as queries:
        clean_custom(project, {f"Field {number}": "Chrome" for number in range(12)})
    assert len(queries) == 1
    define("A", "person")
    define("B", "person")
    with CaptureQueriesContext(connection) as queries:
        clean_custom(project, {"A": "viewer@example.com", "B": "owner@example.com"})
    assert len(queries) == 2


def test_values_are_told_in_the_order_of_the_fields(project, define):
    define("Site", "url")
    define("Alone", "checkbox")
    values = {"Alone": True, "Site": "https://a.example/", "Gone": ["a", "b"]}
    assert shown_values(project, values) == [
        {"name": "Site", "text": "https://a.example/", "url": "https://a.example/"},
        {"name": "Alone", "text": "yes", "url": ""},
        {"name": "Gone", "text": "a, b", "url": ""},
    ]


# Definitions


def test_a_renamed_field_keeps_its_values_under_the_new_name(project, other_project, define, owner):
    field = define("Browser", "choice")
    make_case(project, custom={"Browser": "Chrome"})
    make_case(project)
    lifecycle.create_custom_field(other_project, by=owner, name="Browser", kind="text")
    make_case(other_project, custom={"Browser": "Opera"})
    with CaptureQueriesContext(connection) as queries:
        lifecycle.change_custom_field(field, by=owner, name="Program")
    assert sum("UPDATE cases_case" in query["sql"] for query in queries) == 1
    assert custom(project) == {"Program": "Chrome"}
    assert custom(project, 2) == {}
    assert Case.objects.get(project=other_project).custom == {"Browser": "Opera"}
    row = Activity.objects.filter(verb="field.change").latest("pk")
    assert (row.before, row.after) == ({"name": "Browser"}, {"name": "Program"})


@pytest.mark.parametrize("kind", ["choice", "choices"])
def test_an_option_that_cases_hold_cannot_go(project, define, owner, kind):
    field = define("1", kind)
    for _ in range(2):
        make_case(project, custom={"1": "Chrome"})
    with pytest.raises(Refused, match="2 cases hold Chrome or Safari, old; give"):
        lifecycle.change_custom_field(field, by=owner, options=["Firefox"])
    changed = lifecycle.change_custom_field(field, by=owner, options=["Opera", "Chrome"])
    assert changed.options == ["Opera", "Chrome"]


def test_another_kind_takes_that_no_case_holds_a_value(project, define, owner):
    field = define("Browser")
    case = make_case(project, custom={"Browser": "Chrome"})
    with pytest.raises(Refused, match="1 case holds a value of Browser"):
        lifecycle.change_custom_field(field, by=owner, kind="url")
    lifecycle.change_case(case, by=owner, custom={})
    assert lifecycle.change_custom_field(field, by=owner, kind="url").kind == "url"


def test_a_deleted_field_goes_from_the_cases_and_stays_in_their_versions(project, define, owner):
    field = define("Browser")
    define("Team")
    case = make_case(project, custom={"Browser": "Chrome", "Team": "Web"})
    assert held_values(project) == {"Browser": 1, "Team": 1}
    assert lifecycle.delete_custom_field(field, by=owner) == 1
    assert custom(project) == {"Team": "Web"}
    assert case.versions.get().content["custom"] == {"Browser": "Chrome", "Team": "Web"}
    assert held_values(project) == {"Team": 1}
    with pytest.raises(Refused, match="deleted meanwhile"):
        lifecycle.delete_custom_field(field, by=owner)
    with pytest.raises(Refused, match="deleted meanwhile"):
        lifecycle.change_custom_field(field, by=owner, name="Program")


def test_fields_are_moved_to_a_place(project, define, owner):
    one, two, three = define("One"), define("Two"), define("Three")
    lifecycle.change_custom_field(three, by=owner, position=1)
    lifecycle.change_custom_field(one, by=owner, position=99)
    names = list(project.custom_fields.values_list("name", "position"))
    assert names == [("Three", 1), ("Two", 2), ("One", 3)]
    assert two.name == "Two"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "choice", "options": []}, "Name what may be chosen"),
        ({"kind": "choice", "options": ["a", "A"]}, "differ only in capital"),
        ({"kind": "choices", "options": ["x" * 201]}, "at most 200 letters"),
        ({"kind": "choice", "options": ["a"], "default": "b"}, "Choose one of a"),
        ({"kind": "number", "default": "x"}, "Write a number"),
        ({"kind": "person", "default": "nobody@example.com"}, "No member"),
        ({"kind": "checkbox", "required": True}, "cannot be required"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(define, fields, sentence):
    kind = fields.pop("kind")
    with pytest.raises(Unprocessable, match=sentence):
        define("Field", kind, **fields)


def test_names_are_unique_whatever_their_capitals(define, owner):
    define("Browser")
    with pytest.raises(Refused, match="of this name"):
        define("BROWSER")
    other = define("Team")
    with pytest.raises(Refused, match="of this name"):
        lifecycle.change_custom_field(other, by=owner, name="browser")
