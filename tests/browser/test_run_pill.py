"""The pill of a run's page says truly how its news come: by the socket, by polling, or not now."""

import pytest

from apps.runs import hub
from testoqa.testing import uses
from tests.browser.waiting import until
from tests.data import populate_cast
from tests.factories import make_run, send_results

pytestmark = uses(populate_cast)

# What the pill said, one after the other, while it was seen.
WATCH_PILL = """
const pill = document.querySelector("[data-pill]");
window.said = [];
new MutationObserver(() => {
  if (!pill.hidden && said.at(-1) !== pill.textContent) said.push(pill.textContent);
}).observe(pill, { attributes: true, childList: true, characterData: true, subtree: true });
"""
POLLING = "Polling every 10 s"


@pytest.fixture
def nightly(live_site, project):
    return make_run(project)


@pytest.fixture
def page(sign_in, viewer, nightly):
    page = sign_in(viewer)
    page.clock.install()
    return page


def open_run(page, run):
    page.goto(run.get_absolute_url())
    page.evaluate(WATCH_PILL)


def await_said(page, words):
    """Wait until the pill says so; the page's clock goes ahead, so that nobody waits for it."""
    for _ in range(30):
        if page.locator("[data-pill]").inner_text() == words:
            return
        page.clock.run_for(1000)
        page.wait_for_timeout(200)
    raise AssertionError(page.evaluate("said"))


def send_and_see(page, run, name):
    send_results(run, name)
    for _ in range(30):
        if page.get_by_text(name, exact=True).count():
            return
        page.clock.run_for(1000)
        page.wait_for_timeout(200)
    raise AssertionError(f"{name} did not arrive")


def test_it_says_polling_while_sockets_are_blocked_and_live_when_one_opens(page, nightly):
    blocked = [True]
    page.route_web_socket(
        "**/ws/**", lambda socket: socket.close() if blocked else socket.connect_to_server()
    )
    open_run(page, nightly)
    await_said(page, POLLING)
    for name in ["first", "second"]:
        send_and_see(page, nightly, name)
        assert page.locator("[data-pill]").inner_text() == POLLING
    said = page.evaluate("said")
    assert "Live" not in said
    assert said[-2:] == ["Reconnecting, 1 s", POLLING]

    blocked.clear()
    await_said(page, "Live")
    send_and_see(page, nightly, "third")
    assert page.locator("[data-pill]").inner_text() == "Live"


def test_a_socket_that_the_server_closes_is_opened_again_and_misses_nothing(page, nightly):
    open_run(page, nightly)
    await_said(page, "Live")
    page.evaluate("window.never_left = true")
    assert close_sockets(nightly) == 1
    until(page, "said.includes('Reconnecting, 1 s')")
    send_results(nightly, "meanwhile")
    await_said(page, "Live")
    send_and_see(page, nightly, "meanwhile")
    send_and_see(page, nightly, "afterwards")
    assert page.evaluate("window.never_left")


def close_sockets(run):
    """Close them from the server, as one that restarts does; returns how many."""
    closed = 0
    for loop, here in list(hub.hubs.items()):
        for socket in list(here.sockets.get(str(run.pk), ())):
            loop.call_soon_threadsafe(socket.expel, hub.TRY_LATER)
            closed += 1
    return closed
