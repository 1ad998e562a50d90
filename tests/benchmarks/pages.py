"""Pages over HTTP with sign-in, on a million executions and a second project as large.

    python -m tests.benchmarks.pages [--share 0.01] [--requests 200] [--loads 9]

200 runs of 5,000, one of 50,000 and one half done in each project, over 10,000 cases with tags;
then for each page 200 requests over one connection, timed from the request to the last byte; its
queries, counted in this process on the same database; and how long until Debian's chromium settles,
the median of 9 loads. `--share` takes a part of the rows, to try the benchmark itself.
"""

import argparse
import http.client
import os
import re
import sys
import time
from contextlib import contextmanager
from statistics import median
from urllib.parse import urlencode, urlsplit

from tests.benchmarks.filling import Sizes, fill
from tests.benchmarks.running import EMAIL, PASSWORD, load, make_api, product
from tests.benchmarks.table import Figure, at, report

TIME_GOAL, SIZE_GOAL, QUERIES_GOAL, SETTLED_GOAL = 100, 150, 12, 0.6
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
QUIET = 700  # ms without anything new before a page counts as settled
LONG_TASKS = """
window.long_tasks = [0];
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) long_tasks.push(task.startTime + task.duration);
}).observe({ type: "longtask", buffered: true });
"""
# The last moment at which something arrived, was painted or kept the page busy.
SETTLED = """
() => Math.max(
  ...performance.getEntriesByType("navigation").map((entry) => entry.loadEventEnd),
  ...performance.getEntriesByType("resource").map((entry) => entry.responseEnd),
  ...performance.getEntriesByType("paint").map((entry) => entry.startTime),
  ...long_tasks,
)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--loads", type=int, default=9)
    options = parser.parse_args()
    sizes = Sizes().shared(options.share)
    print(f"load {load()}")
    with product() as started:
        for key in ("WEB", "OTHER"):
            make_api(started, key)
            fill(started, key, sizes)
        session, pages = sign_in(started), pages_of(sizes)
        ask = asks_in_this_process(started)
        figures = {name: served(session, ask, name, path, options) for name, path in pages.items()}
        with browser(started, session[1]) as page:
            for name, path in pages.items():
                settled = median(settle(page, path) for _ in range(options.loads))
                figures[name].append(Figure(f"{name}, settled", settled, SETTLED_GOAL, "s"))
        title = f"Pages of a project with {sizes.whole:,} executions"
        return report(title, [figure for those in figures.values() for figure in those])


def pages_of(sizes):
    return {
        "run list": "/projects/WEB/runs/",
        f"run page of {sizes.executions:,}": f"/projects/WEB/runs/{sizes.runs}/",
        f"run page of {sizes.largest:,}": f"/projects/WEB/runs/{sizes.runs + 1}/",
        f"run page, {sizes.executions:,} half done": f"/projects/WEB/runs/{sizes.runs + 2}/",
        "case list": "/projects/WEB/cases/",
        "case list of a tag": "/projects/WEB/cases/?tag=tag+7",
        "case page": "/projects/WEB/cases/12/",
        "overview": "/projects/WEB/",
    }


def served(session, ask, name, path, options):
    times, size = measure(session, path, options.requests)
    return [
        Figure(f"{name}, p95", at(times, 0.95), TIME_GOAL, "ms"),
        Figure(f"{name}, size", size / 1024, SIZE_GOAL, "KiB"),
        Figure(f"{name}, queries", ask(path), QUERIES_GOAL, ""),
    ]


def asks_in_this_process(started):
    """ask(path) is how many queries a page takes, those of the session included.

    The product's code asks them here, of the same database, since nobody can count from outside
    which of the server's queries belong to which request.
    """
    os.environ |= {"TESTOQA_DATA": str(started.data), "DJANGO_SETTINGS_MODULE": "testoqa.settings"}
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(get_user_model().objects.get(email=EMAIL))

    def ask(path):
        client.get(path)  # what the first request does once is done then
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return len(queries)

    return ask


@contextmanager
def browser(started, cookies):
    """A page of Debian's chromium, signed in."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = chromium.new_context(base_url=started.address)
        pairs = [pair.split("=", 1) for pair in cookies.split("; ")]
        context.add_cookies(
            [{"name": name, "value": value, "url": started.address} for name, value in pairs]
        )
        context.add_init_script(LONG_TASKS)
        yield context.new_page()
        chromium.close()


def settle(page, path):
    """Seconds from the beginning of a load until nothing more happens."""
    page.goto(path, wait_until="load")
    page.wait_for_timeout(QUIET)
    return page.evaluate(SETTLED) / 1000


def sign_in(started):
    """A connection and the cookies of somebody who typed their password."""
    connection = http.client.HTTPConnection(urlsplit(started.address).netloc, timeout=60)
    connection.request("GET", "/accounts/login/")
    answer = connection.getresponse()
    form, cookies = answer.read().decode(), cookies_of(answer)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
    body = urlencode({"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": together(cookies)}
    connection.request("POST", "/accounts/login/", body, headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 302, answer.status
    return connection, together({**cookies, **cookies_of(answer)})


def cookies_of(answer):
    return dict(
        line.split(";", 1)[0].split("=", 1) for line in answer.headers.get_all("Set-Cookie") or []
    )


def together(cookies):
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def measure(session, path, requests):
    """Times in ms of the requests, and the bytes of the page."""
    connection, cookie = session
    times, size = [], 0
    for _ in range(requests):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        size = len(answer.read())
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, (path, answer.status)
    return times, size


if __name__ == "__main__":
    sys.exit(main())
