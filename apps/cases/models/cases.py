from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.urls import reverse
from django.utils import timezone

from apps.artifacts.models import link_to_artifact
from apps.projects.constraints import SameProject
from apps.projects.models import (
    ProjectScopedManager,
    ProjectScopedModel,
    ProjectScopedQuerySet,
    authored,
    owned,
)
from apps.projects.titles import in_row

from .computed import key_hash, searched, title_in_order
from .people import responsible
from .shared_steps import SharedSteps
from .suites import Suite


def tags_with_names():
    return models.Prefetch("case_tags", CaseTag.objects.select_related("tag"))


class CaseQuerySet(ProjectScopedQuerySet):
    def active(self):
        return self.filter(archived_at=None)

    def for_list(self):
        return (
            self.select_related("suite")
            .prefetch_related(tags_with_names())
            .order_by("number", "id")
        )

    def for_peek(self):
        """What the pane beside the list shows, in three queries."""
        return self.select_related("suite").prefetch_related("steps__shared", tags_with_names())

    def with_tag_names(self):
        """The tags of each within the same query, for pages that count theirs."""
        tags = CaseTag.objects.filter(case=models.OuterRef("pk"))
        return self.annotate(tag_names=ArraySubquery(tags.values("tag__name")))

    def for_page(self):
        """What its own page shows beside what others hung on it, in two queries."""
        aliases = CaseAlias.objects.filter(case=models.OuterRef("pk"))
        return (
            self.select_related("suite", "owner", "created_by")
            .prefetch_related(models.Prefetch("steps", CaseStep.objects.select_related("shared")))
            .with_tag_names()
            .annotate(alias_keys=ArraySubquery(aliases.values("automation_key")))
        )

    def with_content(self):
        """What content_of reads, in four queries whatever the number of cases."""
        return self.select_related("suite", "owner").prefetch_related(
            "steps__shared", tags_with_names(), "aliases"
        )


class Case(ProjectScopedModel):
    """A lasting definition of a test, numbered within the project: WEB-12."""

    class Kind(models.TextChoices):
        MANUAL = "manual", "Manual"
        AUTOMATED = "automated", "Automated"
        HTTP = "http", "HTTP"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        READY = "ready", "Ready"
        DEPRECATED = "deprecated", "Deprecated"

    class Priority(models.TextChoices):
        P0 = "P0", "P0"
        P1 = "P1", "P1"
        P2 = "P2", "P2"
        P3 = "P3", "P3"

    class Severity(models.TextChoices):
        BLOCKER = "blocker", "Blocker"
        CRITICAL = "critical", "Critical"
        MAJOR = "major", "Major"
        NORMAL = "normal", "Normal"
        MINOR = "minor", "Minor"
        TRIVIAL = "trivial", "Trivial"

    number = models.PositiveIntegerField(editable=False)
    suite = models.ForeignKey(
        Suite,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="cases",
    )
    title = models.TextField()
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.MANUAL)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    priority = models.CharField(max_length=2, choices=Priority, default=Priority.P2)
    severity = models.CharField(
        max_length=8, choices=Severity, default=Severity.NORMAL, db_default=Severity.NORMAL
    )
    owner = responsible()
    estimate_seconds = models.PositiveIntegerField(
        "estimate", null=True, blank=True, help_text="How long one execution by hand takes."
    )
    preconditions = models.TextField(blank=True)
    description = models.TextField(blank=True)
    links = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text="[{title, url}] of what belongs to the case elsewhere.",
    )
    requirements = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text="[{name, url}] of the requirements that the case verifies.",
    )
    custom = models.JSONField(
        "custom fields",
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="{name of a custom field: value}; people by their e-mail address.",
    )
    steps_text = models.TextField(
        blank=True, db_default="", editable=False, help_text="All steps, for the search."
    )
    automation_key = models.TextField(
        blank=True,
        help_text="How results find this case, e.g. shop.CartTest::adds_an_item.",
    )
    automation_hash = key_hash()
    search = searched()
    version = models.PositiveIntegerField(default=1, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    has_run = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="It has a finished result."
    )
    created_by = authored()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProjectScopedManager.from_queryset(CaseQuerySet)()

    class Meta(ProjectScopedModel.Meta):
        ordering = ["number"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="suite", name="cases_case_suite_project"),
            models.UniqueConstraint(fields=["project", "number"], name="cases_case_number"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["manual", "automated", "http"]), name="cases_case_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "in_review", "ready", "deprecated"]),
                name="cases_case_status",
            ),
            models.CheckConstraint(
                condition=models.Q(priority__in=["P0", "P1", "P2", "P3"]),
                name="cases_case_priority",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    severity__in=["blocker", "critical", "major", "normal", "minor", "trivial"]
                ),
                name="cases_case_severity",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "automation_hash"],
                condition=~models.Q(automation_key=""),
                name="cases_case_automation",
            ),
            models.Index(fields=["suite", "number"], name="cases_case_suite_number"),
            models.Index(fields=["project", "updated_at"], name="cases_case_updated"),
            models.Index(
                fields=["project", "owner"],
                condition=~models.Q(owner=None),
                name="cases_case_owner",
            ),
            models.Index(
                fields=["project", "priority", "number"], name="cases_case_priority_order"
            ),
            models.Index("project", title_in_order(), "number", name="cases_case_title_order"),
            # Counts of a project's tree are read from it alone.
            models.Index(
                fields=["project", "suite"],
                condition=models.Q(archived_at=None),
                name="cases_case_in_use",
            ),
            models.Index(
                fields=["project", "number"],
                condition=models.Q(has_run=False),
                name="cases_case_never_ran",
            ),
            GinIndex(fields=["search"], name="cases_case_search"),
        ]

    def __str__(self):
        return f"{self.key} {in_row(self.title)}"

    def get_absolute_url(self):
        return reverse("cases:detail", args=[self.project.key, self.number])

    @property
    def key(self):
        return f"{self.project.key}-{self.number}"

    @property
    def is_archived(self):
        return self.archived_at is not None

    @property
    def level(self):
        """The priority as a number, 0 the highest."""
        return int(self.priority[1:])

    @property
    def tags(self):
        """Names in order, of the case_tags that a list has fetched or a page has gathered."""
        if "tag_names" in self.__dict__:
            return sorted(self.tag_names)
        return sorted(str(case_tag.tag) for case_tag in self.case_tags.all())

    @property
    def former_keys(self):
        if "alias_keys" in self.__dict__:
            return sorted(self.alias_keys)
        return sorted(alias.automation_key for alias in self.aliases.all())


class CaseStep(ProjectScopedModel):
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, db_constraint=False, related_name="steps"
    )
    position = models.PositiveIntegerField()
    shared = models.ForeignKey(
        SharedSteps,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="places",
        help_text="The shared steps that stand here in place of one of the case's own.",
    )
    action = models.TextField(blank=True)
    expected = models.TextField("expected result", blank=True)
    data = models.TextField(blank=True)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["case", "position"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="case", name="cases_casestep_case_project"),
            models.UniqueConstraint(
                fields=["project", "case", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="cases_casestep_position",
            ),
            SameProject(field="shared", name="cases_casestep_shared_project"),
            models.CheckConstraint(
                condition=models.Q(shared=None) | models.Q(action="", expected="", data=""),
                name="cases_casestep_own_or_shared",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "shared"],
                condition=~models.Q(shared=None),
                name="cases_casestep_shared",
            ),
        ]

    def __str__(self):
        return f"{self.position}. {in_row(self.shared.title if self.shared else self.action)}"

    @property
    def title(self):
        """Of the shared steps that stand here; read by pages like a step of a version."""
        return self.shared.title if self.shared else ""

    @property
    def steps(self):
        return self.shared.steps if self.shared else []


class Tag(ProjectScopedModel):
    name = models.CharField(max_length=60)

    class Meta(ProjectScopedModel.Meta):
        ordering = ["name"]
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["project", "name"],
                name="cases_tag_name",
                violation_error_message="The project has this tag already.",
            ),
        ]

    def __str__(self):
        return self.name


class CaseTag(ProjectScopedModel):
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, db_constraint=False, related_name="case_tags"
    )
    tag = models.ForeignKey(
        Tag, on_delete=models.CASCADE, db_constraint=False, related_name="case_tags"
    )

    class Meta(ProjectScopedModel.Meta):
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="case", name="cases_casetag_case_project"),
            SameProject(field="tag", name="cases_casetag_tag_project"),
            models.UniqueConstraint(fields=["project", "case", "tag"], name="cases_casetag_once"),
        ]

    def __str__(self):
        return str(self.tag)


class CaseAlias(ProjectScopedModel):
    """A former automation key, by which results still find the case."""

    project = owned(related_name="case_aliases")
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, db_constraint=False, related_name="aliases"
    )
    automation_key = models.TextField()
    automation_hash = key_hash()

    class Meta(ProjectScopedModel.Meta):
        verbose_name_plural = "case aliases"
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="case", name="cases_casealias_case_project"),
            models.UniqueConstraint(
                fields=["project", "automation_hash", "case"],
                name="cases_casealias_once",
                violation_error_message="The case has this former key already.",
            ),
            models.CheckConstraint(
                condition=~models.Q(automation_key=""), name="cases_casealias_not_empty"
            ),
        ]

    def __str__(self):
        return in_row(self.automation_key)


class CaseArtifact(ProjectScopedModel):
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, db_constraint=False, related_name="files"
    )
    artifact = link_to_artifact()

    class Meta(ProjectScopedModel.Meta):
        constraints = [
            *ProjectScopedModel.Meta.constraints,
            SameProject(field="case", name="cases_caseartifact_case_project"),
            SameProject(field="artifact", name="cases_caseartifact_artifact_project"),
        ]

    def __str__(self):
        return str(self.artifact)
