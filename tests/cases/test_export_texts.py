"""Texts of every shape leave in a file that people read, and the import reads them back equal."""

import io
from array import array

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.artifacts.reading.text import FORBIDDEN
from apps.cases.content import BLANK, STEP_KEYS
from apps.cases.exports import WRITERS
from apps.cases.exports.choice import Chosen, Told
from apps.cases.formats import Reading, detect, open_file
from apps.cases.intake.drafts import Plan, drafts_of
from apps.cases.intake.meaning import guess
from apps.cases.intake.values import URL
from apps.cases.links import clean_entries
from testoqa.testing import uses
from tests.data import populate_cast

pytestmark = uses(populate_cast)

SIGNS = [
    "\n", "\n\n", "\r\n", "\r", " ", "   ", "\t", "- ", "* ", "+ ", "1. ", "2. ", "2) ", "3: ",
    "\\", "#", "## ", "### Steps", "Shared: ", "Data: ", "- Data: ", "   - Expected: ", "Key: ",
    "step ", "Step 2", "a", "b c", "'", "=", "@", '"', ",", ";", "|", "**", "_x0041_", "&", "<b>",
]  # fmt: skip
LETTERS = st.text(max_size=20).filter(lambda text: not FORBIDDEN.search(text))
TEXT = st.lists(st.sampled_from(SIGNS), max_size=8).map("".join) | LETTERS
STEPS = st.lists(
    st.fixed_dictionaries(dict.fromkeys(STEP_KEYS, TEXT)).filter(
        lambda step: any(text.strip() for text in step.values())
    ),
    max_size=4,
)
# As they are kept: one line without space around it, and no address within a name.
NAME = (
    (
        st.lists(st.sampled_from(["a", "b c", " ", ",", ", ", ";", '"', '""', "'"])).map("".join)
        | LETTERS
    )
    .map(lambda name: " ".join(name.split()))
    .filter(lambda name: name and not URL.search(name))
)
ADDRESS = st.sampled_from(
    ["https://example.com/a,b;c", "mailto:ada@example.com", "HTTP://a.example"]
)
TAGS = st.lists(NAME.filter(lambda name: "," not in name), max_size=4, unique=True)
LINKS = st.lists(st.fixed_dictionaries({"title": NAME | st.just(""), "url": ADDRESS}), max_size=3)
NEEDS = st.lists(st.fixed_dictionaries({"name": NAME, "url": ADDRESS | st.just("")}), max_size=3)
OPTIONS = st.lists(NAME, min_size=1, max_size=5, unique_by=str.casefold)


class Those(Chosen):
    """An export of cases that are given, not of those in the database."""

    def parts(self):
        yield self.told


def exported(project, kind, **says):
    chosen = Those(project, array("I"))
    says = BLANK | {"title": "Pays", "status": "draft", "kind": "manual", "priority": "P2"} | says
    chosen.told = [Told("WEB-1", None, None, False, says)]
    return b"".join(WRITERS[kind](chosen).pieces())


def imported(project, kind, data):
    stream, name = io.BytesIO(data), f"cases.{kind}"
    format = detect(stream, name)
    table = open_file(stream, name, format, {}, Reading())
    fields = {field.name: field for field in project.custom_fields.all()}
    mapping = guess(table.columns, table.options["tool"], fields.values())
    plan = Plan(mapping, table.options, fields, single=format == "markdown")
    (draft,) = drafts_of(table.rows, plan)
    assert not draft.problem
    return draft


def tidy(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "md"])
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, TEXT, STEPS)
@example("Intro\n\n- a\n- b", "\r\n", [{"action": "Shared: ", "expected": "", "data": ""}])
@example("a\r- b", "", [{"action": "a\n\n2. b", "expected": "a\nstep", "data": "a\n\n\n- b"}] * 2)
def test_texts_come_back_equal(project, kind, description, preconditions, steps):
    says = {"description": description, "preconditions": preconditions, "steps": steps}
    draft = imported(project, kind, exported(project, kind, **says))
    assert draft.fields.get("description", "") == tidy(description)
    assert draft.fields.get("preconditions", "") == tidy(preconditions)
    assert draft.steps == [{key: tidy(step[key]) for key in STEP_KEYS} for step in steps]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "md"])
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TAGS, LINKS, NEEDS, OPTIONS, st.data())
def test_lists_come_back_equal(project, kind, tags, links, needs, options, data):
    chosen = data.draw(st.lists(st.sampled_from(options), unique=True))
    field = project.custom_fields.create(name="Devices", kind="choices", options=options)
    says = {
        "tags": tags,
        "links": clean_entries(links, "links"),
        "requirements": clean_entries(needs, "requirements"),
        "custom": {"Devices": [option for option in options if option in chosen]},
    }
    draft = imported(project, kind, exported(project, kind, **says))
    field.delete()
    assert (draft.tags or []) == says["tags"]
    assert draft.fields.get("links", []) == says["links"]
    assert draft.fields.get("requirements", []) == says["requirements"]
    assert (draft.custom.get("Devices") or []) == says["custom"]["Devices"]
