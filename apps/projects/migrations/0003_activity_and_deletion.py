from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_people")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="deleted_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Nobody sees it from then on; a job removes what it holds.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["project", "who", "id"], name="projects_activity_who"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["project", "verb", "id"], name="projects_activity_verb"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                fields=["project", "object_id", "id"], name="projects_activity_object"
            ),
        ),
    ]
