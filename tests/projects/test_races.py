import pytest
from django.db import transaction

from apps.projects import lifecycle
from apps.projects.models import Environment, Project
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_run
from tests.races import meet, overtake

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


@pytest.mark.races("apps.projects.lifecycle.create_project")
def test_the_loser_of_a_key_leaves_nothing_behind(owner):
    outcomes = meet(
        lambda: lifecycle.create_project(key="APP", name="First", by=owner),
        lambda: lifecycle.create_project(key="APP", name="Second", by=owner),
        allow=[Refused],
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Project", "Refused"]
    assert Project.objects.count() == 3
    assert Environment.objects.count() == 3 * len(Environment.DEFAULTS)


@pytest.mark.races("apps.projects.lifecycle.take_numbers")
def test_blocks_of_numbers_do_not_overlap(project):
    @transaction.atomic
    def take():
        return lifecycle.take_numbers(project, "case", 100)

    assert overtake(take, take) == [1, 101]
    project.refresh_from_db()
    assert project.last_case_number == 200


@pytest.mark.races("apps.projects.lifecycle.change_project")
def test_settings_saved_meanwhile_give_no_number_out_again(project):
    read_before = Project.objects.get(key="WEB")
    overtake(
        lambda: make_run(project),
        lambda: lifecycle.change_project(read_before, by=None, name="Shop"),
    )
    assert make_run(project).number == 2
    assert Project.objects.get(key="WEB").name == "Shop"


@pytest.mark.races("apps.projects.lifecycle.add_environment")
def test_an_environment_is_added_once(project):
    outcomes = overtake(
        lambda: lifecycle.add_environment(project, by=None, name="uat"),
        lambda: lifecycle.add_environment(project, by=None, name="uat"),
        allow=[Refused],
    )
    assert outcomes[1].code == "unique"
    assert project.environments.filter(name="uat").count() == 1


@pytest.mark.races("apps.projects.lifecycle.remove_environment")
def test_an_environment_stays_when_a_run_begins_there_meanwhile(project):
    staging = project.environments.get(name="staging")
    _, refusal = overtake(
        lambda: make_run(project, environment="staging"),
        lambda: lifecycle.remove_environment(staging, by=None),
        allow=[Refused],
    )
    assert refusal.code == "in_use"
    assert project.runs.get().environment == staging
