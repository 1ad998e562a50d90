"""Selects of runs and environments stay small, however many a project has."""

import re

import pytest
from django.urls import reverse

from apps.projects.models import Environment
from apps.runs.models import Run
from testoqa.testing import uses
from tests.data import populate_cast

pytestmark = uses(populate_cast)

MANY = 300


@pytest.fixture
def crowded(project):
    Environment.objects.bulk_create(
        Environment(project=project, name=f"zone-{number}") for number in range(MANY)
    )
    ci = project.environments.get(name="ci")
    Run.objects.bulk_create(
        Run(project=project, number=number, name=f"Run {number}", environment=ci)
        for number in range(1, MANY + 1)
    )
    project.last_run_number = MANY
    project.save(update_fields=["last_run_number"])
    return project


def choices(html, name):
    select = re.search(rf'<select name="{name}".*?</select>', html, re.DOTALL)[0]
    return re.findall(r'<option value="([^"]+)"', select)


@pytest.mark.parametrize(
    ("page", "name", "first"),
    [
        ("runs:create", "environment", None),
        ("runs:list", "environment", "ci"),
        ("executions:imports", "environment", "dev"),
        ("executions:imports", "run", str(MANY)),
    ],
)
def test_a_select_offers_the_first_hundred(crowded, client, tester, page, name, first):
    client.force_login(tester)
    offered = choices(client.get(reverse(page, args=["WEB"])).content.decode(), name)
    assert len(offered) == 100
    assert first in (None, offered[0])


def test_one_that_is_not_offered_is_taken_all_the_same(crowded, client, tester):
    client.force_login(tester)
    last = crowded.environments.get(name=f"zone-{MANY - 1}")
    form = {"name": "Smoke", "kind": "automated", "environment": last.pk}
    assert client.post(reverse("runs:create", args=["WEB"]), form).status_code == 302
    run = crowded.runs.latest("number")
    assert run.environment == last
    found = client.get(reverse("runs:list", args=["WEB"]), {"environment": last.name})
    assert found.context["page"].rows == [run]
