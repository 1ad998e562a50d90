"""Every page of the permission table in a browser: none fails, breaks the policy, asks others, or
has a control without a name."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings

from testoqa.testing import uses
from tests.browser.conftest import Complaints
from tests.walls.permissions.row import PEOPLE
from tests.walls.permissions.setting import find_setting, populate_both_projects
from tests.walls.permissions.table import TABLE
from tests.walls.test_permission_table import path_of

pytestmark = uses(populate_both_projects)

FILES = {
    "projects/<str:key>/activity/export/",
    "projects/<str:key>/cases/export/",
    "projects/<str:key>/cases/import/<uuid:id>/rows.csv",
}
"""What a browser saves rather than shows."""
PAGES = [
    row
    for row in TABLE
    if row.method == "GET"
    and not row.is_api
    and row.address not in FILES
    and {200, 302} & {*row.expected().values()}
]
SETTLES = 150
"""Milliseconds in which a page does what it does by itself after it has come."""
COLLECT_BREACHES = """
window.breaches = [];
document.addEventListener("securitypolicyviolation", (event) => {
  breaches.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""
NAMES = """
() => {
  const short = (element) => element.outerHTML.slice(0, 100);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const fields = all("input:not([type=hidden]), select, textarea").filter(
    (field) => !field.labels?.length && !field.ariaLabel && !field.hasAttribute("aria-labelledby")
  );
  const silent = all("button, a[href]").filter(
    (element) => !element.textContent.trim() && !element.ariaLabel
  );
  const other = all("button[aria-label], a[aria-label]").filter((element) => {
    const keys = element.querySelector("kbd")?.innerText ?? "";
    const words = element.innerText.replace(keys, "").replace(/\\s+/g, " ").trim();
    return /[a-z]{3}/i.test(words) && !element.ariaLabel.includes(words);
  });
  const ids = all("[id]").map((element) => element.id);
  const loose = all("[aria-describedby], [aria-labelledby]").filter((element) =>
    [element.getAttribute("aria-describedby"), element.getAttribute("aria-labelledby")]
      .join(" ").split(" ").some((id) => id && !document.getElementById(id))
  );
  return [
    ...fields.map((element) => `a field without a label: ${short(element)}`),
    ...silent.map((element) => `a control without a name: ${short(element)}`),
    ...other.map((element) => `a name without the words that are seen: ${short(element)}`),
    ...loose.map((element) => `described by what is not there: ${short(element)}`),
    ...ids.filter((id, place) => ids.indexOf(id) !== place).map((id) => `an id twice: ${id}`),
  ];
}
"""
"""What somebody who listens to a page, or speaks to it, would miss."""
OF_OTHERS = ("admin/", "api/")
"""Pages that Django and Swagger make."""


class OfPages(Complaints):
    """Without the icon, for which the browser asks by itself when a fragment is opened alone."""

    def console(self, message):
        if not message.location["url"].endswith("/favicon.ico"):
            super().console(message)


@pytest.fixture
def setting(live_site):
    """The table's own, with real commits."""
    return find_setting()


@pytest.fixture
def page(chromium, live_site):
    context = chromium.new_context(base_url=live_site)
    context.add_init_script(COLLECT_BREACHES)
    yield context.new_page()
    context.close()


def reader_of(row):
    """Who sees the page itself; where everybody is sent on, it is opened to see where."""
    codes = row.expected()
    shown = [who for who in PEOPLE if codes[who] == 200]
    sent_on = [who for who in PEOPLE if codes[who] == 302]
    return shown[0] if shown else "anonymous" if row.public else sent_on[0]


def sign_in(page, key, address):
    page.context.clear_cookies()
    if key:
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": key, "url": address}])


def test_no_page_complains_or_asks_another_host(setting, page, live_site):
    complaints, found = OfPages(), {}
    complaints.watch(page, urlsplit(live_site).netloc)
    for row in PAGES:
        who = reader_of(row)
        sign_in(page, setting.sessions[who], live_site)
        answer = page.goto(
            path_of(row, setting.mine.project, setting.mine), wait_until="domcontentloaded"
        )
        page.wait_for_timeout(SETTLES)
        complaints += [f"policy: {breach}" for breach in page.evaluate("window.breaches ?? []")]
        if answer.status != 200:
            complaints.append(f"answer: {answer.status}")
        if not row.address.startswith(OF_OTHERS):
            complaints += page.evaluate(NAMES)
        if complaints:
            found[f"{row} by {who}"] = [*complaints]
            complaints.clear()
    assert not found, "\n".join(f"{row}: {said}" for row, said in found.items())


def test_the_pages_of_every_part_are_among_them():
    addresses = {row.address for row in PAGES}
    assert {"", "admin/", "api/docs/", "projects/<str:key>/runs/<int:number>/"} <= addresses
    assert len(addresses) > 50
