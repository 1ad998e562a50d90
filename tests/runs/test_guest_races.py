import pytest

from apps.projects.refusals import Refused
from apps.runs import lifecycle
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_run
from tests.races import meet, overtake

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


@pytest.mark.races("apps.runs.lifecycle.add_guest")
def test_an_address_is_a_guest_once(project, owner, manager):
    run = make_run(project)
    overtake(
        lambda: lifecycle.add_guest(run, "guest@example.com", by=owner),
        lambda: lifecycle.add_guest(run, "guest@example.com", may_execute=True, by=manager),
    )
    assert run.guests.get().may_execute


@pytest.mark.races("apps.runs.lifecycle.remove_guest")
def test_a_guest_is_removed_once(project, owner, manager):
    run = make_run(project)
    guest = lifecycle.add_guest(run, "guest@example.com", by=owner)
    outcomes = meet(
        lambda: lifecycle.remove_guest(guest, by=owner),
        lambda: lifecycle.remove_guest(guest, by=manager),
        allow=[Refused],
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Refused"]
    assert not run.guests.exists()


@pytest.mark.races("apps.runs.lifecycle.add_guest", "apps.runs.lifecycle.delete_run")
def test_a_run_that_is_deleted_meanwhile_has_no_guest(project, owner):
    run = make_run(project)
    outcomes = overtake(
        lambda: lifecycle.delete_run(run, by=owner),
        lambda: lifecycle.add_guest(run, "guest@example.com", by=owner),
        allow=[Refused],
    )
    assert isinstance(outcomes[1], Refused)
    assert not project.runguests.exists()
