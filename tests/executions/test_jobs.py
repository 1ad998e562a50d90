"""Files too large for their request are read by the worker."""

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from apps.executions import partitions
from apps.executions.models import Import
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_run

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def always_a_job(settings):
    settings.QUICK_IMPORT = 0


def test_a_large_file_is_read_by_a_job(ci, run_jobs):
    answer = ci.send(["pays", ("adds", "failed")])
    assert answer.status_code == 202
    queued = answer.json()
    assert answer["Location"] == queued["url"]
    assert (queued["state"], queued["run"], queued["bytes_read"]) == ("queued", None, 0)
    upload = Import.objects.get().upload.name
    assert default_storage.exists(upload)
    run_jobs()
    receipt = ci.get(f"imports/{queued['id']}/").json()
    assert (receipt["state"], receipt["stored"]) == ("done", 2)
    assert receipt["bytes_read"] == receipt["bytes_total"] > 0
    assert receipt["run"]["status"] == "failed"
    assert ci.get(f"imports/{queued['id']}/", fail_on="failed").status_code == 422
    assert not default_storage.exists(upload)
    assert Import.objects.get().upload.name == ""


def test_the_same_large_file_is_queued_once(ci, run_jobs):
    first = ci.send(["pays"]).json()
    again = ci.send(["pays"])
    assert (again.status_code, again.json()["id"]) == (202, first["id"])
    run_jobs()
    assert ci.send(["pays"]).status_code == 200
    assert ci.project.runs.count() == 1


def test_a_large_file_that_cannot_be_read_is_refused_by_its_job(ci, run_jobs):
    receipt = ci.send(b"<testsuite><testcase name='a'/>").json()
    run_jobs()
    told = ci.get(f"imports/{receipt['id']}/").json()
    assert (told["state"], told["run"]) == ("refused", None)
    assert told["reason"]
    assert not ci.project.cases.exists()
    assert Import.objects.get().upload.name == ""


def test_a_run_that_finished_meanwhile_refuses_the_file(ci, run_jobs):
    make_run(ci.project)
    ci.post("runs/1/start/")
    receipt = ci.send(["pays"], run="1").json()
    ci.post("runs/1/finish/")
    run_jobs()
    told = ci.get(f"imports/{receipt['id']}/").json()
    assert told["state"] == "refused"
    assert "completed" in told["reason"]


def test_an_unknown_environment_is_refused_before_it_is_queued(ci):
    assert ci.send(["pays"], environment="qa").status_code == 422
    assert not Import.objects.exists()


def test_a_job_done_twice_changes_nothing(ci, run_jobs):
    receipt = ci.send(["pays"]).json()
    run_jobs()
    done = ci.get(f"imports/{receipt['id']}/").json()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'read_import'")
        assert cursor.fetchone() == (1,)
    from apps.executions.tasks import read_import

    read_import.defer(import_id=receipt["id"])
    run_jobs()
    assert ci.get(f"imports/{receipt['id']}/").json() == done


def test_an_upload_that_was_read_and_not_removed_goes_with_the_next_try(ci, run_jobs):
    from apps.executions.tasks import read_import

    receipt = ci.send(["pays"]).json()
    upload = Import.objects.get().upload.name
    run_jobs()
    Import.objects.update(upload=default_storage.save(upload, _file()))
    read_import.defer(import_id=receipt["id"])
    run_jobs()
    assert Import.objects.get().upload.name == ""
    assert not default_storage.exists(upload)


def test_a_file_that_is_lost_is_refused_after_the_last_try(ci, run_jobs):
    receipt = ci.send(["pays"]).json()
    default_storage.delete(Import.objects.get().upload.name)
    for _ in range(4):
        run_jobs()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")
    told = ci.get(f"imports/{receipt['id']}/").json()
    assert told["state"] == "refused"
    assert "error of this site" in told["reason"]


def test_many_results_ask_once_for_new_statistics(ci, run_jobs, settings):
    settings.QUICK_IMPORT = 5 << 20
    for prefix in "ab":
        ci.take([f"{prefix}{n}" for n in range(5000)], run_key="k")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args ->> 'partition' FROM procrastinate_jobs "
            "WHERE task_name = 'analyze_partition' AND status = 'todo'"
        )
        (partition,) = cursor.fetchone()
        assert cursor.fetchone() is None
    assert partition == partitions.partition_of(ci.project.runs.get().pk)
    run_jobs()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status FROM procrastinate_jobs WHERE task_name = 'analyze_partition'"
        )
        assert cursor.fetchall() == [("succeeded",)]
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = to_regclass(%s)", [partition])
        assert cursor.fetchone()[0] >= 10_000


def _file():
    from django.core.files.base import ContentFile

    return ContentFile(b"<testsuite/>")
