"""People and tokens who reach for a higher role than theirs."""

import pytest

from apps.memberships.models import ApiToken
from apps.projects.permissions import ROLE_PERMISSIONS, Role
from testoqa.testing import uses
from tests.factories import make_token
from tests.walls.permissions.table import TABLE

from .addresses import row_of, with_body
from .data import populate_two_teams
from .requests import as_sent, fields_of, path_of

pytestmark = uses(populate_two_teams)

FORMS_WITH_ROLE = [
    row for row in TABLE if row.form and row.method == "POST" and "<str:key>" in row.address
]


OWN = ("/filters/<uuid:id>/", "/comments/<uuid:id>/")
"""What the owner made there is theirs by each of their tokens; the table says how far."""


def roles_of(project):
    return dict(project.memberships.values_list("user__email", "role"))


def groups_of(project):
    prefix = f"project {project.pk} "
    return {
        (user.email, group.name)
        for user in (row.user for row in project.memberships.select_related("user"))
        for group in user.groups.filter(name__startswith=prefix)
    }


def stands_as_before(project, roles, groups, role):
    """Nobody rose, nobody came in above the role, and no token can do more than its person."""
    assert groups_of(project) == groups
    for email, mine in roles_of(project).items():
        if email in roles:
            assert mine == roles[email], email
        else:
            assert ROLE_PERMISSIONS[mine] <= ROLE_PERMISSIONS[role], email
    for token in ApiToken.objects.filter(project=project, revoked_at=None).select_related("user"):
        if token.user.is_service:
            continue
        owned = project.memberships.get(user=token.user).role
        assert ROLE_PERMISSIONS[token.role] <= ROLE_PERMISSIONS[owned], token


@pytest.mark.parametrize("who", ["viewer", "tester", "manager"])
def test_nobody_rises_by_a_request(teams, who):
    project = teams.mine.project
    roles, groups = roles_of(project), groups_of(project)
    person = teams.people[who]
    mine = project.memberships.get(user=person)
    climbers = [
        teams.attacker(who),
        teams.attacker(f"{who}'s token", token=make_token(person, project, who)),
        teams.attacker(f"{who}'s own token", token=make_token(person)),
    ]
    for climber in climbers:
        for one in [one for one in with_body() if "role" in one.body]:
            row = row_of(one.method, one.route)
            own = path_of(row, teams.mine).replace(str(teams.mine.membership.pk), str(mine.pk))
            for path in {own, path_of(row, teams.mine)}:
                for role in Role.values:
                    fields, how = fields_of(row, teams.mine)
                    climber.ask(one.method, path, **as_sent({**fields, "role": role}, how))
        for field in ("role", "permissions", "groups", "is_superuser", "user", "scope"):
            climber.ask("PATCH", "/api/v1/projects/WEB/", json={field: "owner"})
            climber.ask("PATCH", f"/api/v1/projects/WEB/members/{mine.pk}/", json={field: "owner"})
    for row in FORMS_WITH_ROLE:
        fields = fields_of(row, teams.mine)[0]
        climbers[0].post(path_of(row, teams.mine), form={**fields, "role": "owner"})
    stands_as_before(project, roles, groups, who)


def test_a_narrowed_token_does_no_more_than_its_role(teams):
    """The owner's token of each lesser role, at each address that asks for more."""
    project = teams.mine.project
    for role in ("viewer", "tester", "manager"):
        holder = teams.attacker(
            f"owner's {role} token", token=make_token(teams.people["owner"], project, role)
        )
        for row in TABLE:
            expected = row.expected().get(role) if row.is_api and "<str:key>" in row.address else 0
            if expected == 403 and not row.address.endswith(OWN):
                fields, how = fields_of(row, teams.mine)
                options = as_sent(fields, how) if fields else {}
                answer = holder.ask(row.method, path_of(row, teams.mine), **options)
                assert answer.status == 403, f"{answer.request}: {answer.status}"


def test_a_revoked_and_an_expired_token_open_nothing(teams):
    project, owner = teams.mine.project, teams.people["owner"]
    secret = make_token(owner, project, "owner", name="gone")
    holder = teams.attacker("gone token", token=secret)
    assert holder.get("/api/v1/projects/WEB/").status == 200
    tokens = ApiToken.objects.filter(digest=ApiToken.digest_of(secret))
    for ended in ({"revoked_at": "2026-01-01T00:00Z"}, {"expires_at": "2026-01-01T00:00Z"}):
        tokens.update(revoked_at=None, expires_at=None)
        assert holder.get("/api/v1/projects/WEB/").status == 200
        tokens.update(**ended)
        assert holder.get("/api/v1/projects/WEB/").status == 401


@pytest.mark.parametrize("place", ["token", "access_token", "key", "api_key", "authorization"])
def test_a_token_in_an_address_or_a_body_is_none(teams, place):
    secret = make_token(teams.people["owner"])
    stranger = teams.attacker("anonymous")
    assert stranger.get(f"/api/v1/projects/WEB/?{place}={secret}").status == 401
    assert stranger.get(f"/projects/WEB/?{place}={secret}").status == 302
    assert (
        stranger.get("/api/v1/projects/WEB/", headers={"Cookie": f"{place}={secret}"}).status == 401
    )
    for header in ("X-API-Key", "X-Token", "Token"):
        assert stranger.get("/api/v1/projects/WEB/", headers={header: secret}).status == 401
    assert not [line for line in teams.logs.lines if secret in line]
