"""One row of every table that a project owns, with every link between them set."""

from django.apps import apps
from django.utils import timezone

from apps.artifacts.models import Artifact
from apps.cases.models import (
    BulkChange,
    BulkItem,
    Case,
    CaseAlias,
    CaseArtifact,
    CaseImport,
    CaseImportRow,
    CaseOrigin,
    CaseStep,
    CaseTag,
    CaseVersion,
    Comment,
    CustomField,
    Mention,
    Review,
    SavedFilter,
    SharedSteps,
    Suite,
    Tag,
)
from apps.executions.models import Attempt, Evaluation, Execution, ExecutionArtifact, Import
from apps.memberships.models import Invitation, Membership
from apps.projects.models import Activity, Environment
from apps.reports.models import Report, ReportArtifact
from apps.runs.models import Run, RunArtifact, RunGuest

INSTANCE_WIDE = {
    "accounts.User",
    "accounts.User_groups",
    "accounts.User_user_permissions",
    "accounts.InstanceActivity",
    "projects.Project",
    "projects.ProjectUserObjectPermission",
    "projects.ProjectGroupObjectPermission",
    "memberships.ApiToken",
}
"""What belongs to the instance or to a person; the door is asked for each use of a token."""


def all_models():
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_config.name.startswith("apps.")
    ]


def tenant_models():
    return [model for model in all_models() if model._meta.label not in INSTANCE_WIDE]


def make_world(project, number=1):
    """{model: a row of the project}; `number` is that of its case, version, run and report."""
    rows = {
        Membership: project.memberships.first(),
        Activity: project.activity.first(),
        Invitation: project.invitations.create(
            email="new@example.com", role="tester", digest="1", expires_at=timezone.now()
        ),
    }
    artifact = project.artifacts.create(
        file=f"{project.pk}/{project.key}",
        name="log.txt",
        content_type="text/plain",
        size=3,
        sha256=b"1",
    )
    rows[Artifact] = artifact
    rows |= make_cases(project, artifact, number)
    rows |= make_runs(project, artifact, rows, number)
    return rows


def make_cases(project, artifact, number):
    parent = project.suites.create(name="Shop", path="Shop")
    suite = project.suites.create(parent=parent, name="Cart", path="Shop / Cart")
    case = project.cases.create(number=number, suite=suite, title="Adds an item")
    tag = project.tags.create(name="smoke")
    shared = project.shared_steps.create(title="Sign in", steps=[])
    return {
        **make_work_on(project, case),
        SharedSteps: shared,
        Suite: suite,
        Case: case,
        Tag: tag,
        CaseStep: project.casesteps.create(case=case, position=1, shared=shared),
        CaseVersion: project.caseversions.create(case=case, number=number, content={}),
        CaseTag: project.casetags.create(case=case, tag=tag),
        CaseAlias: project.case_aliases.create(case=case, automation_key="cart::adds"),
        CaseArtifact: project.caseartifacts.create(case=case, artifact=artifact),
    }


def make_work_on(project, case):
    """What people do with a case: comments, reviews, changes of many, imports, filters."""
    person = project.memberships.first().user
    comment = project.comments.create(case=case, body="Look here, @owner@example.com.")
    change = project.bulk_changes.create(verb="tag", total=1)
    arrival = project.case_imports.create(filename="cases.csv", format="csv")
    return {
        Comment: comment,
        Mention: project.mentions.create(comment=comment, user=person),
        Review: project.reviews.create(case=case, version=1),
        BulkChange: change,
        BulkItem: project.bulkitems.create(change=change, case=case),
        CaseImport: arrival,
        CaseImportRow: project.caseimportrows.create(
            case_import=arrival, row=project.pk, outcome="created", case=case
        ),
        CaseOrigin: project.caseorigins.create(
            case=case, source="csv", external_id=f"{project.key} 1"
        ),
        CustomField: project.custom_fields.create(name="Browser", kind="text"),
        SavedFilter: project.saved_filters.create(name="Mine", created_by=person),
    }


def make_runs(project, artifact, rows, number):
    environment = project.environments.first()
    run = project.runs.create(
        number=number,
        name="Nightly",
        environment=environment,
        suite=rows[Suite],
        state="running",
        started_at=timezone.now(),
    )
    sent = project.imports.create(run=run, filename="junit.xml", sha256=b"1", fields_sha256=b"2")
    execution = project.executions.create(
        run=run,
        case=rows[Case],
        title="Adds an item",
        state="finished",
        verdict="failed",
        source=sent,
    )
    hung = {"run": run, "execution": execution}
    report = project.reports.create(
        number=number,
        title="Nightly",
        first_run=run,
        last_run=run,
        first_number=1,
        last_number=1,
        content={},
    )
    return {
        Environment: environment,
        Run: run,
        RunArtifact: project.runartifacts.create(run=run, artifact=artifact),
        RunGuest: project.runguests.create(run=run, email="guest@example.com"),
        Import: sent,
        Execution: execution,
        Attempt: project.attempts.create(**hung, number=1, verdict="failed", source=sent),
        Evaluation: project.evaluations.create(**hung, kind="override", verdict="failed"),
        ExecutionArtifact: project.executionartifacts.create(**hung, artifact=artifact),
        Report: report,
        ReportArtifact: project.reportartifacts.create(report=report, artifact=artifact),
    }
