"""kill -9 of the whole tree while a project is being deleted: the next `up` ends it."""

from tests.benchmarks import junit
from tests.site.client import Api, command
from tests.site.product import await_true
from tests.site.test_killed_imports import database, one

TESTS = 6_000
LEFT = (
    "SELECT (SELECT count(*) FROM projects_project WHERE key = 'WEB') "
    "+ (SELECT count(*) FROM executions_execution WHERE project_id = %s) "
    "+ (SELECT count(*) FROM cases_case WHERE project_id = %s) "
    "+ (SELECT count(*) FROM projects_activity WHERE project_id = %s)"
)


def test_a_deletion_that_was_killed_is_ended_by_the_next_start(used, make, tmp_path):
    product = make(used).start()
    product.ready()
    command(product, "add_person", "--email", "ci@example.org")
    api = Api(product, command(product, "issue_token", "--email", "ci@example.org"))
    for key in ("WEB", "OPS"):
        api.ask("POST", "projects/", {"key": key, "name": key})
        api.upload(key, junit.write(tmp_path / f"{key}.xml", TESTS), name=key)
    with database(used) as rows:
        web = one(rows, "SELECT id FROM projects_project WHERE key = 'WEB'")
        before = of_ops(rows)
        api.ask("DELETE", "projects/WEB/", headers={"X-Confirm": "WEB"})
        count = f"SELECT count(*) FROM cases_caseversion WHERE project_id = {web}"
        # In the midst of it: some steps have ended, others have not.
        await_true(lambda: one(rows, count) < TESTS)
        product.kill_everything()
    product = make(used).start()
    product.ready()
    with database(used) as rows:
        await_true(lambda: rows.execute(LEFT, [web] * 3).fetchone()[0] == 0, within=120)
        assert of_ops(rows) == before
        trail = "SELECT array_agg(verb ORDER BY id) FROM accounts_instanceactivity "
        assert one(rows, f"{trail} WHERE project_key = 'WEB'") == [
            "project.delete",
            "project.erase",
        ]
    product.stop()


def of_ops(rows):
    found = {}
    for table in ("cases_case", "cases_caseversion", "executions_execution", "projects_activity"):
        found[table] = rows.execute(
            f"SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) "
            f"FROM {table} t WHERE project_id = (SELECT id FROM projects_project WHERE key = 'OPS')"
        ).fetchone()
    return found
