from datetime import UTC, datetime

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_member, make_user

pytestmark = uses(populate_cast)


def test_times_are_those_of_the_readers_zone(client, project):
    owner = project.memberships.get(role="owner")
    owner.created_at = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
    owner.save()
    for zone, seen in [("UTC", "1 Jan 2026, 23:30"), ("Asia/Tokyo", "2 Jan 2026, 08:30")]:
        client.force_login(make_member(project, "viewer", make_user(time_zone=zone)))
        assert seen in client.get("/projects/WEB/members/").text
