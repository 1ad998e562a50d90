"""What somebody planted, seen in a real browser: scripts in every text, and hostile files."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib import admin

from testoqa.testing import uses
from tests.factories import make_artifact, send_results
from tests.walls.permissions.table import TABLE
from tests.walls.world import tenant_models

from .data import populate_two_teams
from .marking import mark
from .requests import path_of

pytestmark = uses(populate_two_teams)

SCRIPT = (
    "\"'><script>struck=1</script><img src=x onerror=struck=1><svg onload=struck=1>"
    "<a href=javascript:struck=1>x</a>{{7*7}}${7*7}</textarea></title><!--"
)
WATCH = """
window.struck = 0;
window.breaches = [];
document.addEventListener("securitypolicyviolation", (event) => {
  breaches.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
PAGES = [
    row for row in TABLE if row.method == "GET" and "<str:key>" in row.address and not row.is_api
]
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63"
    "64f8cf500f000386018034359a37dd0000000049454e44ae426082"
)
FILES = {
    "page.html": b"<!doctype html><script>document.title='struck';alert(1)</script>",
    "page.xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    "picture.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)'
    b"</script></svg>",
    "sheet.xml": b'<?xml version="1.0"?><?xml-stylesheet href="data:text/xsl,x"?><a><script '
    b'xmlns="http://www.w3.org/1999/xhtml">alert(1)</script></a>',
    "notes.txt": b"<script>alert(1)</script>",
    "gif.gif": b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)//<script>alert(1)</script>",
    "png.html": PICTURE + b"<script>alert(1)</script>",
    "page.png": b"\xef\xbb\xbf<html><script>alert(1)</script>",
    "document.pdf": b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
    "script.js": b"alert(1)",
    "utf7.txt": b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "utf16.txt": "<script>alert(1)</script>".encode("utf-16"),
    "archive.jar": b"PK\x03\x04<script>alert(1)</script>",
    "mail.mht": b"MIME-Version: 1.0\nContent-Type: text/html\n\n<script>alert(1)</script>",
}
NAMES = [
    "../../../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "/etc/passwd",
    "a\r\nSet-Cookie: x=1\r\n.txt",
    "a\x00b.txt",
    "\u202egpj.exe",
    "\u2066x\u2069.txt",
    '"; filename="evil.html',
    "<img src=x onerror=alert(1)>.txt",
    "%2e%2e%2fpasswd",
    "con",
    ".htaccess",
    "x" * 500 + ".txt",
]

INCLUDE_SCRIPT = """path => new Promise(resolve => {
  const script = document.createElement("script");
  script.src = path;
  script.onload = () => resolve(`ran, ${window.struck}`);
  script.onerror = () => resolve("refused");
  document.head.append(script);
})"""
INCLUDE_STYLE = """path => new Promise(resolve => {
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = path;
  style.onload = () => resolve("used");
  style.onerror = () => resolve("refused");
  document.head.append(style);
})"""


@pytest.fixture
def browse(teams, chromium):
    """browse(who) is a page signed in as somebody; it fails the test for whatever it runs."""
    contexts, struck = [], []

    def open_page(who):
        context = chromium.new_context(base_url=teams.site, accept_downloads=True)
        contexts.append(context)
        context.add_init_script(WATCH)
        key = teams.attacker(who).cookies[settings.SESSION_COOKIE_NAME]
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": key, "url": teams.site}])
        page = context.new_page()
        page.on("dialog", lambda dialog: (struck.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: struck.append(f"script: {error}"))
        page.on("request", lambda request: foreign(request, struck, urlsplit(teams.site).netloc))
        page.struck = struck
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert struck == []


def foreign(request, struck, host):
    address = urlsplit(request.url)
    if address.scheme in {"http", "https", "ws"} and address.netloc != host:
        struck.append(f"asks {request.url}")


def look(page, path):
    """Open a page, and say what ran there that was nobody's but the planter's."""
    answer = page.goto(path, wait_until="domcontentloaded")
    assert answer.status == 200, f"{path}: {answer.status}"
    found = page.evaluate("[window.struck, window.breaches]")
    if found != [0, []]:
        page.struck.append(f"{path}: {found}")
    links = page.evaluate(
        "[...document.querySelectorAll('[href], [src], [action]')].flatMap(one => "
        "['href', 'src', 'action'].map(name => one.getAttribute(name) ?? ''))"
        ".filter(link => /^\\s*(javascript|vbscript|data:text)/i.test(link))"
    )
    if links:
        page.struck.append(f"{path} links to {links}")


@pytest.fixture
def planted(teams):
    """A script in every text of the first team's rows, and in the results that arrive."""
    mark(teams.mine.project, lambda model, field: SCRIPT, long=False)
    for run in teams.mine.project.runs.all():
        run.ci_url = "javascript:struck=1"
        run.save(update_fields=["ci_url"])
    for row in teams.mine.project.executions.all():
        type(row).objects.filter(pk=row.pk).update(
            properties={"link": "javascript:struck=1", SCRIPT: SCRIPT}
        )


def test_no_page_runs_what_is_planted_in_a_text(teams, planted, browse):
    page = browse("owner")
    for path in ["/", *(path_of(row, teams.mine) for row in PAGES)]:
        if "/artifacts/" not in path and not is_file(path):
            look(page, path)


def is_file(path):
    return any(word in path for word in ("export", "download", ".csv", ".jsonl"))


def test_no_page_of_the_administration_runs_it_either(teams, planted, browse):
    page = browse("superuser")
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        look(page, address)
        rows = model._default_manager
        if model in tenant_models():
            rows = rows.filter(project=teams.mine.project)
        if row := rows.first():
            look(page, f"{address}{row.pk}/change/")


def test_what_arrives_while_somebody_watches_does_not_run(teams, planted, browse):
    run = teams.mine.run
    page = browse("viewer")
    look(page, f"/projects/WEB/runs/{run.number}/")
    hostile = {
        "name": f"arrives {SCRIPT}",
        "status": "failed",
        "message": SCRIPT,
        "trace": SCRIPT,
        "output": SCRIPT,
        "properties": {"url": "javascript:struck=1", "html": SCRIPT},
        "parameters": {"value": SCRIPT},
    }
    send_results(run, hostile, {**hostile, "name": f"passes {SCRIPT}", "status": "passed"})
    page.get_by_text("arrives").first.wait_for(timeout=15_000)
    for row in run.executions.all():
        look(page, f"/projects/WEB/runs/{run.number}/executions/{row.pk}/")
        look(page, f"/projects/WEB/runs/{run.number}/?x={row.pk}")
    for kind in ("html",):
        look(page, f"/projects/WEB/reports/{teams.mine.report.number}/?format={kind}")


def test_no_stored_file_runs_in_the_browser(teams, browse):
    page = browse("viewer")
    for name, data in FILES.items():
        artifact = make_artifact(teams.mine.project, data, name)
        open_or_save(page, artifact.get_absolute_url())
        open_or_save(page, f"/api/v1/projects/WEB/artifacts/{artifact.pk}/content/")


def open_or_save(page, path):
    try:
        page.goto(path, wait_until="load")
    except Exception as error:
        if "Download is starting" not in str(error) and "ERR_ABORTED" not in str(error):
            raise
        return
    assert page.evaluate("document.title") != "struck"
    assert page.evaluate("document.querySelectorAll('script').length") == 0


def test_no_stored_file_is_included_as_a_script_or_a_style(teams, browse):
    """A page of ours that somebody could make include the file would still not run it."""
    page = browse("viewer")
    look(page, "/projects/WEB/")
    for name in ("script.js", "module.mjs", "script.txt", "script.json", "script.html"):
        artifact = make_artifact(teams.mine.project, b"struck=1", name)
        assert page.evaluate(INCLUDE_SCRIPT, artifact.get_absolute_url()) == "refused", name
    artifact = make_artifact(teams.mine.project, b"body { color: red }", "style.css")
    assert page.evaluate(INCLUDE_STYLE, artifact.get_absolute_url()) == "refused"


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_leads_nowhere_and_hides_nothing(teams, name):
    project = teams.mine.project
    artifact = make_artifact(project, b"words", name)
    assert artifact.file.name.startswith(f"{project.pk}/")
    reader = teams.attacker("viewer")
    answer = reader.get(artifact.get_absolute_url())
    assert answer.body == b"words"
    said = answer["Content-Disposition"]
    assert not any(letter in said for letter in "\r\n\x00\u202e\u2066")
    assert "../" not in said
    assert "Set-Cookie" not in dict(answer.headers)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
