"""Every address, with the second team's project or with its ids under the own project."""

import os
from dataclasses import replace

import pytest
from django.contrib import admin

from testoqa.testing import uses
from tests.walls.permissions.table import TABLE
from tests.walls.world import tenant_models

from .addresses import (
    filled,
    methods_of,
    parameters,
    project_routes,
    row_of,
    values_of,
)
from .conftest import word_of
from .data import populate_two_teams
from .marking import text_fields
from .requests import path_of, valid_body, where_of

pytestmark = uses(populate_two_teams)

EVERY_ID = os.environ.get("TESTOQA_TEST_ALL") == "1"
"""Of every table at every place of each address that is read, beside those that lie near."""
INTERNAL = {"report-seqs"}
"""Texts that no page or answer has a reason to show."""
UNSHOWN = {
    "bulkitem",
    "caseorigin",
}
"""Tables that no page or answer shows; one that begins to is taken from here."""
UNSHOWN_OF_CASES = {
    "case-steps-text",
    "caseimport-warnings",  # pages tell them; the import that stands here has none
}
OF_PROJECT = [row for row in TABLE if "<str:key>" in row.address]
REFUSED = {401, 403, 404, 405, 415}


def test_the_second_team_reads_its_own_words(teams):
    """What is looked for everywhere else would be found if it were there."""
    seen, theirs = set(), teams.attacker("outsider", heard=lambda answer: None)
    words = {
        word_of(teams.canary, model, field)
        for model in tenant_models()
        for field in text_fields(model)
    }
    for row in OF_PROJECT:
        if row.method == "GET":
            answer = theirs.get(path_of(row, teams.foreign))
            assert answer.status == 200, answer.request
            seen |= {word for word in words if word in answer.text}
    unseen = {word.partition("-")[2] for word in words - seen}
    of_tables = {word for word in unseen if word.partition("-")[0] in UNSHOWN}
    assert unseen - of_tables == INTERNAL | UNSHOWN_OF_CASES, "no page or answer shows these"
    shown = {word.split("-")[1] for word in seen} & UNSHOWN
    assert not shown, "a page shows these: take them from UNSHOWN"


@pytest.mark.parametrize("prefix", ["projects/", "api/"])
def test_nobody_else_opens_an_address_of_the_second_team(teams, prefix):
    values = values_of(teams.foreign.project)
    attackers = teams.everybody()
    for route in project_routes():
        if not route.startswith(prefix):
            continue
        for method in methods_of(route):
            row = row_of(method, route)
            path = address_of(row, route, teams.foreign, values)
            body = valid_body(row, teams.foreign)
            # A method that no view takes is refused before anybody is asked who they are.
            for attacker in attackers if row or method == "GET" else attackers[:1]:
                refused(attacker.ask(method, path, **body))


def address_of(row, route, things, values):
    """Of a thing that is there, as its team would ask for it."""
    if row:
        return path_of(row, things)
    choices = [values.of(kind, name)[:1] for kind, name in parameters(route)]
    return next(filled(route, [things.project.key], *choices))


def refused(answer):
    """A page sends on to sign in whoever has no session, and a token is none."""
    if answer.status == 302:
        assert answer["Location"].startswith("/accounts/login/"), answer.request
    else:
        assert answer.status in REFUSED, f"{answer.request}: {answer.status}"


@pytest.mark.parametrize("prefix", ["projects/", "api/"])
def test_nothing_foreign_is_found_under_an_own_project(teams, prefix):
    """Each id of the second team at each place of each address, alone and beside an own parent."""
    own = values_of(teams.mine.project)
    foreign = values_of(teams.foreign.project, besides=own.numbers)
    attacker = teams.attacker("owner")
    for route in project_routes():
        if route.startswith(prefix) and parameters(route):
            for method in methods_of(route):
                row = row_of(method, route)
                body = valid_body(row, teams.mine)
                theirs = foreign if method == "GET" and EVERY_ID else of_things(foreign)
                for path in mixtures(route, row, own, theirs, teams.mine):
                    answer = attacker.ask(method, path, **body)
                    assert answer.status in {404, 405}, f"{answer.request}: {answer.status}"
                    if answer.status == 405:
                        break


def of_things(values):
    """Fewer: one of each kind that a person would try."""
    return replace(values, uuids=values.named, numbers=values.numbers[:4])


def mixtures(route, row, own, foreign, mine):
    """Paths in which at least one parameter is the second team's."""
    where = where_of(row, mine)
    wanted = parameters(route)
    mine_of = [[where[name]] if name in where else own.of(kind, name)[:1] for kind, name in wanted]
    theirs = [foreign.of(kind, name) for kind, name in wanted]
    key = [own.key]
    for place in range(len(wanted)):
        choices = [theirs[at] if at == place else mine_of[at] for at in range(len(wanted))]
        yield from filled(route, key, *choices)
    if len(wanted) > 1:
        yield from filled(route, key, *([some[0]] for some in theirs))


def test_the_administration_is_closed_to_everybody_but_superusers(teams):
    attackers = [who for who in teams.everybody() if who.name != "superuser"]
    lists = [
        f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for model in admin.site._registry
    ]
    for path in ["/admin/", "/admin/jsi18n/", "/admin/autocomplete/", *lists]:
        for attacker in attackers:
            sent_away(attacker.get(path))
    for path, model in zip(lists, admin.site._registry, strict=True):
        row = model._default_manager.first()
        ends = [f"{row.pk}/change/", f"{row.pk}/delete/", f"{row.pk}/history/"] if row else []
        for end in ["add/", *ends]:
            sent_away(attackers[0].get(path + end))
            sent_away(attackers[0].post(path + end, form={"_save": "Save", "post": "yes"}))
        sent_away(attackers[0].post(path, form={"action": "delete_selected"}))


def sent_away(answer):
    assert answer.status in {302, 403, 404}, f"{answer.request}: {answer.status}"
    assert answer.status != 302 or "/login/" in answer["Location"], answer.request
