"""Lists that are empty, that repeat themselves, or that are far too long; and fields that only
the product writes."""

import time

import pytest

from testoqa.testing import uses

from .addresses import row_of, with_body
from .data import populate_two_teams
from .requests import as_sent, fields_of, path_of

pytestmark = uses(populate_two_teams)

SECONDS = 20
"""In which ten thousand of anything are taken or refused."""


def lists_of(one):
    return [name for name, schema in one.body.items() if schema.get("type") == "array"]


def test_a_list_of_nothing_or_of_the_same_or_of_ten_thousand(teams):
    attacker = teams.attacker("owner")
    items = {
        "empty": [],
        "the same": [teams.mine.case.key] * 50,
        "foreign": [f"OPS-{number}" for number in range(10_000)],
        "numbers": [str(number) for number in range(10_000)],
        "wrong": [None, {}, [], True, 1.5, "", "\x00"],
    }
    for one in with_body():
        row = row_of(one.method, one.route)
        for name in lists_of(one):
            for what, value in items.items():
                fields, how = fields_of(row, teams.mine)
                sent = [str(item) for item in value] if how == "form" else value
                began = time.monotonic()
                attacker.ask(
                    one.method, path_of(row, teams.mine), **as_sent({**fields, name: sent}, how)
                )
                assert time.monotonic() - began < SECONDS, (str(one), name, what)


@pytest.mark.parametrize("body", [[], [{}], [[]], [None], {}, None, 1, "x", [1] * 10_000])
def test_a_batch_of_anything_else_is_refused(teams, body):
    attacker = teams.attacker("owner")
    path = f"/api/v1/projects/WEB/runs/{teams.mine.run.number}/results/"
    answer = attacker.post(path, json=body)
    assert answer.status in {201, 400, 422}, answer.text[:500]
    if answer.status == 201:
        assert answer.json["stored"] == 0


def test_a_batch_holds_ten_thousand_and_no_more(teams):
    attacker = teams.attacker("owner")
    path = f"/api/v1/projects/WEB/runs/{teams.mine.run.number}/results/"
    most = [{"name": f"t{number % 10}", "status": "passed"} for number in range(10_001)]
    answer = attacker.post(path, json=most)
    assert answer.status == 400
    assert "10,000" in answer.text


def test_a_query_of_ten_thousand_parameters_is_refused_or_passed_over(teams):
    attacker = teams.attacker("owner")
    fields = {f"f{number}": "x" for number in range(10_000)}
    for path in ("/projects/WEB/settings/", "/projects/WEB/cases/new/", "/projects/WEB/runs/new/"):
        assert attacker.post(path, form=fields).status == 400
    query = "&".join(f"status=passed&tag={number}" for number in range(2000))
    for path in ("/projects/WEB/cases/", "/api/v1/projects/WEB/runs/"):
        assert attacker.get(f"{path}?{query}").status in {200, 400, 414}


STRANGE = {"string": "2001-01-01T00:00:00Z", "integer": 987_654, "boolean": True, "object": {}}


def test_what_only_the_product_writes_is_not_taken(teams):
    """Every field of the answer that is read only, or no field of the body, sent all the same."""
    attacker = teams.attacker("owner")
    for one in with_body():
        row = row_of(one.method, one.route)
        path = path_of(row, teams.mine)
        for name, value in fixed_of(one).items():
            fields, how = fields_of(row, teams.mine)
            if name not in fields:
                answer = attacker.ask(one.method, path, **as_sent({**fields, name: value}, how))
                if answer.status < 300 and value not in ({}, [], True):
                    assert answer.json.get(name) != value, f"{answer.request} took {name}"


def fixed_of(one):
    """{name: a value of its type} of what the document says is only read."""
    return {
        name: STRANGE.get(kind_of(schema), [])
        for name, schema in one.answer.items()
        if one.body.get(name, {"readOnly": True}).get("readOnly")
    }


def kind_of(schema):
    kinds = schema.get("type") or "string"
    return next(kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null")
