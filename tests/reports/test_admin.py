"""The admin's screens of reports and files: looked at, and files removed by the verb."""

import pytest

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact, make_report, make_user
from tests.reports.results import make_run_with

pytestmark = uses(populate_cast)


@pytest.fixture(autouse=True)
def administrator(client):
    client.force_login(make_user(is_superuser=True))


def test_reports_and_their_files_can_be_searched_and_read(client, project):
    report = make_report(project, make_run_with(project, ["failed"]), detail="detailed")
    artifact = report.files.get().artifact
    for address in [
        "/admin/reports/report/?q=Nightly",
        f"/admin/reports/report/{report.pk}/change/",
        "/admin/reports/reportartifact/?q=executions",
        f"/admin/reports/reportartifact/{report.files.get().pk}/change/",
        "/admin/artifacts/artifact/?q=executions",
        f"/admin/artifacts/artifact/{artifact.pk}/change/",
    ]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert 'name="_save"' not in answer.content.decode()


def test_the_admin_removes_only_files_that_nothing_holds(client, project):
    report = make_report(project, make_run_with(project, []), detail="detailed")
    held, free = report.files.get().artifact, make_artifact(project)
    answer = client.post(
        "/admin/artifacts/artifact/",
        {"action": "remove", "_selected_action": [held.pk, free.pk]},
        follow=True,
    )
    assert "still attached" in answer.content.decode()
    assert list(project.artifacts.all()) == [held]
