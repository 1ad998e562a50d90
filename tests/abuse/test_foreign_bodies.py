"""The second team's ids in every field and filter of requests within the own project."""

import io
import re

import pytest

from testoqa.testing import uses
from tests.walls.permissions.table import TABLE
from tests.walls.world import tenant_models

from .addresses import operations, row_of, values_of, with_body
from .data import populate_two_teams
from .requests import as_sent, ends_project, fields_of, path_of

pytestmark = uses(populate_two_teams)

NAMED = re.compile(r'<(?:input|select|textarea)\b[^>]*\bname="([^"]+)"')
CHOSEN = re.compile(r'<select\b[^>]*\bname="([^"]+)"')
ASKED = re.compile(r"[?&](?:amp;)?(\w+)=")
QUIET = {"csrfmiddlewaretoken", "next"}
PAGES_AND_FORMS = [
    row
    for row in TABLE
    if (row.form or row.upload) and "<str:key>" in row.address and not ends_project(row)
]
LISTS = [row for row in TABLE if row.method == "GET" and "<str:key>" in row.address]


def nothing_foreign_is_linked(teams):
    """No row of the first team points to one of the second, and no address of it tells of one."""
    for model in tenant_models():
        for link in model._meta.concrete_fields:
            if link.is_relation and link.related_model in tenant_models():
                rows = model._base_manager.filter(project=teams.mine.project)
                crossed = rows.filter(**{f"{link.name}__project": teams.foreign.project})
                assert not crossed.exists(), f"{model._meta.label}.{link.name}"
    reader = teams.attacker("owner")
    for row in LISTS:
        answer = reader.get(path_of(row, teams.mine))
        assert answer.status in {200, 404}, answer.request


def tried(schema, foreign):
    """Values of the second team that a field of this type takes, or nearly takes."""
    if "enum" in schema or schema.get("readOnly"):
        return [foreign.key]
    kind, form = schema.get("type"), schema.get("format", "")
    kinds = kind if isinstance(kind, list) else [kind]
    if "array" in kinds:
        return [[*foreign.texts, foreign.uuids[0]], [foreign.texts[1]], [str(foreign.numbers[0])]]
    if "integer" in kinds:
        return foreign.numbers[:3]
    if form == "uuid":
        return foreign.named
    if "string" in kinds:
        return [foreign.texts[1], foreign.uuids[0]]
    if "object" in kinds:
        return [{"id": foreign.uuids[0], "project": foreign.key}]
    return [foreign.uuids[0], foreign.numbers[0], foreign.key]


def test_every_body_of_the_api_is_of_the_own_project(teams):
    foreign = values_of(teams.foreign.project, values_of(teams.mine.project).numbers)
    attacker = teams.attacker("owner")
    for one in with_body():
        row = row_of(one.method, one.route)
        path = path_of(row, teams.mine)
        for name, schema in {**one.body, "project": {}, "key": {}}.items():
            for value in tried(schema, foreign):
                fields, how = fields_of(row, teams.mine)
                value = given(value, how)
                attacker.ask(one.method, path, **as_sent({**fields, name: value}, how))
    nothing_foreign_is_linked(teams)


def given(value, how):
    return str(value) if how == "form" and isinstance(value, dict) else value


def test_every_form_is_of_the_own_project(teams):
    foreign = values_of(teams.foreign.project, values_of(teams.mine.project).numbers)
    attacker = teams.attacker("owner")
    for row in PAGES_AND_FORMS:
        path = path_of(row, teams.mine)
        fields, _ = fields_of(row, teams.mine)
        page = attacker.get(path)
        names = {*fields, *NAMED.findall(page.text if page.status == 200 else "")} - QUIET
        chosen = {*CHOSEN.findall(page.text), "suite", "parent", "run", "environment"}
        for name in sorted(names):
            ids = [*foreign.named, *foreign.numbers[:2]] if name in chosen else []
            for value in [*ids, foreign.texts[1]]:
                if not hasattr(fields.get(name), "read"):
                    fresh, _ = fields_of(row, teams.mine)
                    attacker.post(path, form={**fresh, name: value})
    nothing_foreign_is_linked(teams)


@pytest.mark.parametrize("prefix", ["projects/", "api/"])
def test_every_filter_is_of_the_own_project(teams, prefix):
    foreign = values_of(teams.foreign.project, values_of(teams.mine.project).numbers)
    attacker = teams.attacker("owner")
    queries = {(one.method, one.route): one.query for one in operations()}
    for row in LISTS:
        if not row.address.startswith(prefix):
            continue
        path = path_of(row, teams.mine).partition("?")[0]
        names = set(queries.get((row.method, row.address), ()))
        if prefix == "projects/":
            page = attacker.get(path).text
            names |= {*NAMED.findall(page), *ASKED.findall(page), "after", "before", "peek", "x"}
        for at, name in enumerate(sorted(names - QUIET)):
            for value in [foreign.named[at % 5], foreign.numbers[0]]:
                attacker.get(f"{path}?{name}={value}".replace("#", "%23"))


def test_a_place_in_a_list_of_the_second_team_leads_nowhere(teams):
    """The cursor of a foreign list, sent to the own one."""
    theirs = teams.attacker("outsider", heard=lambda answer: None)
    attacker = teams.attacker("owner")
    found = 0
    for one in operations():
        if one.method == "GET" and "cursor" in one.query and "{key}" in one.path:
            row = row_of("GET", one.route)
            path = path_of(row, teams.foreign)
            following = theirs.get(f"{path}?limit=1").json["next"]
            if following:
                found += 1
                query = following.partition("?")[2]
                own = path_of(row, teams.mine)
                assert attacker.get(f"{own}?{query}").status in {200, 404}
    assert found >= 3


def test_every_model_field_sent_with_a_form_is_passed_over(teams):
    """Whatever a form does not show is not taken from it: project, author, role, state …"""
    attacker = teams.attacker("tester")
    extra = {
        field.attname: str(teams.foreign.project.pk)
        for model in tenant_models()
        for field in model._meta.concrete_fields
    }
    extra |= {"is_superuser": "1", "is_staff": "1", "is_active": "", "email": "x@example.com"}
    before = {name: getattr(teams.people["tester"], name) for name in KEPT_OF_PEOPLE}
    for row in [row for row in TABLE if row.form and not row.address.startswith("admin/")]:
        if row.address.startswith("accounts/") and "settings" not in row.address:
            continue
        path = path_of(row, teams.mine)
        attacker.post(path, form={**extra, **fields_of(row, teams.mine)[0]})
    person = teams.people["tester"]
    person.refresh_from_db()
    assert {name: getattr(person, name) for name in KEPT_OF_PEOPLE} == before
    assert teams.mine.project.memberships.get(user=person).role == "tester"
    nothing_foreign_is_linked(teams)


KEPT_OF_PEOPLE = ["email", "is_superuser", "is_active", "is_service", "password"]


def test_a_file_hangs_on_nothing_foreign(teams):
    attacker = teams.attacker("owner")
    foreign = values_of(teams.foreign.project, values_of(teams.mine.project).numbers)
    path = f"/api/v1/projects/{teams.mine.project.key}/artifacts/"
    for noun in ("case", "run", "execution", "report"):
        for value in [*foreign.uuids, *foreign.numbers, *foreign.texts]:
            file = io.BytesIO(b"words")
            file.name = "notes.txt"
            answer = attacker.post(path, form={"file": file, noun: value})
            assert answer.status == 422, f"{answer.request}: {noun}={value}"
