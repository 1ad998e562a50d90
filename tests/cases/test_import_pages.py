"""Pages and API of imports of cases, from the file to its receipts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.cases.models import Case, CaseImport
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_suite, make_token

from .importing import outcomes, upload

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]

FILE = "Name of it;Path;Prio\nPays;Shop / Cart;High\n=cmd();Shop;High\n;Shop;Low\n"
STEPS = """Title,Steps,Expected
Pays,1. Open 2. x,
Signs in,"1. Open
2. Type
3. Go
4. Look",In
"""


def form_file(text=FILE, name="cases.csv"):
    return {"file": SimpleUploadedFile(name, text.encode())}


def follow(client, answer):
    assert answer.status_code == 302, answer.content.decode()
    return client.get(answer["Location"])


def test_a_file_is_mapped_tried_and_taken_in(client, manager, project, run_jobs):
    client.force_login(manager)
    page = follow(client, client.post("/projects/WEB/cases/import/", form_file()))
    arrival = CaseImport.objects.get()
    assert (arrival.options["delimiter"], arrival.mapping) == (";", {"Prio": "priority"} | {
        "Path": "suite"
    })  # fmt: skip
    text = page.content.decode()
    assert "What each column is" in text and "Shop / Cart" in text
    address = arrival.get_absolute_url()
    chosen = {"column-0": "", "column-1": "suite", "column-2": "priority"}
    refused = client.post(f"{address}start/", chosen)
    assert refused.status_code == 422
    assert "Say which column is the title" in refused.content.decode()
    chosen |= {"column-0": "title", "status": "ready", "priority": "P2", "steps": "whole"}
    looked = follow(client, client.post(f"{address}start/", chosen | {"preview": "1"}))
    assert "Pays" in looked.content.decode() and "It has no title." in looked.content.decode()
    waits = follow(client, client.post(f"{address}start/", chosen | {"dry_run": "1"}))
    assert 'hx-trigger="every 1s"' in waits.content.decode()
    run_jobs()
    tried = client.get(address).content.decode()
    assert "What would become of the rows" in tried and not Case.objects.exists()
    follow(client, client.post(f"{address}start/", chosen))
    run_jobs()
    done = client.get(f"{address}?outcome=refused").content.decode()
    assert "It has no title." in done and "Pays" not in done
    assert Case.objects.get(title="Pays").status == "ready"
    again = client.post(f"{address}start/", chosen)
    assert again.status_code == 200 or again.status_code == 422
    assert Case.objects.count() == 2


def test_the_preview_shows_steps_also_shared_ones(client, manager, project):
    client.force_login(manager)
    project.shared_steps.create(title="Sign in", steps=[{"action": "Type"}])
    file = STEPS + "Shared,1. Shared: Sign in,\n"
    page = follow(client, client.post("/projects/WEB/cases/import/", form_file(file)))
    text = page.content.decode()
    assert "1. Open 2. x" in text and "… 4 steps" in text and "Shared: Sign in" in text


def test_receipts_are_downloaded_without_formulas(client, importer, viewer):
    arrival = importer.take(FILE, mapping={"Name of it": "title"})
    client.force_login(viewer)
    answer = client.get(f"{arrival.get_absolute_url()}rows.csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0] == "row,outcome,case,title,column,reason"
    assert lines[2] == "3,created,WEB-2,'=cmd(),,"
    assert lines[3].startswith("4,refused,,,Name of it,It has no title.")
    some = client.get(f"{arrival.get_absolute_url()}rows.csv?outcome=refused")
    assert len(b"".join(some.streaming_content).decode().splitlines()) == 2


def test_another_delimiter_reads_the_file_again(client, manager, project):
    client.force_login(manager)
    arrival = upload(project, "Title|Tags\nA|x\n", by=manager, delimiter=",")
    assert arrival.options["columns"] == ["Title|Tags"]
    client.post(f"{arrival.get_absolute_url()}start/", {"delimiter": "|", "preview": "1"})
    arrival.refresh_from_db()
    assert arrival.mapping == {"Title": "title", "Tags": "tags"}


def test_a_file_that_cannot_be_read_is_told_at_its_field(client, manager):
    client.force_login(manager)
    answer = client.post("/projects/WEB/cases/import/", form_file("{}", "cases.json"))
    assert answer.status_code == 422
    assert not CaseImport.objects.exists()


def test_the_api_sends_starts_and_reads_receipts(client, manager, project, run_jobs):
    head = {"HTTP_AUTHORIZATION": f"Bearer {make_token(manager)}"}
    base = "/api/v1/projects/WEB/case-imports/"
    sent = client.post(base, form_file(), **head)
    assert sent.status_code == 201, sent.content
    body = sent.json()
    assert body["options"]["columns"] == ["Name of it", "Path", "Prio"]
    suite = make_suite(project, "Imported")
    wanted = {
        "mapping": {"Name of it": "title", "Path": "suite", "Prio": ""}, "suite": str(suite.pk),
    }  # fmt: skip
    one = f"{base}{body['id']}/"
    bad = client.post(f"{one}start/", {"mapping": {"No": "title"}}, "application/json", **head)
    assert bad.status_code == 422 and "no column “No”" in bad.json()["detail"]
    started = client.post(f"{one}start/", wanted, "application/json", **head)
    assert started.status_code == 202 and started.json()["state"] == "queued"
    conflict = client.post(f"{one}start/", wanted, "application/json", **head)
    assert conflict.status_code == 409
    run_jobs()
    done = client.get(one, **head).json()
    assert (done["state"], done["created"], done["refused"]) == ("done", 2, 1)
    rows = client.get(f"{one}rows/?outcome=created", **head).json()["results"]
    assert rows[0] == {
        "row": 2, "outcome": "created", "case": "WEB-1", "title": "Pays", "column": "",
        "reason": "",
    }  # fmt: skip
    assert Case.objects.get(title="Pays").suite.path == "Imported / Shop / Cart"
    assert [row["id"] for row in client.get(base, **head).json()["results"]] == [body["id"]]


def test_a_file_is_discarded(client, manager, project):
    client.force_login(manager)
    arrival = upload(project, FILE, by=manager)
    name, storage = arrival.upload.name, arrival.upload.storage
    follow(client, client.post(f"{arrival.get_absolute_url()}discard/"))
    arrival.refresh_from_db()
    assert (arrival.state, arrival.upload.name) == ("refused", "")
    assert not storage.exists(name)


def test_lists_cost_the_same_for_one_row_and_for_many(
    client, importer, viewer, django_assert_max_num_queries
):
    first = importer.take(FILE, mapping={"Name of it": "title"})
    many = importer.take("Title\n" + "\n".join(f"Case {n}" for n in range(40)))
    assert outcomes(many) == ["created"] * 40
    client.force_login(viewer)
    with django_assert_max_num_queries(12):
        client.get("/projects/WEB/cases/import/")
    for arrival in (first, many):
        with django_assert_max_num_queries(12):
            assert client.get(arrival.get_absolute_url()).status_code == 200
