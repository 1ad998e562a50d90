from datetime import UTC, datetime

import pytest

from tests.factories import make_member, make_project, make_user

pytestmark = pytest.mark.django_db


def test_times_are_those_of_the_readers_zone(client):
    project = make_project("WEB")
    owner = project.memberships.get()
    owner.created_at = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
    owner.save()
    for zone, seen in [("UTC", "1 Jan 2026, 23:30"), ("Asia/Tokyo", "2 Jan 2026, 08:30")]:
        client.force_login(make_member(project, "viewer", make_user(time_zone=zone)))
        assert seen in client.get("/projects/WEB/members/").text
