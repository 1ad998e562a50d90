"""The site's own schema: partitions, composite keys, permissions, Procrastinate's jobs."""

import pytest
from django.db import connection, transaction

from apps.executions.models import Execution
from apps.projects.models import Project
from testoqa.testing import ensure_data
from testoqa.testing.cache import Cache
from testoqa.testing.registry import registry
from testoqa.testing.session import Choices, TestData
from tests import factories


@pytest.fixture
def site(transactional_db, monkeypatch, tmp_path):
    """Test data of the site's database, which is left as it was found."""
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

    data = TestData("default", registry, Choices("uncached", Cache(tmp_path)))
    registry.session = data
    data.open({"t": [populate_results]})
    yield data
    data.begin(None, "t")
    connection.cursor().execute("DROP SCHEMA _testoqa CASCADE")


def rows():
    return {
        model._meta.db_table: sorted(str(row) for row in model.objects.values_list())
        for model in (Project, Execution)
    }


def test_rows_of_the_site_are_the_same_before_each_test(site):
    names = ("populate_project", "populate_results")
    site.begin(names, "t")
    before, prints = rows(), site.database.fingerprint()
    assert Execution.objects.count() == 2
    project = Project.objects.get(key="WEB")
    for _ in range(2):
        factories.send_results(factories.make_run(project), {"name": "pays", "status": "failed"})
        assert factories.make_project("APP").pk == 1_000_001
        Execution.objects.update(note="seen")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('q', 't')"
            )
        site.end()
        assert rows() == before and site.database.fingerprint() == prints
        site.begin(names, "t")


def test_permissions_are_those_of_the_recorded_project(site):
    site.begin(("populate_project",), "t")
    owner = factories.owner_of(Project.objects.get(key="WEB"))
    assert list(Project.objects.visible_to(owner)) == [Project.objects.get(key="WEB")]
    assert not Execution.objects.exists()
    with transaction.atomic():
        registry.functions["populate_results"]()
        assert Execution.objects.count() == 2
        transaction.set_rollback(True)
    assert not Execution.objects.exists()
