from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("memberships", "0002_people")]

    operations = [
        migrations.AlterField(
            model_name="invitation",
            name="sent_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
