from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from apps.projects.models import ProjectScopedModel, owned


class CustomField(ProjectScopedModel):
    """A field that a project adds to its cases; Case.custom holds the values by its name."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        CHOICE = "choice", "One choice"
        CHOICES = "choices", "Several choices"
        DATE = "date", "Date"
        PERSON = "person", "Person"
        URL = "url", "URL"
        CHECKBOX = "checkbox", "Check box"

    project = owned(related_name="custom_fields")
    name = models.CharField(
        max_length=60,
        validators=[
            RegexValidator(
                r'^[^\s":][^":\r\n\t]*\Z',
                "A name begins with a letter or sign and holds no quotes, colons or line ends.",
            )
        ],
        help_text="As it is shown, and as it is found: field.Browser:firefox.",
    )
    kind = models.CharField(max_length=8, choices=Kind)
    required = models.BooleanField(default=False)
    options = models.JSONField(default=list, blank=True, help_text="What may be chosen, in order.")
    default = models.JSONField(null=True, blank=True, help_text="What a new case begins with.")
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["position", "name"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            models.UniqueConstraint(
                "project",
                Lower("name"),
                name="cases_customfield_name",
                violation_error_message="The project has a field of this name already.",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "text",
                        "number",
                        "choice",
                        "choices",
                        "date",
                        "person",
                        "url",
                        "checkbox",
                    ]
                ),
                name="cases_customfield_kind",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("cases:fields", args=[self.project.key])
