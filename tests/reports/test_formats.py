"""A report as JSON, Markdown and HTML."""

import json
from html import unescape

import pytest
from markdown_it import MarkdownIt

from apps.reports.markdown import INVISIBLE, escape, fenced
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_report, owner_of
from tests.reports.results import make_run_with

pytestmark = uses(populate_cast)

HOSTILE = [
    "<script>alert(1)</script>",
    "a | b | c",
    "`code` ``more`` ```fence```",
    "[link](javascript:alert(1)) ![x](http://x/y.png)",
    "# heading\n\n- item\n> quote\n---",
    "www.example.com https://example.com a@example.com",
    "*bold* _em_ ~~gone~~ \\ &lt; &#35;",
    "\u202eesrever\x00\x1b[31m",
    "1. first\n    indented",
    "```\n</code></pre><img src=x onerror=alert(1)>\n```",
]


@pytest.fixture
def read(client, project):
    client.force_login(owner_of(project))

    def get(report, kind):
        answer = client.get(f"{report.get_absolute_url()}?format={kind}")
        assert answer.status_code == 200
        body = answer.getvalue()
        assert int(answer["Content-Length"]) == len(body)
        return answer, body.decode()

    return get


def rendered(markdown):
    return MarkdownIt("gfm-like", {"linkify": False}).render(markdown)


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_only_text(text):
    html = rendered(f"| x | y |\n| --- | --- |\n| {escape(text)} | end |\n")
    assert html.count("<td>") == 2
    cell = html.split("<td>")[1].split("</td>")[0]
    assert "<" not in cell
    assert unescape(cell) == " ".join(INVISIBLE.sub(" ", text).split())


@pytest.mark.parametrize("text", HOSTILE)
def test_fenced_text_stays_in_its_fence(text):
    html = rendered("\n".join(["1. item", "", *fenced(text, "   "), "", "   after"]))
    assert html.count("<pre>") == 1
    code = html.split("<code")[1].split("</code>")[0]
    assert "<img" not in code
    assert "<p>after</p>" in html


def test_nothing_in_a_result_becomes_markup(project, read):
    rows = [
        {
            "verdict": "failed",
            "title": text,
            "message": text,
            "variant_label": text,
            "duration_ms": 1,
        }
        for text in [text.replace("\x00", "") for text in HOSTILE]
    ]
    run = make_run_with(project, rows, name=HOSTILE[0], configuration={"database": HOSTILE[3]})
    report = make_report(project, run, detail="detailed", title=HOSTILE[1] + HOSTILE[0])
    _, markdown = read(report, "md")
    html = rendered(markdown)
    for sign in ["<script", "<img", "<a ", "onerror=alert(1)>", "<em>", "<s>"]:
        assert sign not in html
    assert html.count("<pre>") == len(HOSTILE)
    assert html.count("<h1>") == 1
    assert html.count("<tr>") == 2 + 1 + len(HOSTILE) + 1 + len(HOSTILE)
    _, page = read(report, "html")
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_detailed_report_holds_every_execution(project, read):
    rows = [{"verdict": "passed", "duration_ms": 5}, "skipped",
            {"verdict": "failed", "message": "timed out", "new_failure": True}]  # fmt: skip
    report = make_report(project, make_run_with(project, rows), detail="detailed")
    answer, body = read(report, "json")
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == 'attachment; filename="WEB-1-report-1.json"'
    executions = json.loads(body)["executions"]
    assert [row["status"] for row in executions] == ["passed", "skipped", "failed"]
    assert executions[0] == {
        "test": "test 1",
        "case": "WEB-1",
        "run": "WEB-1",
        "status": "passed",
        "duration_ms": 5,
        "started_at": None,
        "flaky": False,
        "new_failure": False,
        "error": None,
        "remediation": None,
    }
    assert executions[2]["error"] == "timed out"
    assert executions[2]["remediation"].startswith("“timed out”")
    assert "| WEB-1 | WEB-2 | test 2 | skipped | – |" in read(report, "md")[1]
    assert "All results" in read(report, "html")[1]


def test_a_detailed_report_of_nothing_is_valid_json(project, read):
    report = make_report(project, make_run_with(project, []), detail="detailed")
    assert json.loads(read(report, "json")[1])["executions"] == []


def test_a_summary_has_no_executions(project, read):
    report = make_report(project, make_run_with(project, ["passed"]))
    assert "executions" not in json.loads(read(report, "json")[1])
    assert "All results" not in read(report, "md")[1]


def test_a_format_that_is_not_there_is_not_found(client, project, read):
    report = make_report(project, make_run_with(project, []))
    client.force_login(owner_of(project))
    assert client.get(f"{report.get_absolute_url()}?format=pdf").status_code == 404
