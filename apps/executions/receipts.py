"""The receipt of an upload or batch, as the contract words it."""

from django.urls import reverse

from apps.runs.verdicts import suite_errors

from .models import Import


def receipt(import_, request) -> dict:
    """The receipt as JSON; adds up: received = stored + attempts + repeated + refused."""
    run = import_.run
    return {
        "id": str(import_.pk),
        "state": import_.state,
        "run": _run(run, request) if run else None,
        "received": import_.received,
        "stored": import_.stored,
        "attempts": import_.attempts,
        "matched": import_.matched,
        "created_cases": import_.created_cases,
        "ambiguous": import_.ambiguous,
        "repeated": import_.repeated,
        "refused": import_.refused,
        "warnings": import_.warnings,
        "repaired": import_.repaired,
        "suite_errors": import_.suite_errors,
        "repeated_import": getattr(import_, "was_repeated", False),
        "filename": import_.filename,
        "bytes_read": import_.bytes_read,
        "bytes_total": import_.bytes_total,
        "reason": import_.reason,
        "created_at": import_.created_at,
        "finished_at": import_.finished_at,
        "undone_at": import_.undone_at,
        "url": request.build_absolute_uri(api_address(import_)),
    }


def api_address(import_):
    return reverse("api:receipt", args=[import_.project.key, import_.pk])


def should_stop_pipeline(import_, fail_on) -> bool:
    """Whether ?fail_on=failed|new makes the answer a 422; an error of a suite is never known."""
    run = import_.run
    if not fail_on:
        return False
    if import_.state != Import.State.DONE or run is None:
        return import_.state == Import.State.REFUSED
    failures = run.failed + run.error if fail_on == "failed" else run.new_failures
    return failures > 0 or suite_errors(run) > 0


def _run(run, request):
    return {
        "number": run.number,
        "url": request.build_absolute_uri(run.get_absolute_url()),
        "status": run.status,
        "verdict": run.verdict,
        "counts": run.counts,
        "new_failures": run.new_failures,
    }
