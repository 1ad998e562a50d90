"""Whether reports are older than the last change of their runs."""

from apps.runs.models import Run


def mark_outdated(reports):
    """Set `outdated` on each report of a page, with one query for all; returns them.

    A run that was deleted since is a change as well.
    """
    wanted = {key for report in reports for key in report.seqs}
    current = dict(Run.objects.filter(pk__in=wanted).values_list("pk", "seq"))
    now = {str(key): seq for key, seq in current.items()}
    for report in reports:
        report.outdated = any(now.get(key) != seq for key, seq in report.seqs.items())
    return reports
