"""Invitations in other hands than those they were sent to."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.memberships.models import Invitation
from testoqa.testing import uses

from .data import populate_two_teams

pytestmark = uses(populate_two_teams)

SECRET = "a-secret-of-forty-three-letters-known-to-one"
PASSWORD = "Quiet-Harbour-12"
NEWCOMER = {"name": "New", "new_password1": PASSWORD, "new_password2": PASSWORD}


@pytest.fixture
def teams(both_teams):
    """The second team grows by whom it invited itself."""
    return both_teams


@pytest.fixture
def link(teams):
    """That of the second team's only invitation."""
    invitations = teams.foreign.project.invitations
    invitations.update(
        digest=Invitation.digest_of(SECRET),
        expires_at=timezone.now() + Invitation.LIFETIME,
        accepted_at=None,
        accepted_by=None,
        withdrawn_at=None,
    )
    return f"/invitations/{SECRET}/"


def deaf(teams, who):
    """Whoever holds the link may read what it invites to."""
    return teams.attacker(who, heard=lambda answer: None)


def kept(visitor, answer):
    """Go on with the cookies of the answer, as a browser would."""
    for header, value in answer.headers:
        if header.lower() == "set-cookie":
            name, _, rest = value.partition("=")
            visitor.cookies[name] = rest.partition(";")[0]
    return visitor


def open_link(visitor, link):
    answer = visitor.get(link)
    if answer.status == 302:
        kept(visitor, answer)
        return visitor.get(answer["Location"])
    return answer


def invited(teams):
    """Whom the second team has invited."""
    return teams.foreign.project.invitations.get().email


def members(teams):
    return set(teams.foreign.project.memberships.values_list("user__email", flat=True))


def test_the_link_of_one_address_lets_no_other_account_in(teams, link):
    before = members(teams)
    for who in ("owner", "viewer", "stranger", "superuser"):
        visitor = deaf(teams, who)
        open_link(visitor, link)
        visitor.post("/invitations/opened/", form=NEWCOMER | {"email": f"{who}@example.com"})
        visitor.post(link, form=NEWCOMER)
        assert visitor.get("/projects/OPS/").status == 404
    assert members(teams) == before


def test_nobody_chooses_the_address_or_the_role_of_an_invitation(teams, link):
    visitor = deaf(teams, "anonymous")
    open_link(visitor, link)
    chosen = {"email": "evil@example.com", "role": "owner", "is_superuser": "1", "project": "1"}
    visitor.post("/invitations/opened/", form={**NEWCOMER, **chosen})
    assert not User.objects.filter(email="evil@example.com").exists()
    made = User.objects.filter(email=invited(teams)).first()
    assert made is None or not made.is_superuser
    assert made is None or teams.foreign.project.memberships.get(user=made).role == "tester"
    assert not teams.mine.project.memberships.filter(user=made).exists()


@pytest.mark.parametrize(
    "ended",
    [
        {"withdrawn_at": timezone.now},
        {"expires_at": lambda: timezone.now() - timedelta(seconds=1)},
    ],
    ids=["withdrawn", "expired"],
)
def test_a_link_that_has_ended_opens_nothing(teams, link, ended):
    fields = {name: value() for name, value in ended.items()}
    teams.foreign.project.invitations.update(**fields)
    before = members(teams)
    visitor = deaf(teams, "anonymous")
    assert open_link(visitor, link).status == 404
    assert visitor.post("/invitations/opened/", form=NEWCOMER).status == 404
    assert members(teams) == before


def test_a_link_works_once(teams, link):
    first, second = deaf(teams, "anonymous"), deaf(teams, "anonymous")
    open_link(first, link), open_link(second, link)
    assert first.post("/invitations/opened/", form=NEWCOMER).status == 302
    assert invited(teams) in members(teams)
    assert second.post("/invitations/opened/", form=NEWCOMER).status in {302, 404}
    assert open_link(teams.attacker("stranger"), link).status == 404
    assert teams.foreign.project.memberships.filter(user__email=invited(teams)).count() == 1


def test_no_guess_and_no_digest_is_a_link(teams, link):
    visitor = teams.attacker("anonymous")
    digest = Invitation.digest_of(SECRET)
    pk = teams.foreign.project.invitations.get().pk
    for guess in (digest, str(pk), SECRET[:-1], SECRET.upper(), "opened", "%00", "x" * 5000):
        assert visitor.get(f"/invitations/{guess}/").status in {302, 400, 404}
        assert visitor.post(f"/invitations/{guess}/", form=NEWCOMER).status in {302, 400, 404}


def test_the_secret_is_in_no_line_of_the_log(teams, link):
    visitor = deaf(teams, "anonymous")
    page = open_link(visitor, link)
    assert SECRET not in re.sub(r'action="[^"]*"', "", page.text)
    assert not [line for line in teams.logs.lines if SECRET in line]
