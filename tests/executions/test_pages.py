"""The drawer of an execution, verdicts by hand, and the pages of imports."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.executions import lifecycle as executions
from apps.executions.models import Import
from apps.runs import lifecycle
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import (
    make_artifact,
    make_run,
    owner_of,
    send_results,
)

pytestmark = uses(populate_cast)

JUNIT = b"""<testsuite name="shop" tests="3">
  <testcase classname="shop.Cart" name="adds" time="0.01"/>
  <testcase classname="shop.Cart" name="pays"><failure message="402">line 7</failure></testcase>
  <testcase classname="shop.Cart" name="ships"><skipped/></testcase>
</testsuite>"""
IMPORTS = "/projects/WEB/imports/"


@pytest.fixture
def failure(project):
    """An execution that failed after a try, in the second of two runs."""
    before = make_run(project, "Before", branch="main")
    send_results(before, "pays")
    lifecycle.finish(before, by=owner_of(project))
    nightly = make_run(project, branch="main", ci_url="https://ci.example.com/7")
    send_results(nightly, {"name": "pays", "status": "error", "attempt": 1, "message": "at first"})
    send_results(
        nightly,
        {
            "name": "pays",
            "status": "failed",
            "attempt": 2,
            "message": "AssertionError: 402",
            "trace": "test_cart.py:88",
            "output": "GET /cart",
            "properties": {"seed": "42"},
        },
    )
    return nightly.executions.get()


def address(execution, verb="runs:execution"):
    return reverse(verb, args=["WEB", execution.run.number, execution.pk])


def page(client, user, url, **options):
    client.force_login(user)
    response = client.get(url, **options)
    assert response.status_code == 200
    return response.content.decode()


def upload(client, *files, **fields):
    return client.post(IMPORTS, {"file": [*files], **fields})


def junit(name="shop.xml", data=JUNIT):
    return SimpleUploadedFile(name, data, content_type="text/xml")


def test_an_execution_shows_all_that_hangs_from_it(client, project, failure, viewer):
    artifact = make_artifact(project, name="basket.png")
    failure.executionartifacts.create(project=project, run=failure.run, artifact=artifact)
    html = page(client, viewer, address(failure))
    for words in [
        "AssertionError: 402",
        "test_cart.py:88",
        "GET /cart",
        "at first",
        "New failure",
        "https://ci.example.com/7",
        "basket.png",
        "seed",
        "Before",
    ]:
        assert words in html, words
    assert "Set the verdict" not in html


def test_the_drawer_is_the_same_without_the_page_around_it(client, failure, viewer):
    run = failure.run.get_absolute_url()
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{run}?status=failed"}
    client.force_login(viewer)
    response = client.get(address(failure), headers=headers)
    assert "<html" not in response.content.decode()
    assert "AssertionError: 402" in response.content.decode()
    assert response["HX-Push-Url"] == f"{run}?status=failed&x={failure.pk}"
    assert "HX-Request" in response["Vary"]


def test_the_page_of_a_run_opens_its_drawer_from_the_address(client, failure, viewer):
    """Its failure is within the page, so that it is read without scripts as well."""
    html = page(client, viewer, f"{failure.run.get_absolute_url()}?x={failure.pk}")
    drawer = html[html.index('id="detail"') :].partition("</aside>")[0]
    assert f'hx-get="{address(failure)}" hx-trigger="load"' in drawer
    assert f'href="{address(failure)}"' in drawer
    assert "AssertionError: 402" in drawer
    assert "test_cart.py:88" in drawer


@pytest.mark.parametrize("x", ["nonsense", "01932c07-209c-7401-b3ef-8f3f5a1d2c3b"])
def test_an_address_with_no_such_result_shows_the_run(client, failure, viewer, x):
    html = page(client, viewer, f"{failure.run.get_absolute_url()}?x={x}")
    assert "No result is open" in html


def test_a_result_of_another_run_is_not_opened(client, project, failure, viewer):
    other = make_run(project)
    html = page(client, viewer, f"{other.get_absolute_url()}?x={failure.pk}")
    assert "AssertionError: 402" not in html


def test_an_execution_is_found_in_its_own_run_only(client, project, failure, viewer):
    other = make_run(project)
    client.force_login(viewer)
    assert (
        client.get(reverse("runs:execution", args=["WEB", other.number, failure.pk])).status_code
        == 404
    )


def test_a_verdict_is_set_by_hand_and_says_why(client, failure, tester):
    client.force_login(tester)
    form = {"verdict": "passed", "note": "The stage was down", "actual_result": "It pays"}
    response = client.post(address(failure, "executions:verdict"), form)
    assert response.url == f"{failure.run.get_absolute_url()}?x={failure.pk}"
    html = page(client, tester, address(failure))
    for words in ["Override", "The stage was down", "It pays"]:
        assert words in html, words
    failure.run.refresh_from_db()
    assert (failure.run.passed, failure.run.failed) == (1, 0)


def test_a_verdict_is_refused_to_a_viewer_and_unseen_by_an_outsider(
    client, failure, viewer, outsider
):
    for user, code in [(viewer, 403), (outsider, 404)]:
        client.force_login(user)
        response = client.post(address(failure, "executions:verdict"), {"verdict": "passed"})
        assert response.status_code == code
    failure.refresh_from_db()
    assert failure.verdict == "failed"


def test_a_verdict_that_there_is_not_keeps_what_was_typed(client, failure, tester):
    client.force_login(tester)
    form = {"verdict": "splendid", "note": "A long note"}
    response = client.post(address(failure, "executions:verdict"), form)
    assert response.status_code == 422
    assert "A long note" in response.content.decode()


def test_a_verdict_on_a_cancelled_run_is_refused_with_a_reason(client, failure, tester):
    lifecycle.cancel(failure.run, by=tester)
    client.force_login(tester)
    response = client.post(
        address(failure, "executions:verdict"), {"verdict": "passed"}, follow=True
    )
    assert "cancelled" in response.content.decode().lower()
    failure.refresh_from_db()
    assert failure.verdict == "failed"


def test_a_file_becomes_a_run_and_its_receipt_adds_up(client, project, tester):
    client.force_login(tester)
    response = upload(client, junit(), name="CI", branch="main", configuration="browser=firefox")
    arrival = project.imports.get()
    assert response.url == arrival.get_absolute_url()
    assert (arrival.run.name, arrival.run.branch) == ("CI", "main")
    assert arrival.run.configuration == {"browser": "firefox"}
    html = page(client, tester, response.url)
    figures = [int(figure) for figure in re.findall(r'<td class="num(?: w6)?">(\d+)</td>', html)]
    assert figures == [3, 0, 0, 0, 3, 0, 3, 0, 3]
    assert "every 1s" not in html


@pytest.mark.django_db(transaction=True)
def test_several_files_have_a_receipt_each(client, project, tester):
    client.force_login(tester)
    response = upload(client, junit("a.xml"), junit("b.xml", JUNIT.replace(b"shop.", b"mail.")))
    assert response.url == IMPORTS
    html = page(client, tester, IMPORTS)
    assert html.index("b.xml") < html.index("a.xml")
    assert project.runs.count() == 2


def test_a_file_goes_into_an_unfinished_run(client, project, tester):
    nightly = make_run(project)
    client.force_login(tester)
    assert f"#{nightly.number} Nightly" in page(client, tester, f"{IMPORTS}?run={nightly.number}")
    upload(client, junit(), run=nightly.number)
    nightly.refresh_from_db()
    assert (nightly.state, nightly.total) == ("running", 3)


def test_a_wrong_field_is_named_and_what_was_typed_is_kept(client, project, tester):
    client.force_login(tester)
    response = upload(client, junit(), name="Kept", configuration="no equals sign")
    html = response.content.decode()
    assert response.status_code == 422
    assert "key=value" in html
    assert 'value="Kept"' in html
    assert "no equals sign" in html
    assert not project.imports.exists()


def test_a_file_that_cannot_be_read_has_a_receipt_that_says_why(client, project, tester):
    client.force_login(tester)
    response = upload(client, junit(data=JUNIT[:90]))
    arrival = project.imports.get()
    assert arrival.state == Import.State.REFUSED
    html = page(client, tester, response.url)
    assert "Nothing of it was stored" in html
    assert arrival.reason[:20] in html


def test_a_receipt_follows_by_itself_while_the_file_is_read(client, project, tester, settings):
    settings.QUICK_IMPORT = 10
    client.force_login(tester)
    url = upload(client, junit()).url
    html = page(client, tester, url, headers={"HX-Request": "true"})
    assert 'hx-trigger="every 1s"' in html
    assert "Waiting to be read" in html
    assert "<html" not in html


def test_an_import_is_undone_by_a_manager_only(client, project, tester, manager):
    client.force_login(tester)
    url = upload(client, junit()).url
    undo = f"{url}undo/"
    assert client.post(undo).status_code == 403
    assert undo not in page(client, tester, url)
    assert undo in page(client, manager, url)
    assert client.post(undo).url == url
    assert "Undone" in page(client, manager, url)
    assert project.imports.get().run.total == 0


def test_a_viewer_reads_receipts_and_may_not_upload(client, project, tester, viewer, outsider):
    client.force_login(tester)
    url = upload(client, junit()).url
    assert "shop.xml" in page(client, viewer, url)
    html = page(client, viewer, IMPORTS)
    assert "shop.xml" in html
    assert "data-upload" not in html
    assert upload(client, junit("b.xml")).status_code == 403
    client.force_login(outsider)
    assert client.get(url).status_code == client.get(IMPORTS).status_code == 404
    assert upload(client, junit("b.xml")).status_code == 404
    assert project.imports.count() == 1


def test_refused_results_are_named_with_their_place(client, project, tester):
    nightly = make_run(project)
    arrival = send_results(nightly, "pays", {"name": "ships", "status": "splendid"})
    html = page(client, tester, arrival.get_absolute_url())
    assert "item 1" in html or "item 2" in html
    assert arrival.refused[0]["reason"] in html.replace("&#x27;", "'").replace("&quot;", '"')


def test_undone_results_leave_the_page_of_the_run(client, project, tester):
    nightly = make_run(project)
    arrival = send_results(nightly, "pays")
    executions.undo_import(arrival, by=tester)
    assert "No results yet" in page(client, tester, nightly.get_absolute_url())
