"""What the export writes, the import takes for what it is: nothing changes."""

import pytest

from apps.cases.content import content_of
from apps.cases.models import Case
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case, make_suite

from .importing import outcomes, told

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def full(project, manager):
    """A case that says all that a case can, and one that says little."""
    project.custom_fields.create(name="Browser", kind="choice", options=["firefox", "chrome"])
    project.custom_fields.create(name="Level", kind="number", position=1)
    project.custom_fields.create(name="Legal", kind="checkbox", position=2)
    project.custom_fields.create(name="Title", kind="text", position=3)
    signing = [{"action": "Type the name", "expected": "It is there", "data": "ada"}]
    shared = project.shared_steps.create(title="Sign in", steps=signing)
    shop = make_suite(project, "Shop / Web", description="All of it", timeout_seconds=20)
    make_case(project, "=1+1", description="-2", aliases=["one, two"])
    return make_case(
        project, "Pays by card", by=manager, suite=make_suite(project, "Pay", shop), owner=manager,
        status="ready", priority="P1", severity="major", estimate_seconds=90, kind="http",
        preconditions="A basket", description="# No heading\n- no list\n1. no step",
        links=[
            {"title": "Issue", "url": "HTTPS://example.com/1"},
            {"title": "Ask", "url": "mailto:ada@example.com"},
        ],
        requirements=[{"name": "R1, again", "url": ""}, {"name": "R2", "url": "https://example.com/2"}],
        tags=["money", "web"], automation_key="pay::card",
        aliases=["old, older", "pay  in [a, b; c]"],
        custom={"Browser": "firefox", "Level": -3, "Legal": True, "Title": "of its own"},
        steps=[
            {"action": "Open\nthe shop", "expected": "", "data": "guest"},
            {"shared": str(shared.pk)},
            {"action": "Pay <b>now</b>", "expected": "It is paid", "data": ""},
        ],
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "md"])
def test_an_export_imports_back_equal(client, importer, full, kind):
    client.force_login(importer.by)
    answer = client.get("/projects/WEB/cases/export/", {"format": kind})
    data = b"".join(answer.streaming_content)
    before = {case.number: content_of(case) for case in Case.objects.with_content()}
    arrival = importer.take(data, f"cases.{kind}")
    assert outcomes(arrival) == ["unchanged", "unchanged"], told(arrival)
    assert {case.number: content_of(case) for case in Case.objects.with_content()} == before
    assert importer.project.suites.count() == 2


MISTAKABLE = [
    "'-quoted", "''=x", "'", "'a", "=1", "-1", "@x", "'@x'", "2. x", "\\2. x", "\\\\10) x",
    "Step 1: x", "Do:\n2. second\n3. third", "a\n  2) b\n\\3. c", "a\nstep\n2. x\nStep\\2. y",
    "Shared: Sign in", "\\Shared: Sign in", "Shared: Nowhere", "a\n- Data: b\n# c",
    "a 2. b 3. c", "a \\2. b", "2. a 2. b",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "md"])
def test_texts_that_look_like_something_else_come_back_equal(client, importer, project, kind):
    shared = project.shared_steps.create(title="Sign in", steps=[{"action": "Type"}])
    for text in MISTAKABLE:
        said = [("One", text, text), (text, "", text), (text, text, "")]
        steps = [{"action": a, "expected": e, "data": d} for a, e, d in said]
        make_case(project, " ".join(text.split()), description=text, steps=steps[1:])
        make_case(project, "More", steps=[{"shared": str(shared.pk)}, *steps])
        make_case(project, "No action", steps=[{"expected": "x"}, {"expected": text, "data": text}])
        make_case(project, "One", steps=[{"action": "", "expected": text}])
    client.force_login(importer.by)
    answer = client.get("/projects/WEB/cases/export/", {"format": kind})
    before = {case.key: content_of(case) for case in Case.objects.with_content()}
    arrival = importer.take(b"".join(answer.streaming_content), f"cases.{kind}")
    after = {case.key: content_of(case) for case in Case.objects.with_content()}
    assert [after[key] for key in before] == list(before.values())
    assert set(outcomes(arrival)) == {"unchanged"}, told(arrival)


def test_json_makes_the_cases_anew_in_an_empty_project(client, importer, full):
    client.force_login(importer.by)
    answer = client.get("/projects/WEB/cases/export/", {"format": "json"})
    data = b"".join(answer.streaming_content)
    before = [content_of(case) for case in Case.objects.with_content().order_by("title")]
    Case.objects.all().delete()
    importer.project.suites.all().delete()
    arrival = importer.take(data, "cases.json")
    assert outcomes(arrival) == ["created", "created"], told(arrival)
    assert [content_of(case) for case in Case.objects.with_content().order_by("title")] == before
    assert importer.project.suites.get(name="Shop / Web").timeout_seconds == 20
