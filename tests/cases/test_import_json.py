"""Our own JSON: everything that a case says comes back equal, here and in another project."""

import json

import pytest

from apps.cases import lifecycle
from apps.cases.content import content_of
from apps.cases.models import Case
from apps.projects.refusals import Unprocessable
from testoqa.testing import uses
from tests.data import populate_cast

from .importing import Importer, outcomes, told, upload

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]

CUSTOM = {
    "Note": "as it is", "Number": 1.5, "Browser": "Firefox", "Systems": ["Linux", "macOS"],
    "Due": "2025-12-31", "Expert": "manager@example.com", "Spec": "https://example.com/s",
    "Legal": True,
}  # fmt: skip
FIELDS = [
    {"name": "Note", "kind": "text"},
    {"name": "Number", "kind": "number"},
    {"name": "Browser", "kind": "choice", "options": ["Firefox", "Chromium"]},
    {"name": "Systems", "kind": "choices", "options": ["Linux", "macOS", "Windows"]},
    {"name": "Due", "kind": "date"},
    {"name": "Expert", "kind": "person"},
    {"name": "Spec", "kind": "url"},
    {"name": "Legal", "kind": "checkbox"},
]
SHARED = [{"action": "Open the page", "expected": "It shows", "data": ""}]
FULL = {
    "key": "WEB-1",
    "suite": ["Shop", "A / B"],
    "title": "Pays  by card",
    "kind": "automated",
    "status": "deprecated",
    "priority": "P0",
    "severity": "blocker",
    "owner": "manager@example.com",
    "estimate_seconds": 90,
    "preconditions": "A cart\n",
    "description": "<b>as it is</b>",
    "steps": [{"shared": "Sign in"}, {"action": " Pay ", "expected": "Paid", "data": "4111"}],
    "tags": ["money", "smoke"],
    "links": [{"title": "Design", "url": "https://example.com/d"}],
    "requirements": [{"name": "REQ, 1", "url": ""}],
    "automation_key": "shop.Cart::pays",
    "aliases": ["old::pays"],
    "custom": CUSTOM,
    "archived": False,
}
SUITE = {
    "path": ["Shop"], "description": "All of it", "execution_order": 3, "timeout_seconds": 20,
    "parallel_safe": False, "prerequisites": "A database", "owner": "manager@example.com",
}  # fmt: skip


def file_of(*cases, **more):
    whole = {
        "format": "testoqa-cases", "version": 1, "suites": [SUITE],
        "shared_steps": [{"title": "Sign in", "steps": SHARED}], "fields": FIELDS,
        "cases": list(cases),
    }  # fmt: skip
    return json.dumps(whole | more)


def add_fields(project):
    for field in FIELDS:
        project.custom_fields.create(**field)


def test_every_field_comes_back_equal_and_again_nothing_changes(importer, project):
    add_fields(project)
    arrival = importer.take(file_of(FULL, FULL | {"key": "WEB-2", "archived": True}), "x.json")
    assert outcomes(arrival) == ["created", "created"], told(arrival)
    assert arrival.warnings == []
    case = Case.objects.with_content().get(number=1)
    content = content_of(case)
    shared = project.shared_steps.get()
    assert content == {
        **{name: FULL[name] for name in FULL if name not in ("key", "archived")},
        "suite": "Shop / A / B",
        "steps": [
            {"shared": str(shared.pk), "title": "Sign in", "steps": SHARED},
            FULL["steps"][1],
        ],
    }
    assert case.versions.get().content == content
    assert case.suite.name == "A / B"
    top = project.suites.get(name="Shop", parent=None)
    assert (top.execution_order, top.timeout_seconds, top.parallel_safe) == (3, 20, False)
    assert (top.prerequisites, top.owner.email) == ("A database", "manager@example.com")
    assert Case.objects.get(number=2).is_archived
    again = importer.take(file_of(FULL, FULL | {"key": "WEB-2", "archived": True}), "x.json")
    assert outcomes(again) == ["unchanged", "unchanged"], told(again)


def test_a_member_that_is_left_out_stays(importer, project):
    add_fields(project)
    importer.take(file_of(FULL), "x.json")
    changed = importer.take(file_of({"key": "WEB-1", "title": "Pays"}), "x.json")
    assert outcomes(changed) == ["updated"]
    content = content_of(Case.objects.with_content().get())
    assert (content["title"], content["custom"], len(content["steps"])) == ("Pays", CUSTOM, 2)


def test_another_project_knows_the_case_by_its_former_key(other_project, outsider, run_jobs):
    there = Importer(other_project, outsider, run_jobs)
    case = FULL | {"owner": "", "custom": {}}
    assert outcomes(there.take(file_of(case), "x.json")) == ["created"]
    again = there.take(file_of(case), "x.json")
    assert told(again)[0][1:] == ("unchanged", "", "Found by its id, WEB-1.")
    assert "no field “Browser”" in " ".join(again.warnings)


def test_an_owner_adds_the_fields_that_the_file_defines(client, other_project, outsider, run_jobs):
    other_project.custom_fields.create(name="note", kind="text")
    more = {"name": "Lead", "kind": "person", "default": "manager@example.com"}
    case = FULL | {"owner": "", "custom": CUSTOM | {"Expert": outsider.email, "Lead": ""}}
    data = file_of(case, fields=[*FIELDS, more])
    arrival = upload(other_project, data, "x.json", by=outsider)
    missing = [field["name"] for field in FIELDS[1:]] + ["Lead"]
    assert arrival.options["missing_fields"] == missing
    client.force_login(outsider)
    address = arrival.get_absolute_url()
    assert "Add 8 missing fields" in client.get(address).content.decode()
    page = client.post(f"{address}fields/", follow=True).content.decode()
    assert "8 fields added" in page and "missing field" not in page
    assert [field.name for field in other_project.custom_fields.all()] == ["note", *missing]
    lead = other_project.custom_fields.get(name="Lead")
    assert (lead.kind, lead.default) == ("person", None)
    arrival.refresh_from_db()
    assert arrival.mapping["field.Browser"] == "field.Browser" and arrival.warnings == []
    mapping = arrival.mapping | {"field.Note": "field.note", "field.Lead": ""}
    lifecycle.start_case_import(arrival, by=outsider, mapping=mapping)
    run_jobs()
    arrival.refresh_from_db()
    assert told(arrival)[0][1] == "created", told(arrival)
    note = {"note": CUSTOM["Note"]}
    kept = {name: value for name, value in CUSTOM.items() if name != "Note"}
    assert other_project.cases.get().custom == kept | note | {"Expert": outsider.email}


def test_a_manager_is_told_who_adds_fields(client, project, manager):
    arrival = upload(project, file_of(FULL), "x.json", by=manager)
    client.force_login(manager)
    page = client.get(arrival.get_absolute_url()).content.decode()
    assert "An owner of the project can add" in page and "missing field" not in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": "x:y", "kind": "text"}, "holds no quotes"),
        ({"name": "Level", "kind": "colour"}, "colour"),
        ({"name": "Level"}, "Level"),
        ({"name": "Level", "kind": "choice", "options": 7}, "no list"),
        ({"name": "Level", "kind": "choice", "options": []}, "Name what may be chosen"),
    ],
)
def test_a_definition_that_cannot_be_adds_nothing(project, owner, wrong, sentence):
    fields = [{"name": "Good", "kind": "text"}, wrong]
    arrival = upload(project, file_of(FULL, fields=fields), "x.json", by=owner)
    with pytest.raises(Unprocessable, match=sentence):
        lifecycle.add_missing_fields(arrival, by=owner)
    assert not project.custom_fields.exists()


def test_a_try_makes_neither_suites_nor_shared_steps(importer, project):
    arrival = importer.take(file_of(FULL | {"custom": {}}), "x.json", dry_run=True)
    assert outcomes(arrival) == ["created"], told(arrival)
    assert not project.suites.exists() and not project.shared_steps.exists()


def test_what_does_not_fit_is_refused_with_its_member(importer):
    cases = [
        FULL | {"key": "", "custom": {}, "steps": [{"shared": "Nowhere"}]},
        FULL | {"key": "", "custom": {}, "links": [{"title": "x", "url": "javascript:alert(1)"}]},
        FULL | {"key": "", "custom": {}, "title": " "},
        FULL | {"key": "", "custom": {}, "steps": ["x"] * 300},
        7,
    ]
    arrival = importer.take(file_of(*cases), "x.json", unknown="refuse")
    assert [column for _, _, column, _ in told(arrival)[:3]] == ["steps", "links", "title"]
    reasons = [reason for *_, reason in told(arrival)]
    assert "no shared steps called “Nowhere”" in reasons[0]
    assert "has 300 steps" in reasons[3]
    assert outcomes(arrival)[:4] == ["refused"] * 4


ODD = [None, 5, -1.5, True, [], [[]], [None], [5, {}], {}, {"a": {"b": []}}, "", "odd"]


def taken_whole(importer, data):
    """What is said of the file at the upload, or else of its rows."""
    try:
        arrival = importer.take(data, "x.json", unknown="refuse")
    except Unprocessable as refusal:
        return str(refusal)
    assert (arrival.state, arrival.reason) == ("done", "")
    return told(arrival)


def test_members_of_a_case_of_any_kind_are_taken_or_refused_by_their_name(importer, project):
    add_fields(project)
    said = [(name, {name: odd}) for name in FULL if name != "custom" for odd in ODD]
    said += [("custom", {"custom": odd}) for odd in ODD]
    said += [(name, {"custom": {name: odd}}) for name in CUSTOM for odd in ODD]
    said += [("steps", {"steps": [{key: odd}]}) for key in (*SHARED[0], "shared") for odd in ODD]
    for name, key in (("links", "title"), ("links", "url"), ("requirements", "name")):
        said += [(name, {name: [{"title": "t", "name": "n", "url": "", key: odd}]}) for odd in ODD]
    cases = [{"title": f"Case {n}"} | case for n, (_, case) in enumerate(said)]
    arrival = importer.take(file_of(*cases, *ODD), "x.json", unknown="refuse")
    assert (arrival.state, len(outcomes(arrival))) == ("done", len(said) + len(ODD))
    for (row, outcome, column, reason), (name, case) in zip(told(arrival), said, strict=False):
        if outcome == "refused":
            assert reason and (name in column or name in reason), (row, case, column, reason)
    assert outcomes(arrival)[len(said) :] == ["refused"] * len(ODD)
    texts = [*project.cases.values_list("title", "description"), *project.tags.values_list("name")]
    assert not {"{", "["} & set("".join(map("".join, texts)))


@pytest.mark.parametrize(
    ("name", "entry"),
    [("suites", SUITE), ("shared_steps", {"title": "Sign in", "steps": SHARED}), ("fields", {})],
)
def test_entries_of_the_other_lists_are_taken_or_refused_by_their_place(importer, name, entry):
    fitting = [entry]
    for wrong in [*ODD, *({member: odd} for member in ("name", *entry) for odd in ODD)]:
        one = {**entry, **wrong} if isinstance(wrong, dict) else wrong
        said = taken_whole(importer, file_of(**{name: [entry, one]})) if one != {} else ""
        if isinstance(said, str) and said:
            assert f"x.json: {name}, entry 2" in said, (one, said)
        else:
            fitting.append(one)
    assert taken_whole(importer, file_of(FULL | {"custom": {}}, **{name: fitting}))[0][1] in (
        "created", "unchanged",
    )  # fmt: skip


def test_the_preview_knows_the_shared_steps_that_the_import_would_make(client, project, manager):
    shared = [{"title": title, "steps": SHARED} for title in ("Sign in", "Sign out", "Unused")]
    steps = [{"shared": "Sign out"}, {"shared": "Sign in"}]
    cases = [{"title": "A", "steps": steps}, {"title": "B", "steps": [{"shared": "None"}]}]
    data = file_of(*cases, shared_steps=[*shared, {"title": "None", "steps": []}])
    arrival = upload(project, data, "x.json", by=manager)
    assert arrival.options["shared"] == ["Sign in", "Sign out"]
    client.force_login(manager)
    answer = client.get(arrival.get_absolute_url())
    one, two = answer.context["drafts"]
    assert (one["draft"].problem, two["draft"].column) == ("", "steps")
    assert [step["title"] for step in one["content"]["steps"]] == ["Sign out", "Sign in"]
    page = answer.content.decode()
    assert "1. Shared: Sign out" in page and "no shared steps called “None”" in page


UNMADE = [
    ({"title": "None", "steps": [{"action": ""}, {}]}, "“None” of the file are not made: they h"),
    ({"title": "", "steps": SHARED}, "“” of the file are not made: they have no title"),
    ({"title": "x" * 201, "steps": SHARED}, "a title has at most 200 letters"),
    ({"title": "Many", "steps": SHARED * 201}, "“Many” of the file are not made: they have more"),
]


@pytest.mark.parametrize("dry_run", [True, False])
def test_shared_steps_are_made_as_by_hand_and_noted_or_not_made(importer, project, dry_run):
    texts = {"title": " Sign  out", "steps": ["Leave", {"action": "Go", "data": None}]}
    shared = [{"title": "Sign in", "steps": SHARED}, texts, *(one for one, _ in UNMADE)]
    cases = [{"title": "A", "steps": [{"shared": one["title"]}]} for one in shared if one["title"]]
    cases[1]["steps"] = [{"shared": "Sign out"}]
    arrival = importer.take(file_of(*cases, shared_steps=shared), "x.json", dry_run=dry_run)
    assert outcomes(arrival) == ["created"] * 2 + ["refused"] * 3
    assert "no shared steps called “None”" in told(arrival)[2][3]
    warnings = [text for text in arrival.warnings if "shared steps" in text]
    assert len(warnings) == len(UNMADE)
    assert all(said in text for (_, said), text in zip(UNMADE, warnings, strict=True))
    if dry_run:
        assert not project.shared_steps.exists()
        return
    plain = {"action": "", "expected": "", "data": ""}
    made = {row.title: row for row in project.shared_steps.all()}
    assert made["Sign out"].steps == [plain | {"action": "Leave"}, plain | {"action": "Go"}]
    notes = {row.object_label: row for row in project.activity.filter(verb="shared_steps.create")}
    assert notes.keys() == made.keys() == {"Sign in", "Sign out"}
    note = notes["Sign out"]
    assert (note.user, note.after) == (importer.by, {"title": "Sign out", "steps": 2})


@pytest.mark.parametrize("name", ["suites", "shared_steps", "fields", "cases", "version"])
@pytest.mark.parametrize("odd", [odd for odd in ODD if not isinstance(odd, list)])
def test_a_list_that_is_none_is_refused_by_its_name(importer, name, odd):
    said = taken_whole(importer, file_of(**{name: odd}))
    assert (said == [] and odd is None) or name in said


MANY = [{"title": f"t{n}", "url": f"https://example.com/{n}"} for n in range(51)]


@pytest.mark.parametrize(
    ("member", "entries", "said"),
    [
        ("links", MANY, "at most 50 links, not 51"),
        ("links", [{"title": "t" * 301, "url": "https://example.com"}], "at most 300 characters"),
        ("links", [{"title": "t", "url": "http://[::1"}], "begins with http://, https:// or mai"),
        ("links", [{"title": "t", "url": f"https://a.b/{'x' * 2_000}"}], "an address that begins"),
        ("links", ["Design"], "Write the address of “Design”"),
        ("requirements", [{"name": "", "url": "https://example.com"}], "is called, before"),
    ],
)
def test_links_are_asked_for_what_the_form_asks(importer, member, entries, said):
    case = {"title": "Pays", member: entries}
    refused = importer.take(file_of(case), "x.json", unknown="refuse")
    assert told(refused)[0][1:3] == ("refused", member) and said in told(refused)[0][3]
    taken = importer.take(file_of(case), "x.json", unknown="leave")
    assert said in told(taken)[0][3] and "It is left out." in told(taken)[0][3]
    assert getattr(Case.objects.get(), member) == []


@pytest.mark.parametrize(
    "default", [{"x": 1}, [1, [2]], [None], True, 1e300, -(10**18), "x" * 30_000]
)
def test_a_default_that_is_none_is_left_out(project, owner, default):
    fields = [field | {"name": f"F {field['name']}", "default": default} for field in FIELDS]
    arrival = upload(project, file_of(FULL, fields=fields), "x.json", by=owner)
    lifecycle.add_missing_fields(arrival, by=owner)
    made = {field.kind: field.default for field in project.custom_fields.all()}
    assert set(made) == {field["kind"] for field in FIELDS}
    assert made["person"] is None and made["choice"] is None and made["date"] is None
