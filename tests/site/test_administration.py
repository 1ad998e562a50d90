"""What the administration shows of jobs, which no app of ours owns."""

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from testoqa.testing import uses
from tests.factories import make_user

pytestmark = uses()

JOBS = "/admin/procrastinate/procrastinatejob/"


@pytest.fixture
def jobs(client):
    """Two jobs that wait, and an administrator who looks at them."""
    client.force_login(make_user(is_superuser=True))
    for task, words in (("builtin.one", "first words"), ("builtin.two", "second words")):
        app.configure_task(task, queueing_lock=task, allow_unknown=True).defer(note=words)
    return {job.task_name: job for job in ProcrastinateJob.objects.all()}


@pytest.mark.parametrize("query", ["builtin.two", "second words"])
def test_a_job_is_found_by_its_task_and_by_its_arguments(client, jobs, query):
    found = client.get(JOBS, {"q": query}).context["cl"].queryset
    assert [job.task_name for job in found] == ["builtin.two"]


def test_a_job_is_found_by_its_number(client, jobs):
    wanted = jobs["builtin.one"]
    assert list(client.get(JOBS, {"q": wanted.pk}).context["cl"].queryset) == [wanted]
