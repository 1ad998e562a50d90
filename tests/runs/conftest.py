"""The apps are imported by the fixtures: this file is read before the settings are."""

import pytest


@pytest.fixture
def project(db):
    from tests.factories import make_project

    return make_project("WEB")


@pytest.fixture
def nightly(project):
    from tests.factories import make_run

    return make_run(project, branch="main")


@pytest.fixture
def owner(project):
    from tests.factories import owner_of

    return owner_of(project)


@pytest.fixture
def tester(project):
    from tests.factories import make_member

    return make_member(project, "tester")


@pytest.fixture
def viewer(project):
    from tests.factories import make_member

    return make_member(project, "viewer")


@pytest.fixture
def outsider(db):
    """Owns another project and sees nothing of this one."""
    from tests.factories import make_project, make_user

    user = make_user()
    make_project("SHOP", owner=user)
    return user
