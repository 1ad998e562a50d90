"""What a run says of itself, held against its rows."""

from collections import defaultdict

from django.db.models import Count, Q

from apps.runs.models import COUNTED, Run

PENDING = ["queued", "running", "aborted"]


def counted(run):
    """The counters of the run by a GROUP BY over its executions."""
    rows = dict(run.executions.order_by().values_list("status").annotate(Count("id")))
    counts = {name: rows.get(name, 0) for name in COUNTED}
    counts["pending"] = sum(rows.get(name, 0) for name in PENDING)
    more = run.executions.aggregate(
        total=Count("id"),
        flaky=Count("id", filter=Q(flaky=True)),
        new_failures=Count("id", filter=Q(new_failure=True)),
    )
    return counts | more


def assert_counts(run, **expected):
    """The counters equal the rows, and those named here equal these; the rest of the six are 0."""
    run = Run.objects.get(pk=run.pk)
    said = run.counts | {"new_failures": run.new_failures}
    assert said == counted(run)
    highest = run.executions.order_by("-seq").values_list("seq", flat=True).first() or 0
    assert highest <= run.seq
    numbers = defaultdict(list)
    for execution, number in run.attempts.values_list("execution_id", "number"):
        numbers[execution].append(number)
    for execution, tries in run.executions.values_list("id", "tries"):
        assert len(numbers[execution]) == tries - 1, execution
        assert len(set(numbers[execution])) == len(numbers[execution])
    if expected:
        six = dict.fromkeys(COUNTED, 0) | {n: v for n, v in expected.items() if n in COUNTED}
        assert {name: said[name] for name in COUNTED} == six
        assert {name: said[name] for name in expected} == expected
    return run


def seq_of(run):
    return Run.objects.values_list("seq", flat=True).get(pk=run.pk)
