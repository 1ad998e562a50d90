"""Generated trees of suites and cases: written as XML, read back, and nothing is different."""

import io
from xml.sax.saxutils import escape, quoteattr

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.executions.formats import Reading, read_results

# What XML can carry; white space at the edges is of no meaning and trimmed by the reader.
LETTERS = st.characters(
    exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="\ufffe\uffff[]"
)
TEXT = st.text(LETTERS | st.sampled_from(" <>&\"'\n"), max_size=30).map(str.strip)
NAME = st.text(LETTERS, min_size=1, max_size=20)

CASE = st.fixed_dictionaries(
    {
        "name": NAME,
        "variant": st.sampled_from(["", "EUR", "a[0]"]),
        "classname": NAME,
        "status": st.sampled_from(["passed", "failed", "error", "skipped"]),
        "ms": st.integers(0, 10_000_000),
        "message": TEXT,
        "trace": TEXT,
        "output": TEXT,
        "properties": st.dictionaries(NAME, TEXT.filter(lambda text: "\n" not in text), max_size=3),
        "tries": st.integers(0, 3),
    }
)
TREE = st.recursive(
    st.fixed_dictionaries(
        {"name": NAME, "cases": st.lists(CASE, max_size=4), "suites": st.just([])}
    ),
    lambda inner: st.fixed_dictionaries(
        {
            "name": NAME,
            "cases": st.lists(CASE, max_size=3),
            "suites": st.lists(inner, min_size=1, max_size=3),
        }
    ),
    max_leaves=8,
)
TAGS = {"failed": "failure", "error": "error", "skipped": "skipped"}


def attribute(name: str, value: str) -> str:
    return f" {name}={quoteattr(value, {chr(10): '&#10;'})}"


def written_case(case: dict) -> str:
    name = case["name"] + (f"[{case['variant']}]" if case["variant"] else "")
    head = attribute("name", name) + attribute("classname", case["classname"])
    head += attribute("time", f"{case['ms'] / 1000:.3f}")
    body = "".join(
        f"<property{attribute('name', key)}{attribute('value', value)}/>"
        for key, value in case["properties"].items()
    )
    body = f"<properties>{body}</properties>" if body else ""
    if case["status"] != "passed":
        tag = TAGS[case["status"]]
        message = attribute("message", case["message"])
        body += f"<{tag}{message}>{escape(case['trace'])}</{tag}>"
    else:
        body += '<flakyFailure message="again">x</flakyFailure>' * case["tries"]
    body += f"<system-out>{escape(case['output'])}</system-out>"
    return f"<testcase{head}>{body}</testcase>"


def written(suite: dict) -> str:
    cases = "".join(written_case(case) for case in suite["cases"])
    suites = "".join(written(inner) for inner in suite["suites"])
    count = attribute("tests", str(len(suite["cases"])))
    return f"<testsuite{attribute('name', suite['name'])}{count}>{cases}{suites}</testsuite>"


def cases_of(suite: dict, path: tuple[str, ...] = ()):
    path = (*path, suite["name"])
    for case in suite["cases"]:
        yield path, case
    for inner in suite["suites"]:
        yield from cases_of(inner, path)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=TREE, encoding=st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_what_is_written_is_read(tree, encoding):
    body = f'<?xml version="1.0" encoding="{encoding}"?><testsuites>{written(tree)}</testsuites>'
    reading = Reading()
    stream = io.BytesIO(body.encode(encoding))
    results = list(read_results(stream, filename="generated.xml", reading=reading))
    expected = list(cases_of(tree))
    assert len(results) == reading.received == len(expected)
    assert not reading.refused
    assert not reading.repaired
    assert not [warning for warning in reading.warnings if "no test case" not in warning]
    for result, (path, case) in zip(results, expected, strict=True):
        assert result.key == f"{case['classname']}::{case['name']}"
        assert result.bracket == case["variant"]
        assert result.status == case["status"]
        assert result.duration_ms == case["ms"]
        assert result.properties == case["properties"]
        assert result.output == case["output"]
        if len(path) > 1:
            assert result.suite_path == path
        if case["status"] == "passed":
            assert len(result.tries) == case["tries"]
        else:
            assert result.trace == case["trace"]
            assert not case["message"] or result.message == case["message"]
