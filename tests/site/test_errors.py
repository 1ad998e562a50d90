import logging
import re

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.urls import path

from testoqa.testing import uses
from tests.factories import make_user


@login_not_required
def breaks(request, how):
    raise {
        "500": ZeroDivisionError("secret detail"),
        "404": Http404(),
        "403": PermissionDenied("Only owners may do this."),
        "400": SuspiciousOperation("odd"),
    }[how]


handler400 = "testoqa.errors.bad_request"
handler404 = "testoqa.errors.page_not_found"
handler500 = "testoqa.errors.server_error"
urlpatterns = [path("page/<how>/", breaks), path("api/v1/<how>/", breaks)]


@pytest.fixture
def visitor(client, settings):
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    return client


def test_the_site_itself_answers_errors_this_way():
    from testoqa import urls

    assert (urls.handler400, urls.handler404, urls.handler500) == (
        handler400,
        handler404,
        handler500,
    )


def test_a_failure_shows_a_code_that_the_log_explains(visitor, caplog):
    with caplog.at_level(logging.ERROR, "testoqa.errors"):
        answer = visitor.get("/page/500/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "secret detail" not in page
    code = re.search(r"<code>(e-\w{6})</code>", page)[1]
    [record] = [record for record in caplog.records if record.name == "testoqa.errors"]
    assert code in record.getMessage()
    assert "secret detail" in str(record.exc_info[1])


def test_a_failure_of_the_api_is_a_problem(visitor):
    answer = visitor.get("/api/v1/500/")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 500
    assert re.search(r"under the code e-\w{6}", answer.json()["detail"])


@pytest.mark.parametrize("how", ["400", "404"])
def test_the_api_never_answers_with_a_page(visitor, how):
    answer = visitor.get(f"/api/v1/{how}/")
    assert answer.status_code == int(how)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == int(how)


@pytest.mark.parametrize(
    ("how", "words"),
    [("400", "did not understand"), ("404", "nothing here for you"), ("403", "Only owners")],
)
def test_a_page_says_what_is_wrong_and_who_can_help(visitor, how, words):
    answer = visitor.get(f"/page/{how}/")
    assert answer.status_code == int(how)
    assert words in answer.content.decode()
    assert 'href="/">My projects' in answer.content.decode()


@uses()
def test_the_address_of_a_form_is_opened_and_says_so(client):
    answer = client.get("/accounts/theme/", follow=True)
    assert answer.status_code == 200  # the page to sign in
    client.force_login(make_user("mira@example.com"))
    answer = client.get("/accounts/theme/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "takes only what a form sends" in answer.text
    assert 'href="/">My projects' in answer.text


def test_an_address_is_shown_as_text(visitor):
    page = visitor.get("/page/404/<script>").content.decode()
    assert "<script>" not in page


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_script_that_forgets_the_final_slash_is_told_so(client, method):
    answer = client.generic(method, "/api/v1/projects/WEB/imports", b"{}", "application/json")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    said = "Add the final slash to the address: /api/v1/projects/WEB/imports/"
    assert answer.json()["detail"] == said
    unknown = client.generic(method, "/api/v1/nothing", b"{}", "application/json")
    assert unknown.json()["detail"] == "There is nothing at this address."


def test_reading_without_the_final_slash_is_redirected(client):
    for address in ("/api/v1/projects/WEB/imports", "/projects/WEB/runs"):
        answer = client.get(address)
        assert (answer.status_code, answer.url) == (301, f"{address}/")
