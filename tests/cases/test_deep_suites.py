"""Suites nest without limit: a tree a thousand levels deep is read and changed as any other."""

import pytest
from django.urls import reverse

from apps.cases import lifecycle
from apps.cases.tree import SEPARATOR, each_node, shown_tree
from testoqa.testing import uses
from tests.cases.importing import Importer, outcomes
from tests.data import populate_cast
from tests.factories import make_case, make_suite, make_token

pytestmark = uses(populate_cast)

LEVELS = 1_000
NAMES = tuple(f"s{level}" for level in range(LEVELS))
API = "/api/v1/projects/WEB/suites/"


@pytest.fixture
def deepest(project):
    """The last of a line of suites, with a case."""
    found = lifecycle.find_or_create_suites(project, [NAMES])
    suite = project.suites.get(pk=found[NAMES])
    make_case(project, suite=suite)
    return suite


def test_its_tree_and_its_pages_are_shown(project, deepest, manager, client):
    nodes = list(each_node(shown_tree(project, deepest.pk).nodes))
    assert [(node.name, node.count) for node in nodes] == [(name, 1) for name in NAMES]
    client.force_login(manager)
    shown = client.get(reverse("cases:list", args=["WEB"], query={"suite": deepest.pk}))
    assert (shown.status_code, shown.text.count("<ul><li><a class")) == (200, LEVELS)
    counts = reverse("cases:suite_counts", args=["WEB"], query={"suite": deepest.pk})
    assert len(client.get(counts).json()["suites"]) == LEVELS
    for address in [
        reverse("cases:suite_edit", args=["WEB", deepest.pk]),
        reverse("cases:list", args=["WEB"], query={"q": f"suite:s{LEVELS - 1}"}),
        reverse("cases:edit", args=["WEB", 1]),
    ]:
        assert client.get(address).status_code == 200


def test_the_api_reads_it(deepest, manager, client):
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {make_token(manager)}"
    names, page = [], f"{API}?limit=500"
    while page:
        answer = client.get(page).json()
        names += [suite["name"] for suite in answer["results"]]
        page = answer["next"]
    assert names == [*NAMES]
    assert client.get(f"{API}{deepest.pk}/").json()["path"] == SEPARATOR.join(NAMES)


def test_every_verb_changes_it(project, deepest, manager):
    by, top = manager, project.suites.get(parent=None)
    lifecycle.create_suite(project, by=by, name="below", parent=deepest)
    lifecycle.change_suite(top, by=by, name="top")
    lifecycle.move_suite(top, by=by, parent=make_suite(project, "other"))
    deepest.refresh_from_db()
    assert deepest.path == SEPARATOR.join(["other", "top", *NAMES[1:]])
    lifecycle.step_suite(top, by=by, direction="out")
    copy = lifecycle.copy_suite(top, by=by)
    assert (project.suites.count(), copy.cases) == (2 * (LEVELS + 1) + 1, 1)
    lifecycle.archive_suite(top, by=by)
    assert project.suites.filter(archived_at=None).count() == LEVELS + 2
    lifecycle.restore_suite(top, by=by)
    lifecycle.archive_suite(top, by=by)
    lifecycle.bring_back_suites(project, [deepest.pk], by=by)
    assert project.suites.exclude(archived_at=None).get().name == "below"
    lifecycle.delete_suite(top, by=by, cases=1)
    assert project.suites.count() == LEVELS + 2


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_it_goes_into_files_and_back(
    project, other_project, deepest, manager, outsider, client, run_jobs, kind
):
    client.force_login(manager)
    answer = client.get(reverse("cases:export", args=["WEB"], query={"format": kind}))
    file = b"".join(answer.streaming_content)
    arrival = Importer(other_project, outsider, run_jobs).take(file, f"cases.{kind}")
    assert outcomes(arrival) == ["created"]
    assert other_project.cases.get().suite.path == SEPARATOR.join(NAMES)
