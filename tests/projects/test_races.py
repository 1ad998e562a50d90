import pytest
from django.db import transaction

from apps.projects import lifecycle
from apps.projects.models import Environment, Project
from apps.projects.refusals import Refused
from tests.factories import make_project
from tests.races import meet, overtake

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.races("apps.projects.lifecycle.create_project")
def test_the_loser_of_a_key_leaves_nothing_behind():
    outcomes = meet(
        lambda: lifecycle.create_project(key="WEB", name="First"),
        lambda: lifecycle.create_project(key="WEB", name="Second"),
        allow=[Refused],
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Project", "Refused"]
    assert Project.objects.count() == 1
    assert Environment.objects.count() == len(Environment.DEFAULTS)


@pytest.mark.races("apps.projects.lifecycle.take_numbers")
def test_blocks_of_numbers_do_not_overlap():
    project = make_project("WEB")

    @transaction.atomic
    def take():
        return lifecycle.take_numbers(project, "case", 100)

    assert overtake(take, take) == [1, 101]
    project.refresh_from_db()
    assert project.last_case_number == 200


@pytest.mark.races("apps.projects.lifecycle.remove_environment")
def test_an_environment_stays_when_a_run_begins_there_meanwhile():
    project = make_project("WEB")
    staging = project.environments.get(name="staging")

    def begin_a_run():
        number = lifecycle.take_numbers(project, "run")
        return project.runs.create(number=number, name="Nightly", environment=staging)

    _, refusal = overtake(
        begin_a_run, lambda: lifecycle.remove_environment(staging, by=None), allow=[Refused]
    )
    assert refusal.code == "in_use"
    assert project.runs.get().environment == staging
