"""Two teams that know nothing of each other, each with a row in every table, and their attackers.

The first team is that of WEB, the second that of OPS.
"""

from django.utils import timezone

from apps.accounts.models import User
from apps.cases.models import (
    BulkChange,
    BulkItem,
    CaseAlias,
    CaseArtifact,
    CaseImport,
    CaseImportRow,
    CaseOrigin,
    CaseStep,
    CaseTag,
    Comment,
    CustomField,
    Mention,
    Review,
    SavedFilter,
    Tag,
)
from apps.executions.models import Attempt, Evaluation, ExecutionArtifact
from apps.memberships.lifecycle import remove_member
from apps.memberships.models import Invitation
from apps.projects.models import Project
from apps.reports.models import ReportArtifact
from apps.runs.models import RunArtifact, RunGuest
from testoqa.testing import ensure_data
from tests.factories import make_user
from tests.walls.permissions.setting import Things, populate_both_projects
from tests.walls.world import tenant_models


@ensure_data(populate_both_projects)
def populate_two_teams():
    """WEB and OPS with a row in each of their tables, somebody of neither, and a superuser.

    Who owned both owns WEB alone from here on.
    """
    make_user("stranger@example.com")
    for project in Project.objects.filter(key__in=["WEB", "OPS"]):
        complete(project)
    both = Project.objects.get(key="OPS").memberships.get(user__email="owner@example.com")
    remove_member(both, by=User.objects.get(email="outsider@example.com"))


def complete(project):
    """A row of every table that is empty yet, hung on what is there."""
    things = Things(project)
    case, run, artifact = things.case, things.run, things.artifact
    hung = {"run": run, "execution": things.execution}
    tag = project.tags.first() or project.tags.create(name="smoke")
    made = {
        Tag: {},
        CaseTag: {"case": case, "tag": tag},
        CaseStep: {"case": case, "position": 1, "action": "Open", "expected": "It", "data": "x"},
        CaseAlias: {"case": case, "automation_key": "cart::adds"},
        CaseArtifact: {"case": case, "artifact": artifact},
        RunArtifact: {"run": run, "artifact": artifact},
        RunGuest: {"run": run, "user": things.newcomer},
        Attempt: {**hung, "number": 1, "verdict": "failed", "source": things.sent},
        Evaluation: {**hung, "kind": "override", "verdict": "failed", "reason": "r", "note": "n"},
        ExecutionArtifact: {**hung, "artifact": artifact},
        ReportArtifact: {"report": things.report, "artifact": artifact},
        Invitation: {
            "email": f"guest.{project.key.lower()}@example.com",
            "role": "tester",
            "digest": f"{project.key:0>64}",
            "expires_at": timezone.now() + Invitation.LIFETIME,
        },
    }
    project.imports.update(
        received=2, refused_count=1, refused=[{"line": 1, "reason": "r"}], warnings=["w"]
    )
    make_rows(project, made)
    make_rows(project, around_case(project, case))
    # Only its maker opens the form of a filter, and this owner stays.
    owner = {"WEB": "owner@example.com", "OPS": "outsider@example.com"}[project.key]
    project.saved_filters.update(created_by=User.objects.get(email=owner))
    empty = [
        model._meta.label
        for model in tenant_models()
        if not model._default_manager.filter(project=project).exists()
    ]
    assert not empty, f"{project.key} has no row of {', '.join(empty)}."


def make_rows(project, made):
    for model, fields in made.items():
        if not model.objects.filter(project=project).exists():
            model.objects.create(project=project, **fields)


def around_case(project, case):
    """What people say of cases, how they find and change them, and where cases came from."""
    member = project.memberships.first().user
    comment = project.comments.first() or project.comments.create(case=case, body="b")
    change = project.bulk_changes.first() or project.bulk_changes.create(
        verb="set", arguments={"title": "t"}, reason="r"
    )
    arrival = project.case_imports.first() or project.case_imports.create(
        filename="cases.csv", format="csv", options={"sheet": "s"}, warnings=["w"], reason="r"
    )
    return {
        Comment: {"case": case, "body": "b"},
        Mention: {"comment": comment, "user": member},
        Review: {"case": case, "version": 1, "note": "n"},
        CustomField: {"name": "Browser", "kind": "choice", "options": ["o"], "default": "o"},
        SavedFilter: {"name": "Mine", "query": "q=x", "created_by": member},
        BulkChange: {"verb": "set"},
        BulkItem: {"change": change, "case": case, "before": {"title": "t"}},
        CaseImport: {"filename": "cases.csv", "format": "csv"},
        CaseImportRow: {
            "case_import": arrival,
            "row": 1,
            "outcome": "refused",
            "title": "t",
            "column": "c",
            "reason": "r",
        },
        CaseOrigin: {"case": case, "source": "csv", "external_id": "C1"},
    }
