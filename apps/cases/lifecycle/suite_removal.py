from django.db import transaction

from apps.artifacts.lifecycle import delete_unlinked
from apps.projects import trail
from apps.projects.locks import lock_project
from apps.projects.refusals import Refused

from ..locks import wait_for_matches
from ..models import CaseArtifact, Suite
from ..tree import branch_of


@transaction.atomic
def delete_suite(suite, *, by, cases=0) -> None:
    """Remove a suite with those below it and their cases, of which nothing ever ran.

    `cases` is how many cases, archived ones included, somebody was told would go. Raises Refused
    when there are others by now, and where something was run, which is evidence: archive it then.
    """
    project = suite.project
    # Before the rows of the cases, which whoever is waited for may need.
    wait_for_matches(project)
    lock_project(project)
    branch = project.suites.filter(pk__in=branch_of(suite))
    ids = list(branch.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    inside = project.cases.filter(suite__in=ids)
    gone = list(inside.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    _require_never_run(suite, ids, project.cases.filter(pk__in=gone))
    if len(gone) != cases:
        raise Refused(_told(suite, len(gone)), field="cases", code="not_empty", cases=len(gone))
    links = CaseArtifact.objects.filter(case__in=gone)
    files = set(links.values_list("artifact_id", flat=True))
    before = {"suites": len(ids), "cases": len(gone)}
    trail.note(project, "suite.delete", suite, by=by, before=before)
    project.cases.filter(pk__in=gone).delete()
    delete_unlinked(project, files, by=by)
    project.suites.filter(pk__in=ids).delete()


def _require_never_run(suite, ids, cases):
    if Suite.objects.filter(pk__in=ids, runs__isnull=False).exists():
        raise Refused(
            f"{suite} has runs, so it cannot be deleted; archive it instead.", code="has_runs"
        )
    if cases.filter(executions__isnull=False).exists():
        raise Refused(
            f"Cases in {suite} have results, so it cannot be deleted; archive it instead.",
            code="has_results",
        )


def _told(suite, count):
    if count == 0:
        return f"{suite} holds no cases any more; look again before you delete it."
    noun = "case" if count == 1 else "cases"
    return (
        f"{suite} holds {count:,} {noun}, archived ones included, and deleting it deletes them "
        f"too. Confirm that {count:,} {noun} go, or archive the suite instead."
    )
