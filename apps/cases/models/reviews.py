from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.projects.constraints import SameProject
from apps.projects.models import ProjectScopedModel, authored, owned

from .cases import Case


class Review(ProjectScopedModel):
    """A case sent to review, and what came of it."""

    class State(models.TextChoices):
        OPEN = "open", "Waits for a reviewer"
        APPROVED = "approved", "Approved"
        RETURNED = "returned", "Returned"
        WITHDRAWN = "withdrawn", "Withdrawn"

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="reviews"
    )
    version = models.PositiveIntegerField(help_text="The version that was sent, later decided on.")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    note = models.TextField(blank=True)
    asked_by = authored()
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_by = authored()
    decided_at = models.DateTimeField(null=True, editable=False)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["-id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="case", name="cases_review_case_project"),
            models.UniqueConstraint(
                fields=["project", "case"],
                condition=models.Q(state="open"),
                name="cases_review_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "approved", "returned", "withdrawn"]),
                name="cases_review_state",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at=None)
                | (~models.Q(state="open") & ~models.Q(decided_at=None)),
                name="cases_review_decided",
            ),
        ]
        indexes = [models.Index(fields=["case", "id"], name="cases_review_case")]

    def __str__(self):
        return f"review of version {self.version}"


class Comment(ProjectScopedModel):
    """What somebody said of a case, in Markdown."""

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="comments"
    )
    body = models.TextField()
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="case", name="cases_comment_case_project"),
        ]
        indexes = [models.Index(fields=["case", "id"], name="cases_comment_case")]

    def __str__(self):
        return f"comment of {self.created_at:%Y-%m-%d %H:%M}"


class Mention(ProjectScopedModel):
    """A person named in a comment (@ada@example.com), until they have read it."""

    project = owned(held_by_parent=True)
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, db_constraint=False, related_name="mentions"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    read_at = models.DateTimeField(null=True, editable=False)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["-id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="comment", name="cases_mention_comment_project"),
            models.UniqueConstraint(
                fields=["project", "comment", "user"], name="cases_mention_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "id"],
                condition=models.Q(read_at=None),
                name="cases_mention_unread",
            )
        ]

    def __str__(self):
        return f"mention of {self.user}"
