"""A run keeps what it executed: its pages show the steps of the version that ran."""

import pytest
from django.urls import reverse

from apps.cases import lifecycle
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_run, make_shared_steps

pytestmark = uses(populate_cast)


@pytest.fixture
def shown(client, viewer):
    def read(run, **options):
        client.force_login(viewer)
        execution = run.executions.get()
        return client.get(
            reverse("runs:execution", args=["WEB", run.number, execution.pk]), **options
        ).content.decode()

    return read


def test_an_execution_shows_the_steps_of_its_version(project, manager, shown):
    shared = make_shared_steps(project)
    case = make_case(project, steps=[{"shared": shared.pk}, {"action": "Pay by card"}])
    first = make_run(project, cases=[case])
    lifecycle.change_shared_steps(
        shared, by=manager, title="Log in", steps=[{"action": "Show the badge"}]
    )
    case.refresh_from_db()
    lifecycle.change_case(case, by=manager, steps=[{"shared": shared.pk}, {"action": "Pay cash"}])
    case.refresh_from_db()
    second = make_run(project, cases=[case])
    for options in ({}, {"headers": {"HX-Request": "true"}}):
        before, now = shown(first, **options), shown(second, **options)
        for old in ("Sign in", "Open the page", "Pay by card", "now at 3"):
            assert old in before, old
            assert old not in now, old
        for new in ("Log in", "Show the badge", "Pay cash"):
            assert new in now, new
            assert new not in before, new
