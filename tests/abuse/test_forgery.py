"""Requests that a page of another site makes with our cookies, and links that lead elsewhere."""

import re
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.core.cache import cache
from django.urls import get_resolver

from testoqa.testing import uses
from tests.walls.permissions.addresses import routes
from tests.walls.permissions.table import TABLE

from .data import populate_two_teams
from .marking import print_of
from .requests import path_of, valid_body

pytestmark = uses(populate_two_teams)

UNSAFE = [row for row in TABLE if row.method != "GET"]
EVIL = "evil.example"
ELSEWHERE = [
    f"https://{EVIL}/",
    f"//{EVIL}/",
    f"///{EVIL}/",
    rf"/\{EVIL}/",
    rf"\\{EVIL}/",
    f"https:{EVIL}",
    f"http:///{EVIL}/",
    f"/%09/{EVIL}",
    f"\t//{EVIL}/",
    f"https://{EVIL}\\@127.0.0.1/",
    f"https://127.0.0.1@{EVIL}/",
    "javascript:alert(1)",
    "data:text/html,x",
]


def test_no_unsafe_address_takes_a_session_without_its_csrf_token(teams):
    """Neither bare, nor with a token of the cookie's and an origin of another site."""
    project = teams.mine.project
    before = print_of(project)
    forger, superuser = teams.attacker("owner"), teams.attacker("superuser")
    for row in UNSAFE:
        path = path_of(row, teams.mine)
        who = superuser if row.address.startswith("admin/") else forger
        for forged in ({"csrf": False}, {"headers": {"Origin": f"https://{EVIL}"}}):
            answer = who.ask(row.method, path, **valid_body(row, teams.mine), **forged)
            assert answer.status == 403, f"{answer.request}: {answer.status}"
    assert print_of(project) == before


def test_no_form_of_the_administration_does_either(teams):
    superuser = teams.attacker("superuser")
    for model_address in [row.address for row in TABLE if row.address.count("/") == 3]:
        if model_address.startswith("admin/"):
            for end in ("", "add/"):
                answer = superuser.post(f"/{model_address}{end}", form={"x": "y"}, csrf=False)
                assert answer.status == 403, answer.request


def test_a_safe_method_changes_nothing(teams):
    """A link or a picture can make a browser ask for any address."""
    project = teams.mine.project
    visitor = teams.attacker("owner")
    before = print_of(project)
    for row in UNSAFE:
        if not row.address.startswith("accounts/logout"):
            for method in ("GET", "HEAD", "OPTIONS"):
                visitor.ask(method, path_of(row, teams.mine))
    assert print_of(project) == before


@pytest.mark.parametrize("field", ["next", "url"])
def test_signing_in_leads_nowhere_else(teams, field):
    from tests.walls.permissions.setting import PASSWORD

    fields = {"login": "viewer@example.com", "password": PASSWORD}
    for place in ELSEWHERE:
        cache.clear()  # the limit of sign-ins in a minute
        visitor = teams.attacker("anonymous")
        page = visitor.get(f"/accounts/login/?{field}={quoted(place)}")
        assert f'href="{place}' not in page.text
        answer = visitor.post("/accounts/login/", form={**fields, field: place})
        assert answer.status == 302, place
        stays(answer, teams.site)


def test_no_address_sends_a_reader_elsewhere(teams):
    """Each address with the parameters by which sites send their readers on."""
    reader = teams.attacker("owner")
    names = ("next", "redirect_to", "return_to", "url", "REDIRECT_FIELD_NAME")
    places = [f"//{EVIL}/", f"https://{EVIL}/"]
    for row in TABLE:
        path = path_of(row, teams.mine)
        if row.address.startswith(("admin/", "accounts/logout", "readyz")):
            continue
        for place in places if row.method == "GET" else []:
            query = "&".join(f"{name}={quoted(place)}" for name in names)
            stays(reader.get(f"{path.partition('?')[0]}?{query}"), teams.site)
    for path in ("/accounts/logout/", "/admin/logout/"):
        leaver = teams.attacker("superuser")
        stays(leaver.post(f"{path}?next={quoted(places[1])}", form={"next": places[0]}), teams.site)


def stays(answer, site):
    """Where a browser would go from here: it reads \\ as /, and drops tabs and line ends."""
    for place in filter(None, (answer["Location"], answer["HX-Redirect"], answer["Refresh"])):
        read = re.sub(r"[\t\r\n]", "", place).replace("\\", "/")
        found = urlsplit(urljoin(site, read))
        assert (found.scheme, found.netloc) == ("http", urlsplit(site).netloc), (
            f"{answer.request} leads to {place}"
        )


def quoted(text):
    return quote(text, safe="")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": EVIL},
        {"Host": f"{EVIL}:80"},
        {"Host": f"127.0.0.1.{EVIL}"},
        {"Host": f"{EVIL}#127.0.0.1"},
        {"X-Forwarded-Host": EVIL},
        {"X-Forwarded-Server": EVIL},
        {"Forwarded": f"host={EVIL}"},
        {"X-Original-URL": "/admin/", "X-Rewrite-URL": "/admin/"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_no_header_names_another_host(teams, headers, mailoutbox, run_jobs):
    """Neither pages nor the message of a forgotten password take the host from a stranger."""
    visitor = teams.attacker("anonymous")
    for path in ("/accounts/login/", "/api/schema/?format=json", "/healthz", "/"):
        answer = visitor.get(path, headers=headers)
        assert answer.status == 400 if "Host" in headers else answer.status in {200, 302}
        assert EVIL.encode() not in answer.whole
    sent = {"email": "viewer@example.com"}
    visitor.post("/accounts/password/reset/", form=sent, headers=headers)
    run_jobs()
    assert all(EVIL not in message.body for message in mailoutbox)
    assert bool(mailoutbox) == ("Host" not in headers)


def test_every_route_is_in_the_permission_table_that_this_is_made_of():
    known = {row.address for row in TABLE}
    assert {route for route in routes(get_resolver()) if not route.startswith("admin/")} <= known
