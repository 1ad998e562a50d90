"""Two people watch one run fill up."""

import io
import json

import orjson
import pytest
from django.db import connection

from apps.executions.intake import record_results
from apps.runs import lifecycle
from testoqa.testing import uses
from tests.browser.waiting import until
from tests.data import populate_cast
from tests.factories import owner_of

pytestmark = uses(populate_cast)

BATCHES, SIZE = 20, 100
# The page's sockets, so that one can be lost; what they receive, so that it can be counted.
KEEP_SOCKETS = """
window.sockets = [];
window.frames_seen = [];
window.WebSocket = class extends WebSocket {
  constructor(...parts) {
    super(...parts);
    sockets.push(this);
    this.addEventListener("message", (event) => frames_seen.push(event.data));
  }
};
"""
GROUPS = {
    "new": "new_failure",
    "failed": "verdict IN ('failed', 'error') AND NOT new_failure",
    "flaky": "flaky",
    "pending": "state <> 'finished'",
    "rest": "verdict IN ('passed', 'skipped', 'blocked') AND NOT flaky",
}


@pytest.fixture
def nightly(live_site, project):
    """A run that fails in two places which failed before, and in others newly."""
    before = make_run(project)
    send(before, 0, range(SIZE), failing={7, 8})
    lifecycle.finish(before, by=owner_of(project))
    return make_run(project)


def make_run(project):
    environment = project.environments.get(name="ci")
    return lifecycle.create_run(
        project,
        by=owner_of(project),
        name="Nightly",
        environment=environment,
        branch="main",
    )


def send(run, batch, numbers, failing=None):
    results = [result(batch * SIZE + number, failing) for number in numbers]
    return record_results(
        run,
        io.BytesIO(orjson.dumps(results)),
        by=owner_of(run.project),
        content_type="application/json",
    )


def result(number, failing=None):
    fails = number % 40 in (7, 8) if failing is None else number in failing
    status = "failed" if fails else "skipped" if number % 50 == 3 else "passed"
    message = f"AssertionError: {number} != {number + 1}" if fails else ""
    return {
        "name": f"shop.Test{number // 50}::case_{number}",
        "status": status,
        "duration_ms": 10 + number % 90,
        "message": message,
    }


def select(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def test_two_browsers_watch_a_run_fill_up_and_agree_with_the_database(
    sign_in, project, owner, viewer, nightly
):
    watchers = [sign_in(owner), sign_in(viewer)]
    for page in watchers:
        page.add_init_script(KEEP_SOCKETS)
        page.goto(f"/projects/WEB/runs/{nightly.number}/")
        until(page, "frames_seen.length > 0")
        page.evaluate("window.never_left = true")
        assert page.locator("[data-groups] li[id]").count() == 0

    seen_on_the_way = []
    for batch in range(BATCHES):
        send(nightly, batch, range(SIZE))
        watchers[0].wait_for_timeout(250)
        if batch == 8:
            seen_on_the_way = [page.locator("[data-groups] li[id]").count() for page in watchers]
        if batch == 10:
            for page in watchers:
                page.evaluate("sockets[0].close()")
    lifecycle.finish(nightly, by=owner_of(project))

    [(total,)] = select("SELECT count(*) FROM executions_execution WHERE run_id = %s", nightly.pk)
    assert total == BATCHES * SIZE
    for page, rows in zip(watchers, seen_on_the_way, strict=True):
        assert rows > 0, "no row appeared while the results arrived"
        page.wait_for_selector("[data-part=head][data-status=failed]")
        assert page.evaluate("window.never_left"), "the page was loaded again"
        assert_recovered(page)
        assert_head_agrees(page, nightly)
        assert_rows_agree(page, nightly)


def assert_recovered(page):
    first, *later = page.evaluate("sockets.map((socket) => socket.url)")
    assert first.endswith("?since=0")
    assert later, "the lost socket was not opened again"
    assert int(later[0].split("since=")[1]) > 0
    frames = [json.loads(frame) for frame in page.evaluate("frames_seen")]
    assert len({frame["seq"] for frame in frames if "counts" in frame}) >= 5
    assert not any(frame.get("resync") for frame in frames)


def assert_head_agrees(page, run):
    [(total, passed, failed, skipped, new)] = select(
        """
        SELECT count(*), count(*) FILTER (WHERE verdict = 'passed'),
            count(*) FILTER (WHERE verdict = 'failed'),
            count(*) FILTER (WHERE verdict = 'skipped'), count(*) FILTER (WHERE new_failure)
        FROM executions_execution WHERE run_id = %s
        """,
        run.pk,
    )
    figures = {"done": total, "passed": passed, "skipped": skipped, "new": new}
    for name, count in {**figures, "known": failed - new}.items():
        shown = page.locator(f".counters [data-count={name}]").inner_text()
        assert shown == f"{count:,}", name
    words = page.locator("[data-part=progress] .bar").get_attribute("aria-label")
    assert words == f"{passed:,} passed, {failed} failed, {skipped} skipped of {total:,}"
    slices = page.locator("[data-part=progress] .ribbon path").evaluate_all(
        "paths => paths.map((path) => path.getAttribute('d').split('M').length - 1)"
    )
    assert sum(slices) == 240


def assert_rows_agree(page, run):
    page.evaluate("scrollTo(0, 0)")
    for name, condition in GROUPS.items():
        expected = select(
            f"SELECT id::text, status FROM executions_execution "
            f"WHERE run_id = %s AND {condition} ORDER BY id",
            run.pk,
        )
        group = page.locator(f"[data-groups] [data-group={name}]")
        assert group.locator("[data-group-count]").inner_text() == f"{len(expected):,}"
        while (more := group.get_by_text("Show more")).count():
            before = group.locator("li[id]").count()
            more.dispatch_event("click")
            until(
                page, f"document.querySelectorAll('[data-group={name}] li[id]').length > {before}"
            )
        shown = group.locator("li[id]").evaluate_all(
            "rows => rows.map((row) => [row.id.slice(2), row.querySelector('.st').dataset.s])"
        )
        assert [tuple(row) for row in shown] == expected, name
