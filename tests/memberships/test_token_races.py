import pytest

from apps.accounts.models import User
from apps.memberships import lifecycle
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.races import meet, overtake

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def issue(project, owner, name):
    return lifecycle.issue_service_token(project, name=name, role="tester", by=owner)


@pytest.mark.races("apps.memberships.lifecycle.issue_service_token")
def test_two_tokens_of_a_project_have_an_account_each(project, owner):
    meet(lambda: issue(project, owner, "one"), lambda: issue(project, owner, "two"))
    accounts = {token.user for token in project.tokens.all()}
    assert len(accounts) == 2
    assert {row.user for row in project.memberships.filter(user__is_service=True)} == accounts


@pytest.mark.races(
    "apps.memberships.lifecycle.revoke_token", "apps.memberships.lifecycle.remove_member"
)
def test_a_token_of_a_project_ends_once_by_whichever_way(project, owner):
    token, _ = issue(project, owner, "CI")
    membership = project.memberships.get(user=token.user)
    meet(
        lambda: lifecycle.revoke_token(token, by=owner),
        lambda: lifecycle.remove_member(membership, by=owner),
        allow=[Refused],
    )
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert not project.memberships.filter(user=token.user).exists()
    assert not User.objects.get(pk=token.user_id).is_active


@pytest.mark.races("apps.memberships.lifecycle.revoke_token")
def test_a_token_of_a_project_is_revoked_once(project, owner):
    token, _ = issue(project, owner, "CI")
    first, second = overtake(
        lambda: lifecycle.revoke_token(token, by=owner),
        lambda: lifecycle.revoke_token(token, by=owner),
    )
    assert first.revoked_at == second.revoked_at
