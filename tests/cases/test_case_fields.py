"""What a case says besides texts and steps: on its form, its page, in the API and its versions."""

import json

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.cases import lifecycle
from apps.cases.content import worded
from apps.cases.estimates import parse_estimate
from apps.cases.links import as_lines, parse_entries
from apps.memberships.models import Membership
from apps.projects.refusals import Unprocessable
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_token

pytestmark = uses(populate_cast)

CASES = "/api/v1/projects/WEB/cases/"
FIELDS = "/api/v1/projects/WEB/fields/"
LINKS = [{"title": "The design", "url": "https://design.example/a"}]
TAKEN = "The project has a field of this name already."
REQUIREMENTS = [{"name": "REQ 1", "url": "https://needs.example/1"}, {"name": "REQ 2", "url": ""}]


def page(name, *args):
    return reverse(f"cases:{name}", args=["WEB", *args])


def typed(**fields):
    steps = {"steps-TOTAL_FORMS": 0, "steps-INITIAL_FORMS": 0}
    case = {"title": "Pays", "kind": "manual", "status": "draft", "priority": "P2"}
    return case | steps | fields


@pytest.fixture
def define(project, owner):
    def make(name, kind="text", **fields):
        return lifecycle.create_custom_field(project, by=owner, name=name, kind=kind, **fields)

    return make


@pytest.fixture
def send(client):
    def call(person, method, address, body=None):
        token = make_token(person)
        answer = client.generic(
            method, address, json.dumps(body), content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        return answer.status_code, answer.json() if answer.content else None

    return call


def key_of(field):
    return f"custom_{field.pk.hex}"


# Estimates, links


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h 30m", 5400), ("1h30m", 5400), ("45m", 2700), ("90", 5400), ("1:30", 5400),
        ("1.5h", 5400), ("1,5 hours", 5400), ("2 min 5 s", 125), ("90s", 90), ("0", 0), ("", None),
        ("1 hour 30 minutes", 5400), ("1000h", 3_600_000), ("0:05:30", 330), ("1d 2h", 36_000),
    ],
)  # fmt: skip
def test_an_estimate_is_read_as_people_write_it(text, seconds):
    assert parse_estimate(text) == seconds


@pytest.mark.parametrize("text", ["soon", "1h 2h", "-5m", "1001h", "1:75", "2 months", "1h x", "²"])
def test_an_estimate_that_is_none_is_refused_with_examples(text):
    with pytest.raises(ValueError, match="such as 1h 30m, 45m or 90"):
        parse_estimate(text)


def test_entries_are_typed_as_lines_and_come_back_as_they_were():
    assert parse_entries(as_lines(REQUIREMENTS), "requirements") == REQUIREMENTS
    assert parse_entries("\n" + as_lines(LINKS), "links")[1:] == LINKS
    odd = [
        {"name": "Speaks http", "url": ""},
        {"name": "See http://[::1", "url": ""},
        {"name": "See https://a.example there", "url": ""},
        {"name": "https://a.example", "url": "https://b.example"},
    ]
    assert parse_entries(as_lines(odd), "requirements") == odd


@pytest.mark.parametrize(
    ("field", "entry", "sentence"),
    [
        ("links", {"title": "a", "url": "javascript:alert(1)"}, "not “javascript"),
        ("links", {"title": "a", "url": "ftp://a.example"}, "begins with http"),
        ("links", {"title": "a"}, "Write the address of “a”"),
        ("links", {"url": "https://"}, "begins with http"),
        ("requirements", {"url": "https://a.example"}, "is called"),
        ("requirements", {"name": "x" * 301}, "at most 300"),
        ("requirements", {"name": "See https://a.example"}, "apart from the name"),
        ("requirements", {"name": "See MAILTO:ada@example.com"}, "apart from the name"),
        ("requirements", {"name": "See", "url": "https://a.example b"}, "begins with http"),
        ("links", {"url": "https://a.example b"}, "begins with http"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_by_the_verb(project, owner, field, entry, sentence):
    with pytest.raises(Unprocessable, match=sentence):
        lifecycle.create_case(project, by=owner, title="Pays", **{field: [entry]})


def test_too_many_links_are_refused(project, owner):
    links = [{"url": f"https://a.example/{number}"} for number in range(51)]
    with pytest.raises(Unprocessable, match="at most 50 links, not 51"):
        lifecycle.create_case(project, by=owner, title="Pays", links=links)


def test_any_of_many_members_can_be_chosen_as_owner(client, project, owner):
    people = User.objects.bulk_create(User(email=f"p{n:03}@example.com") for n in range(150))
    project.memberships.bulk_create(
        Membership(project=project, user=person, role="tester") for person in people
    )
    client.force_login(owner)
    page = client.get(reverse("cases:create", args=["WEB"])).text
    assert f'value="{people[-1].pk}">p149@example.com' in page


def test_only_a_member_becomes_the_owner_and_stays_it_after_leaving(project, owner, viewer):
    case = make_case(project, owner=viewer)
    project.memberships.get(user=viewer).delete()
    assert lifecycle.change_case(case, by=owner, owner=viewer, title="Pays").owner == viewer
    with pytest.raises(Unprocessable, match="not a member of WEB"):
        make_case(project, owner=viewer)


# The form and the page


def test_everything_is_written_on_the_form_and_shown_on_the_page(
    project, manager, viewer, define, client, post
):
    team, browsers = define("Team"), define("Browsers", "choices", options=["Firefox", "Opera"])
    smoke, site = define("Smoke", "checkbox"), define("Site", "url")
    answer = post(manager, page("create"), **typed(
        severity="major", owner=viewer.pk, estimate_seconds="1h 30m",
        links="The design https://design.example/a", requirements="REQ 2",
        **{key_of(team): "Web", key_of(browsers): ["Firefox", "Opera"], key_of(smoke): "on",
           key_of(site): "https://shop.example/"},
    ))  # fmt: skip
    case = project.cases.get()
    assert answer.url == case.get_absolute_url()
    assert (case.severity, case.owner, case.estimate_seconds) == ("major", viewer, 5400)
    assert (case.links, case.requirements) == (LINKS, [{"name": "REQ 2", "url": ""}])
    assert case.custom == {
        "Team": "Web", "Browsers": ["Firefox", "Opera"], "Smoke": True,
        "Site": "https://shop.example/",
    }  # fmt: skip
    words = ["Major", "viewer@example.com", "1h 30m", "The design", "REQ 2", "Team", "Smoke",
             "Firefox, Opera", "https://shop.example/"]  # fmt: skip
    for address in (case.get_absolute_url(), page("list") + "?peek=WEB-1", page("version", 1, 1)):
        text = client.get(address).content.decode()
        assert [word for word in words if word not in text] == [], address
    assert 'href="https://shop.example/"' in client.get(case.get_absolute_url()).content.decode()
    form = client.get(page("edit", 1)).context["form"]
    assert form["estimate_seconds"].value() == "1h 30m"
    assert form["links"].value() == "The design https://design.example/a"
    assert form[key_of(browsers)].value() == ["Firefox", "Opera"]


def test_the_form_begins_with_the_defaults_and_says_at_the_field_what_is_wrong(
    project, manager, define, client, post
):
    client.force_login(manager)
    team, amount = define("Team", required=True, default="Web"), define("Amount", "number")
    assert client.get(page("create")).context["form"][key_of(team)].value() == "Web"
    answer = post(manager, page("create"), **typed(**{key_of(amount): "many", key_of(team): " "}))
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert errors == {
        key_of(amount): ["Write a number, such as 3 or 2.5."],
        key_of(team): ["This field is required."],
    }
    wrong = {"estimate_seconds": "soon", "links": "javascript:alert(1)"}
    errors = post(manager, page("create"), **typed(**wrong)).context["form"].errors
    assert {"estimate_seconds", "links"} <= set(errors)
    assert not project.cases.exists()


def test_a_second_saver_keeps_own_values_and_gets_those_of_others(
    project, manager, viewer, define, post
):
    team, amount, place = define("Team"), define("Amount", "number"), define("Place")
    case = make_case(project, custom={"Team": "Web", "Place": "Here"}, links=LINKS)
    lifecycle.change_case(
        case, by=manager, owner=viewer, estimate_seconds=60, severity="minor",
        custom={"Team": "Shop", "Amount": 2, "Place": "There"},
    )  # fmt: skip
    answer = post(manager, page("edit", 1), **typed(
        version=1, title=case.title, severity="blocker", links="", requirements="REQ 2",
        **{key_of(team): "Bank", key_of(place): "Here", key_of(amount): ""},
    ))  # fmt: skip
    assert answer.status_code == 409
    form, editor = answer.context["form"], answer.context["editor"]
    assert form["severity"].value() == "blocker"
    assert form["owner"].value() == viewer.pk
    assert form["estimate_seconds"].value() == "1m"
    assert (form["links"].value(), form["requirements"].value()) == ("", "REQ 2")
    assert form[key_of(team)].value() == "Bank"
    assert (form[key_of(amount)].value(), form[key_of(place)].value()) == (2, "There")
    assert editor.both == {"Severity", "Team"}
    labels = {change.label for change in editor.theirs}
    assert labels == {"Severity", "Owner", "Estimate", "Team", "Amount", "Place"}


def test_a_new_version_tells_what_changed_of_each(project, manager, client, define):
    define("Team")
    case = make_case(project, custom={"Team": "Web"})
    lifecycle.change_case(case, by=manager, custom={"Team": "Shop"}, links=LINKS)
    client.force_login(manager)
    changes = client.get(page("version", 1, 2)).context["changes"]
    assert [str(change) for change in changes] == [
        "Links: “” became “The design https://design.example/a”",
        "Team: “Web” became “Shop”",
    ]


# The API


def test_the_api_takes_and_tells_everything(project, manager, viewer, send, define):
    define("Team")
    said = {
        "severity": "major", "owner": "viewer@example.com", "estimate_seconds": 90,
        "links": LINKS, "requirements": REQUIREMENTS, "custom": {"Team": "Web"},
    }  # fmt: skip
    status, case = send(manager, "POST", CASES, {"title": "Pays", **said})
    assert status == 201
    assert {name: case[name] for name in said} == said
    status, changed = send(
        manager, "PATCH", f"{CASES}1/", {"custom": {"Team": None}, "owner": None}
    )
    assert (status, changed["custom"], changed["owner"]) == (200, {}, None)
    _, versions = send(manager, "GET", f"{CASES}1/versions/")
    assert {name: versions["results"][1]["content"][name] for name in said} == said


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"owner": "outsider@example.com"}, 400, "owner"),
        ({"owner": "nobody@example.com"}, 400, "owner"),
        ({"severity": "worst"}, 400, "severity"),
        ({"estimate_seconds": -1}, 400, "estimate_seconds"),
        ({"links": [{"url": "javascript:alert(1)"}]}, 422, "links"),
        ({"links": [{"href": "https://a.example"}]}, 400, "links.0.href"),
        ({"requirements": [{"url": "https://a.example"}]}, 400, "requirements.0.name"),
        ({"custom": {"Team": 5}}, 422, "custom.Team"),
        ({"custom": {"Taem": "Web"}}, 422, "custom.Taem"),
        ({"custom": {"Team": "a\0"}}, 400, "custom"),
        ({"custom": ["Team"]}, 400, "custom"),
    ],
)
def test_the_api_says_at_the_field_what_does_not_fit(
    project, manager, send, define, body, status, field
):
    define("Team")
    answer, problem = send(manager, "POST", CASES, {"title": "Pays", **body})
    assert (answer, [error["field"] for error in problem["errors"]]) == (status, [field])
    assert not project.cases.exists()


def test_fields_are_defined_by_the_api(project, owner, manager, outsider, send):
    said = {"name": "Browser", "kind": "choice", "options": ["Firefox", "Opera"]}
    assert send(manager, "POST", FIELDS, said)[0] == 403
    assert send(outsider, "GET", FIELDS)[0] == 404
    status, field = send(owner, "POST", FIELDS, {**said, "default": "opera"})
    assert (status, field["default"], field["position"]) == (201, "Opera", 1)
    assert send(manager, "GET", FIELDS)[1]["results"] == [field]
    one = f"{FIELDS}{field['id']}/"
    assert send(owner, "PATCH", one, {"name": "Program"})[1]["name"] == "Program"
    make_case(project, custom={"Program": "Opera"})
    status, problem = send(owner, "PATCH", one, {"options": ["Firefox"], "default": None})
    assert (status, problem["detail"][:20]) == (409, "1 case holds Opera; ")
    status, problem = send(owner, "POST", FIELDS, {**said, "name": "PROGRAM"})
    assert (status, problem["errors"]) == (
        400,
        [{"field": "name", "code": "unique", "message": TAKEN}],
    )
    assert send(owner, "POST", FIELDS, {"name": "a:b", "kind": "text"})[0] == 400
    assert send(owner, "DELETE", one) == (204, None)
    assert project.cases.get().custom == {}


# Definitions on their pages


def test_fields_are_defined_moved_and_deleted_on_their_pages(project, owner, manager, client, post):
    said = {"name": "Browsers", "kind": "choices", "options": "Firefox\r\nOpera\r\n"}
    assert post(manager, page("create_field"), **said).status_code == 403
    assert post(owner, page("create_field"), **said, default="opera").url == page("fields")
    assert post(owner, page("create_field"), name="Smoke", kind="checkbox").status_code == 302
    first, second = project.custom_fields.all()
    assert (first.options, first.default) == (["Firefox", "Opera"], ["Opera"])
    assert post(owner, page("move_field", second.pk), to="1").status_code == 302
    assert [field.name for field in project.custom_fields.all()] == ["Smoke", "Browsers"]
    make_case(project)
    text = client.get(page("fields")).content.decode()
    assert "1 case holds a value of it, which goes with it" in text
    client.force_login(manager)
    assert "Delete Browsers" not in client.get(page("fields")).content.decode()
    answer = post(owner, page("change_field", first.pk), **{**said, "options": "Firefox"})
    assert answer.status_code == 422
    assert "1 case holds Opera" in answer.content.decode()
    assert post(owner, page("delete_field", first.pk)).status_code == 302
    assert [field.name for field in project.custom_fields.all()] == ["Smoke"]


def test_a_name_that_is_taken_is_told_at_the_name(owner, define, post):
    first, second = define("Browser"), define("Team")
    for address in (page("create_field"), page("change_field", second.pk)):
        form = post(owner, address, name="BROWSER", kind="text").context["form"]
        assert form.errors == {"name": [TAKEN]}
    assert post(owner, page("change_field", first.pk), name="BROWSER", kind="text").url


def test_a_default_of_choices_with_commas_is_shown_as_it_is_read(owner, define, client, post):
    said = {"name": "Browsers", "kind": "choices", "options": "Opera\nSafari, old"}
    field = define("Browsers", "choices", options=["Opera", "Safari, old"], default=["Safari, old"])
    client.force_login(owner)
    shown = client.get(page("change_field", field.pk)).context["form"]["default"].value()
    assert shown == '"Safari, old"'
    default = f"opera, {shown}"
    assert post(owner, page("change_field", field.pk), **said, default=default).status_code == 302
    field.refresh_from_db()
    assert field.default == ["Opera", "Safari, old"]


def test_the_form_costs_the_same_with_one_field_and_with_twelve(
    project, manager, define, client, django_assert_max_num_queries
):
    client.force_login(manager)
    define("Person", "person")
    client.get(page("create"))
    with django_assert_max_num_queries(12) as one:
        client.get(page("create"))
    for number in range(11):
        define(f"Person {number}", "person")
    with django_assert_max_num_queries(len(one)):
        client.get(page("create"))


def test_a_version_from_before_there_were_severities_says_the_usual_one():
    assert worded({"kind": "http"})["severity"] == "Normal"
