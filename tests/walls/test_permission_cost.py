"""What a page or an answer of the API costs for permissions: two queries at most."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from testoqa.testing import uses

from .permissions.setting import find_setting, populate_both_projects
from .permissions.table import TABLE
from .test_permission_table import ask, client_of, path_of

pytestmark = uses(populate_both_projects)

MOST = 2
ASKED = re.compile(
    r"projects_project(?:group|user)objectpermission|auth_permission|auth_group|user_groups"
    r"|runs_runguest|memberships_membership"
)
CONTENT = re.compile(
    r'^SELECT (?!DISTINCT)[^()]*"memberships_membership"."role"[^()]* FROM'
    r'|"mine"\."role" AS "role"'
    r'|^SELECT "runs_runguest"\."id",.* WHERE "runs_runguest"\."run_id" = '
    r'|^SELECT "accounts_user"\."id",.* AS "unread_mentions"'
    r'|^SELECT "accounts_user"\."email" AS "user__email" FROM "memberships_membership"'
    r'|^SELECT DISTINCT "accounts_user"\."id",.* ORDER BY "accounts_user"\."email" ASC LIMIT 100'
)
"""What is shown: members with their roles, one's own role, the guests of a run, the person
themself with what the bell tells, and the members that may own a case."""
PAGES = [row for row in TABLE if row.method == "GET" and "<str:key>" in row.address]


@pytest.fixture
def setting():
    return find_setting()


def asked(client, row, path, things, **headers):
    """The queries of a request that ask what somebody may do."""
    ask(client, row, path, things, **headers)  # so that what is kept in memory is there
    with CaptureQueriesContext(connection) as queries:
        assert ask(client, row, path, things, **headers).status_code == 200
    found = [query["sql"] for query in queries.captured_queries if ASKED.search(query["sql"])]
    return [sql for sql in found if "objectpermission" in sql or not CONTENT.search(sql)]


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_permissions_cost_two_queries_at_most(row, setting):
    path = path_of(row, setting.mine.project, setting.mine)
    found = asked(client_of(setting, "owner"), row, path, setting.mine)
    assert 1 <= len(found) <= MOST, "\n".join(found)
    if row.is_api:
        bearer = f"Bearer {setting.secrets['confined']}"
        found = asked(Client(), row, path, setting.mine, authorization=bearer)
        assert 1 <= len(found) <= MOST, "\n".join(found)


@pytest.mark.parametrize("address", ["", "api/v1/projects/"])
def test_the_list_of_projects_costs_no_more(address, setting):
    (row,) = [row for row in TABLE if (row.method, row.address) == ("GET", address)]
    found = asked(client_of(setting, "owner"), row, f"/{address}", setting.mine)
    assert 1 <= len(found) <= MOST, "\n".join(found)
