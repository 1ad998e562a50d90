"""One execution as its drawer and its page show it."""

from django.shortcuts import get_object_or_404

from .rows import ticks_before

HISTORY = 10


def find_execution(run, id):
    """The execution of this run, or 404; the run's partition is the only one that is read."""
    return get_object_or_404(run.executions.select_related("case__suite", "executed_by"), pk=id)


def detail_of(execution, *, history=True):
    """What hangs from an execution, for the template; the `history` of its case is other runs'."""
    here = {"run": execution.run_id}
    return {
        "execution": execution,
        "version": version_of(execution),
        "result": result_of(execution),
        "new_label": "Fails at first sight" if execution.first_seen else "New failure",
        "attempts": [*execution.attempts.filter(**here)],
        "evaluations": execution.evaluations.filter(**here).select_related("created_by"),
        "files": execution.executionartifacts.filter(**here).select_related("artifact"),
        "ticks": ticks_of(execution) if history else [],
        "history": [*history_of(execution)] if history else None,
        "verdicts": [
            choice for choice in execution._meta.get_field("verdict").choices
            if choice[0] != "unknown"
        ],
        "verdict": execution.verdict,
        "actual_result": execution.actual_result,
        "note": execution.note,
    }  # fmt: skip


def version_of(execution):
    """What the case said when it ran, whatever it says now."""
    versions = execution.case.versions.only("number", "content")
    return versions.filter(number=execution.case_version).first()


def result_of(execution):
    """What a strip or a list shows: a flaky pass is not shown as a pass."""
    return "flaky" if execution.flaky else execution.status


def ticks_of(execution):
    return ticks_before(execution.run, [execution.pk]).get(execution.pk) or []


def history_of(execution):
    """The last ten results of the case, in this variant, with their runs, newest first."""
    results = (
        execution.case.executions.filter(variant=execution.variant)
        .select_related("run")
        .only("id", "status", "flaky", "duration_ms", "variant_label", "run")
        .order_by("-run_id", "-id")[:HISTORY]
    )
    for past in results:
        past.result = result_of(past)
        yield past
