"""The way a pipeline talks to the project: by API, with a token.

The apps are imported by the fixtures: this file is read before the settings are.
"""

import pytest


@pytest.fixture
def ci(project):
    """Sends files and batches as a tester of the project."""
    from tests.executions.pipeline import Pipeline

    return Pipeline(project)
