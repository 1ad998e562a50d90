import pytest


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    """The folder of stored files, one for each test."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path
