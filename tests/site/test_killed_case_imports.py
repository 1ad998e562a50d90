"""kill -9 of the whole tree within an import of cases: the next `up` goes on where it was."""

import random
from contextlib import suppress

from tests.benchmarks import case_files
from tests.benchmarks.case_imports import take_in
from tests.site.client import Api, command, form_of
from tests.site.product import await_true
from tests.site.test_killed_imports import database, one

CASES, BATCH = 8_500, 2_000
READ = "SELECT rows_read FROM cases_caseimport"
STATE = "SELECT state FROM cases_caseimport"
AS_TOLD = "SELECT rows_read = (SELECT count(*) FROM cases_case) FROM cases_caseimport"
ONCE = {
    "cases_case": "title",
    "cases_caseversion": "case_id",
    "cases_caseorigin": "external_id",
    "cases_caseimportrow": "row",
}
"""Tables with a row for each row of the file, and the column that tells one from the others."""


def test_an_import_that_is_killed_at_any_moment_takes_each_row_once(used, make, tmp_path):
    file = case_files.write(tmp_path / "cases.csv", CASES)
    product = started(used, make)
    command(product, "add_person", "--email", "ci@example.org")
    secret = command(product, "issue_token", "--email", "ci@example.org")
    api = Api(product, secret)
    api.ask("POST", "projects/", {"key": "WEB", "name": "Web"})
    body, kind = form_of(file, {})
    sent = api.ask("POST", "projects/WEB/case-imports/", body, {"Content-Type": kind})
    api.ask("POST", f"projects/WEB/case-imports/{sent['id']}/start/", {})

    dice, kills = random.Random(7), 0
    with suppress(AssertionError):
        while True:
            let_read(used, BATCH, dice.uniform(0, 1.5))
            product.kill_everything()
            kills += 1
            product = started(used, make)
    assert kills >= 3, "of one killed once too little is shown"
    with database(used) as rows:
        await_true(lambda: one(rows, STATE) == "done", within=60)
        assert one(rows, "SELECT created FROM cases_caseimport") == CASES
        for table, column in ONCE.items():
            held = one(rows, f"SELECT count(*) FROM {table}")
            distinct = one(rows, f"SELECT count(DISTINCT {column}) FROM {table}")
            assert (held, distinct) == (CASES, CASES), table
    again = take_in(Api(product, secret), file, {})
    assert again["unchanged"] == CASES
    product.stop()


def started(used, make):
    product = make(used).start()
    product.ready()
    return product


def let_read(data, more, pause):
    """Wait until so many more rows are read, and some of the next batch. Fails at the end."""
    with database(data) as rows:
        goal = one(rows, READ) + more
        assert goal < CASES
        await_true(lambda: one(rows, READ) >= goal, within=60)
        assert one(rows, AS_TOLD), "what was stored is what is told"
        rows.execute("SELECT pg_sleep(%s)", [pause])
