"""Headers that every answer has: pages, API, errors, refusals of bodies, static files."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.test import Client

from testoqa.headers import HEADERS
from testoqa.testing import uses
from tests.walls.permissions.row import PEOPLE
from tests.walls.permissions.setting import find_setting, populate_both_projects
from tests.walls.permissions.table import TABLE
from tests.walls.test_permission_table import ask, client_of, path_of, read

pytestmark = uses(populate_both_projects)


def assert_headers(answer, what):
    missing = {name for name, value in HEADERS.items() if answer.headers.get(name) != value}
    assert not missing, f"{what}: {missing}"


@pytest.mark.parametrize("who", ["owner", "outsider", "anonymous"])
def test_every_answer_of_the_permission_table_has_them_and_is_kept_by_no_cache(who):
    assert who in PEOPLE
    setting = find_setting()
    client = client_of(setting, who)
    for row in TABLE:
        path = path_of(row, setting.mine.project, setting.mine)
        answer = ask(client, row, path, setting.mine)
        assert_headers(answer, row)
        cached = answer.headers["Cache-Control"]
        assert "no-store" in cached or "private, no-cache" in cached, f"{row}: {cached}"
        policy = answer.headers.get("Content-Security-Policy", "")
        assert "frame-ancestors 'none'" in policy, row
        assert "unsafe" not in policy, row


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here/", 404),
        ("GET", "/api/v1/nothing/", 404),
        ("POST", "/", 405),
        ("GET", "/static/css/base.css", 200),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/healthz", 200),
    ],
)
def test_so_do_errors_and_files(method, path, status):
    client = Client(raise_request_exception=False)
    setting = find_setting()
    client.force_login(setting.people["owner"])
    answer = client.generic(method, path)
    read(answer)
    assert answer.status_code == status
    assert_headers(answer, path)


def test_so_does_a_page_that_broke(monkeypatch):
    from apps.projects import views

    def broken(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(views.figures, "trend_runs", broken)
    client = Client(raise_request_exception=False)
    client.force_login(find_setting().people["owner"])
    answer = client.get("/projects/WEB/")
    assert answer.status_code == 500
    assert_headers(answer, "500")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_so_does_a_refused_body(live_site):
    with pytest.raises(HTTPError) as refusal:
        urlopen(Request(f"{live_site}/accounts/login/", data=b"x" * (2 * 1024 * 1024)))
    answer = refusal.value
    answer.close()
    assert answer.code == 413
    assert_headers(answer, "413")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_of_style_may_be_kept():
    answer = Client().get("/static/css/base.css")
    read(answer)
    assert "no-store" not in answer.headers["Cache-Control"]
