import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import apps.accounts.fields

ADDRESSES = """
    UPDATE runs_runguest SET email = accounts_user.email
    FROM accounts_user WHERE accounts_user.id = runs_runguest.user_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0003_activity_and_deletion"),
        ("runs", "0002_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(name="runguest", options={"ordering": ["email"]}),
        migrations.RemoveConstraint(model_name="runguest", name="runs_runguest_user"),
        migrations.AddField(
            model_name="runguest",
            name="email",
            field=apps.accounts.fields.LowercaseEmailField(
                default="", max_length=254, verbose_name="e-mail address"
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(ADDRESSES, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="runguest",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="runguest",
            constraint=models.UniqueConstraint(
                fields=("project", "run", "email"),
                name="runs_runguest_email",
                violation_error_message="This address is a guest of the run already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="runguest",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="runs_runguest_email_lower",
            ),
        ),
    ]
