"""A project and the way a pipeline talks to it: by API, with a token.

The apps are imported by the fixtures: this file is read before the settings are.
"""

import pytest


@pytest.fixture
def project(db):
    from tests.factories import make_project

    return make_project("WEB")


@pytest.fixture
def ci(project):
    """Sends files and batches as a tester of the project."""
    from tests.executions.pipeline import Pipeline

    return Pipeline(project)
