"""The site's own schema: partitions, composite keys, permissions, Procrastinate's jobs.

On a database of its own, beside the one that the keeper of this very test run looks after.
"""

import os

import pytest
from django.db import IntegrityError, connection, transaction

from apps.executions.models import Execution
from apps.executions.partitions import partition_of
from apps.executions.tasks import analyze_partition
from apps.projects.models import Project
from apps.runs import live
from testoqa.testing import EnsureDataError, created_in_test, databases, ensure_data
from testoqa.testing.cache import Cache
from testoqa.testing.registry import registry
from testoqa.testing.session import Choices, TestData
from tests import factories

RESULTS = ("populate_project", "populate_results")


@pytest.fixture(scope="module")
def own_database(django_db_setup, django_db_blocker):
    """Copied from the migrated template of this test run."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"testoqa_own_schema_{worker}_{os.getpid()}"
    with django_db_blocker.unblock():
        source = connection.settings_dict["TEST"].get("TEMPLATE") or databases.template("default")
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        yield name
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def site(own_database, django_db_blocker, monkeypatch, tmp_path):
    """Test data of the site, while the database named default is another one."""
    monkeypatch.setattr(registry, "functions", {})
    monkeypatch.setattr(registry, "session", None)

    @ensure_data
    def populate_project():
        project = factories.make_project("WEB")
        factories.make_member(project)
        factories.make_case(project)

    @ensure_data(populate_project)
    def populate_results():
        run = factories.make_run(Project.objects.get(key="WEB"))
        factories.send_results(run, "pays", {"name": "fails", "status": "failed"})
        analyze_partition.defer(partition=partition_of(run.pk))

    live.flusher.stop()
    with django_db_blocker.unblock(), databases.connected_to(connection, own_database):
        data = TestData("default", registry, Choices("uncached", Cache(tmp_path)))
        registry.session = data
        data.open({"t": [populate_results]})
        yield data
        data.begin(None, "t")
        live.flusher.stop()


def rows(site):
    """Every row of every table, in the order in which they lie."""
    with connection.cursor() as cursor:
        found = {}
        for name, table in site.database.tables.items():
            cursor.execute(f"SELECT tableoid::regclass::text, t::text FROM {table.rows} t")
            found[name] = cursor.fetchall()
        return found


def project():
    return Project.objects.get(key="WEB")


def test_all_rows_are_the_same_before_each_test_and_new_ones_are_numbered_alike(site):
    site.begin(RESULTS, "t")
    before = rows(site)
    uuids = set()
    for _ in range(3):
        site.begin(RESULTS, "t")
        assert rows(site) == before
        assert factories.make_project("APP").pk == 1_000_001
        run = factories.make_run(project())
        factories.send_results(run, "pays", {"name": "new", "status": "failed"})
        uuids |= {run.pk, *run.executions.values_list("pk", flat=True)}
        Execution.objects.filter(case__title="fails").delete()
        Execution.objects.update(note="seen")
        project().memberships.all().delete()
        site.end()
    assert rows(site) == before
    assert len(uuids) == 3 * 3


def test_rows_come_back_into_their_partitions(site):
    site.begin(RESULTS, "t")
    (run_id,) = set(Execution.objects.values_list("run_id", flat=True))
    assert {part for part, _ in rows(site)["executions_execution"]} == {partition_of(run_id)}
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {partition_of(run_id)} CASCADE")
    assert not Execution.objects.exists()
    site.end()
    assert {part for part, _ in rows(site)["executions_execution"]} == {partition_of(run_id)}
    assert Execution.objects.count() == 2


def test_composite_keys_hold_in_restored_rows(site):
    site.begin(RESULTS, "t")
    for _ in range(2):
        stranger = factories.make_case(factories.make_project("APP"))
        with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
            Execution.objects.filter(case__title="fails").update(case=stranger)
        site.end()
        site.begin(RESULTS, "t")


def test_jobs_of_tables_that_no_model_manages_come_back(site):
    site.begin(RESULTS, "t")
    before = rows(site)
    assert [job for _, job in before["procrastinate_jobs"] if "analyze_partition" in job]
    assert before["procrastinate_events"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    analyze_partition.defer(partition="of_the_test")
    site.end()
    assert rows(site) == before
    site.begin(("populate_project",), "t")
    assert not rows(site)["procrastinate_jobs"]


def test_permissions_are_those_of_the_recorded_project(site):
    site.begin(("populate_project",), "t")
    owner = factories.owner_of(project())
    assert list(Project.objects.visible_to(owner)) == [project()]
    assert not Execution.objects.exists()
    with transaction.atomic():
        registry.functions["populate_results"]()
        assert Execution.objects.count() == 2
        transaction.set_rollback(True)
    assert not Execution.objects.exists()
    project().memberships.all().delete()
    site.end()
    assert list(Project.objects.visible_to(owner)) == [project()]


def test_rows_that_a_test_created_are_told_from_those_that_it_found(site):
    site.begin(("populate_project",), "t")
    found, made = project(), factories.make_project("APP")
    low = Project.objects.create(pk=77, key="LOW", name="below the seed")
    assert [created_in_test(row) for row in (found, made, low)] == [False, True, True]
    found.name = "renamed"
    found.save()
    assert not created_in_test(found) and not created_in_test(found.cases.get())
    registry.functions["populate_results"]()
    assert not any(map(created_in_test, Execution.objects.all()))
    factories.send_results(factories.make_run(found), "pays")
    assert list(map(created_in_test, Execution.objects.order_by("run_id"))) == [False, False, True]
    assert created_in_test(factories.make_case(found, "new"))
    low.delete()
    with pytest.raises(EnsureDataError, match=r"\(.*below.*\): the database holds no such row"):
        created_in_test(low)
    site.end()
