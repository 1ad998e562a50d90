"""The daily job that removes files without a row, run by the real worker."""

import os
import time

import pytest
from django.core.files.storage import default_storage
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from apps.artifacts.tasks import sweep_files
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact

pytestmark = uses(populate_cast)


def lay(name, *, days):
    path = default_storage.path(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(b"x")
    moment = time.time() - days * 86_400
    os.utime(path, (moment, moment))
    return name


@pytest.mark.django_db(transaction=True)
def test_only_old_files_without_a_row_are_removed(project, files):
    known = make_artifact(project).file.name
    os.utime(default_storage.path(known), (0, 0))
    forgotten = lay(f"{project.pk}/{'a' * 32}", days=2)
    young = lay(f"{project.pk}/{'b' * 32}", days=0.5)
    of_no_project = lay(f"999999/{'c' * 32}", days=2)
    foreign = [lay(f"{project.pk}/README", days=9), lay(f"other/{'d' * 32}", days=9)]
    job = sweep_files.defer(timestamp=0)
    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    assert ProcrastinateJob.objects.get(pk=job).status == "succeeded"
    left = [name for name in [known, young, *foreign] if default_storage.exists(name)]
    assert left == [known, young, *foreign]
    assert not default_storage.exists(forgotten)
    assert not default_storage.exists(of_no_project)
