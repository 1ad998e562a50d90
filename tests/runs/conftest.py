"""The factories are imported by the fixture: this file is read before the settings are."""

import pytest


@pytest.fixture
def nightly(project):
    from tests.factories import make_run

    return make_run(project, branch="main")
