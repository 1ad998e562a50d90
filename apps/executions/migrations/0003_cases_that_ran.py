from django.db import migrations

MARK = """
UPDATE cases_case c SET has_run = true WHERE EXISTS (
    SELECT FROM executions_execution e WHERE e.case_id = c.id AND e.state = 'finished'
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("executions", "0002_results_that_stand_out"),
        ("cases", "0006_cases_that_ran"),
    ]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop, elidable=True)]
