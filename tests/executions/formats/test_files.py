"""Files that real tools wrote, and files written after a tool's documentation or for one rule.

`NAME.expected.json` beside each says what has to come out. Those whose name ends in `_documented`
were written after the documentation of a tool that could not be run here.
"""

import json
import re
from pathlib import Path

import pytest

from apps.executions.formats import FileRefused, Reading, read_results

FILES = Path(__file__).parent / "files"
NAMES = sorted(path.name.removesuffix(".expected.json") for path in FILES.glob("*.expected.json"))
REFUSED_WHOLE = ("cut.xml", "pom.xml")
# Kept outputs were written on machines; the only home that they may name is that of ci.
OF_A_MACHINE = re.compile(rb"/(?:root|(?:work|tmp|builds)/|home/(?!ci\b))|\"vm\"|pyenv")


def read(name: str):
    reading = Reading()
    with (FILES / name).open("rb") as stream:
        return list(read_results(stream, filename=name, reading=reading)), reading


def as_expected(result) -> dict:
    """A result in the form of the expectations, which leave out what is empty."""
    told = {"key": result.key, "status": result.status, "suites": list(result.suite_path)}
    tries = [[t.status, t.message.split("\n")[0][:60], t.duration_ms] for t in result.tries]
    others = {
        "variant": result.bracket,
        "message": result.message.split("\n")[0][:60],
        "tries": tries,
        "attempt": result.attempt,
        "case": result.case,
        "properties": result.properties,
        "parameters": result.parameters,
        "retry": result.dialect_retry,
    }
    told |= {name: value for name, value in others.items() if value}
    return told | ({} if result.duration_ms is None else {"ms": result.duration_ms})


def test_there_is_an_expectation_for_every_file():
    files = {path.name for path in FILES.iterdir() if not path.name.endswith(".expected.json")}
    assert files == set(NAMES)
    assert len(NAMES) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_a_file_gives_what_is_written_beside_it(name):
    expected = json.loads((FILES / f"{name}.expected.json").read_text("utf-8"))
    if "refused_whole" in expected:
        with pytest.raises(FileRefused) as refusal:
            read(name)
        assert str(refusal.value) == expected["refused_whole"]
        return
    results, reading = read(name)
    assert [as_expected(result) for result in results] == expected["tests"]
    assert reading.received == expected["received"] == len(results) + len(reading.refused)
    assert reading.refused == expected["refused"]
    assert reading.repaired == expected["repaired"]
    assert len(reading.warnings) == len(expected["warnings"])
    for warning, told in zip(reading.warnings, expected["warnings"], strict=True):
        assert told in warning
    started = results[-1].started_at
    assert (str(started) if started else None) == expected["started_at"]
    assert reading.bytes_read == reading.bytes_total == (FILES / name).stat().st_size


XML_NAMES = [name for name in NAMES if name.endswith(".xml") and name not in REFUSED_WHOLE]


@pytest.mark.parametrize("name", XML_NAMES)
def test_what_is_received_is_the_number_of_testcase_elements(name):
    """Counted once more by plain means, apart from the reader and from the expectations."""
    raw = re.sub(rb"\0", b"", (FILES / name).read_bytes())
    markup = re.sub(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->", b"", raw, flags=re.DOTALL)
    assert len(re.findall(rb"<(?:\w+:)?testcase[\s/>]", markup)) == read(name)[1].received


def test_no_kept_file_tells_the_machine_it_was_written_on():
    for path in FILES.iterdir():
        found = OF_A_MACHINE.search(path.read_bytes().lower())
        assert found is None, f"{path.name} holds {found[0]!r}"
