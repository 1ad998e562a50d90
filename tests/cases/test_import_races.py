"""Imports of cases on two connections at once."""

import json

import pytest

from apps.cases import lifecycle
from apps.cases.content import content_of
from apps.cases.intake import reading
from apps.cases.intake.reading import read_waiting
from apps.cases.intake.storing import Batch
from apps.cases.models import Case, CaseImport
from apps.projects.refusals import TransitionRefused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_shared_steps, make_suite
from tests.races import meet, overtake

from .importing import upload

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]

FILE = "Id,Title,Suite,Tags\n" + "".join(f"{n},Case {n},Shop,money\n" for n in range(20))


def kinds(outcomes):
    return sorted(type(outcome).__name__ for outcome in outcomes)


@pytest.mark.races("apps.cases.lifecycle.send_case_file")
def test_two_files_sent_at_once_are_both_kept(project, manager, run_jobs):
    arrivals = meet(
        lambda: upload(project, FILE, "one.csv", by=manager),
        lambda: upload(project, FILE, "two.csv", by=manager),
    )
    assert len({arrival.upload.name for arrival in arrivals}) == 2
    assert CaseImport.objects.filter(state="uploaded").count() == 2


@pytest.mark.races("apps.cases.lifecycle.start_case_import")
def test_an_import_is_started_once(project, manager, run_jobs):
    arrival = upload(project, FILE, by=manager)
    outcomes = overtake(
        lambda: lifecycle.start_case_import(arrival, by=manager),
        lambda: lifecycle.start_case_import(arrival, by=manager, dry_run=True),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["CaseImport", "TransitionRefused"]
    run_jobs()
    assert CaseImport.objects.get().created == Case.objects.count() == 20


@pytest.mark.races(
    "apps.cases.lifecycle.discard_case_import", "apps.cases.lifecycle.start_case_import"
)
def test_a_discarded_file_is_not_started(project, manager, run_jobs):
    arrival = upload(project, FILE, by=manager)
    outcomes = overtake(
        lambda: lifecycle.discard_case_import(arrival, by=manager),
        lambda: lifecycle.start_case_import(arrival, by=manager),
        allow=[TransitionRefused],
    )
    assert kinds(outcomes) == ["CaseImport", "TransitionRefused"]
    assert CaseImport.objects.get().state == "refused" and not Case.objects.exists()


def test_the_same_file_twice_at_once_makes_each_case_once(project, manager, run_jobs):
    arrivals = [upload(project, FILE, by=manager) for _ in range(2)]
    for arrival in arrivals:
        lifecycle.start_case_import(arrival, by=manager)
    meet(*(lambda pk=arrival.pk: read_waiting(pk) for arrival in arrivals))
    assert Case.objects.count() == 20
    done = CaseImport.objects.order_by("created")
    assert [(one.created, one.unchanged) for one in done] == [(0, 20), (20, 0)]


def test_two_workers_at_one_import_make_each_case_once(project, manager, run_jobs):
    arrival = upload(project, FILE, by=manager)
    lifecycle.start_case_import(arrival, by=manager)
    meet(lambda: read_waiting(arrival.pk), lambda: read_waiting(arrival.pk))
    arrival.refresh_from_db()
    assert (arrival.state, arrival.created, arrival.rows.count()) == ("done", 20, 20)
    assert Case.objects.count() == 20


def test_an_import_and_a_new_case_take_different_numbers(project, manager, run_jobs):
    arrival = upload(project, FILE, by=manager)
    lifecycle.start_case_import(arrival, by=manager)
    suite = make_suite(project, "Shop")
    meet(
        lambda: read_waiting(arrival.pk),
        lambda: lifecycle.create_case(project, by=manager, title="By hand", suite=suite),
    )
    numbers = Case.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 22))


@pytest.mark.races("apps.cases.lifecycle.add_missing_fields")
def test_two_files_that_lack_one_field_make_it_once(project, owner):
    fields = [{"name": "Level", "kind": "number"}]
    data = json.dumps({"format": "testoqa-cases", "version": 1, "fields": fields, "cases": []})
    arrivals = [upload(project, data, "x.json", by=owner) for _ in range(2)]
    overtake(
        *(
            lambda arrival=arrival: lifecycle.add_missing_fields(arrival, by=owner)
            for arrival in arrivals
        )
    )
    assert project.custom_fields.get().name == "Level"
    for arrival in arrivals:
        arrival.refresh_from_db()
        assert arrival.mapping["field.Level"] == "field.Level"
        assert (arrival.options["missing_fields"], arrival.warnings) == ([], [])


@pytest.fixture
def between(monkeypatch):
    """between(verb) has it done after the first of the batches of one row."""

    def arrange(verb):
        store, done = Batch.store, []

        def stored(batch, drafts, **how):
            store(batch, drafts, **how)
            if not done:
                done.append(verb())

        monkeypatch.setattr(Batch, "store", stored)
        monkeypatch.setattr(reading, "BATCH", 1)

    return arrange


@pytest.mark.parametrize("change", [{"name": "Engine"}, {"options": ["firefox"]}])
def test_fields_that_change_while_a_file_is_taken_in_end_it(
    project, owner, manager, run_jobs, between, change
):
    options = ["firefox", "chrome"]
    field = lifecycle.create_custom_field(
        project, by=owner, name="Browser", kind="choice", options=options
    )
    between(lambda: lifecycle.change_custom_field(field, by=owner, **change))
    arrival = upload(project, "Title,Browser\na,firefox\nb,chrome\n", by=manager)
    lifecycle.start_case_import(arrival, by=manager)
    run_jobs()
    arrival.refresh_from_db()
    assert (arrival.state, arrival.created, Case.objects.count()) == ("refused", 1, 1)
    assert "custom fields of WEB were changed" in arrival.reason
    assert "1 row before was taken in" in arrival.reason


@pytest.mark.parametrize("gone", [True, False])
def test_shared_steps_are_used_as_they_are_when_a_case_is_stored(
    project, owner, manager, run_jobs, between, gone
):
    shared = make_shared_steps(project, "Sign in", by=owner)
    if gone:
        between(lambda: lifecycle.delete_shared_steps(shared, by=owner))
    else:
        new = [{"action": "Sign in anew"}]
        between(lambda: lifecycle.change_shared_steps(shared, by=owner, steps=new))
    rows = "Title,Steps\na,Open\nb,Shared: Sign in\n"
    arrival = upload(project, rows, by=manager)
    lifecycle.start_case_import(arrival, by=manager)
    run_jobs()
    arrival.refresh_from_db()
    if gone:
        assert (arrival.state, Case.objects.count()) == ("refused", 1)
        assert "shared steps are gone" in arrival.reason
        return
    assert (arrival.state, Case.objects.count()) == ("done", 2)
    (step,) = content_of(Case.objects.with_content().get(title="b"))["steps"]
    assert [one["action"] for one in step["steps"]] == ["Sign in anew"]
    version = Case.objects.get(title="b").versions.get()
    assert version.content["steps"] == [step]
