from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from apps.projects.constraints import SameProject
from apps.projects.door import open_to
from apps.projects.models import (
    ProjectScopedManager,
    ProjectScopedModel,
    ProjectScopedQuerySet,
    authored,
    owned,
)

from .cases import Case
from .versions import CaseVersion


class WithoutStatus(models.Func):
    """What a version says of the test, and not how far the case is."""

    template = "(%(expressions)s - 'status')"
    output_field = models.JSONField()


class ReviewQuerySet(ProjectScopedQuerySet):
    def waiting(self):
        """Open ones that somebody can decide on now."""
        return self.filter(state="open", case__archived_at=None)

    def written_by(self, user):
        """Those of cases that this person sent, or wrote a word of since the last approval."""
        approved = self.model.objects.filter(case=models.OuterRef("case"), state="approved")
        former = CaseVersion.objects.filter(
            case=models.OuterRef("case"), number=models.OuterRef("number") - 1
        )
        said = WithoutStatus("content")
        theirs = (
            CaseVersion.objects.filter(case=models.OuterRef("case"), created_by=user)
            .annotate(
                approved=models.Subquery(approved.order_by("-version").values("version")[:1]),
                former=models.Subquery(former.values(said=said)[:1]),
            )
            .filter(number__gt=Coalesce("approved", 0))
            .filter(models.Q(former__isnull=True) | ~models.Q(former=said))
        )
        return self.filter(models.Q(asked_by=user) | models.Exists(theirs))

    def decidable_by(self, user):
        """Those waiting whose case is another person's work."""
        return self.waiting().exclude(pk__in=self.waiting().written_by(user).values("pk"))

    def for_list(self):
        return self.select_related("case", "asked_by").order_by("id")


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

    objects = ProjectScopedManager.from_queryset(ReviewQuerySet)()

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


class CommentQuerySet(ProjectScopedQuerySet):
    def for_page(self):
        """With who wrote each, and `called`: [{id, user, email, name, unread}], in one query."""
        mentions = Mention.objects.filter(comment=models.OuterRef("pk")).order_by("user__email")
        said = JSONObject(
            id="id",
            user="user_id",
            email="user__email",
            name="user__name",
            unread=models.Q(read_at=None),
        )
        return self.select_related("created_by").annotate(
            called=ArraySubquery(mentions.values(said=said))
        )


class Comment(ProjectScopedModel):
    """What somebody said of a case, in Markdown; one that was deleted has no words."""

    LONGEST = 20_000

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="comments"
    )
    body = models.TextField()
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = ProjectScopedManager.from_queryset(CommentQuerySet)()

    class Meta(ProjectScopedModel.Meta):
        ordering = ["id"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="case", name="cases_comment_case_project"),
        ]
        indexes = [models.Index(fields=["case", "id"], name="cases_comment_case")]

    @property
    def anchor(self):
        """Its place on the page of the case."""
        return f"comment-{self.pk}"

    def __str__(self):
        return f"comment of {self.created_at:%Y-%m-%d %H:%M}"


class MentionQuerySet(ProjectScopedQuerySet):
    def of(self, user):
        """Those of a person in the projects that they are in, and that are open to them."""
        return self.filter(
            open_to(user, "project__"),
            user=user,
            project__memberships__user=user,
            project__deleted_at=None,
        )

    def unread(self):
        return self.filter(read_at=None)

    def for_list(self):
        return self.select_related("project", "comment__case", "comment__created_by").order_by(
            "-id"
        )

    def mark_read(self):
        """Nobody but who reads is concerned, so the trail tells nothing of it."""
        return self.unread().update(read_at=timezone.now())


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

    objects = ProjectScopedManager.from_queryset(MentionQuerySet)()

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
