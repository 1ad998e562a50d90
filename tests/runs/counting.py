"""What a run says of itself, held against its rows."""

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
    for execution in run.executions.all():
        assert execution.attempts.count() == execution.tries - 1, execution
        numbers = [attempt.number for attempt in execution.attempts.all()]
        assert numbers == sorted(set(numbers))
    if expected:
        six = dict.fromkeys(COUNTED, 0) | {n: v for n, v in expected.items() if n in COUNTED}
        assert {name: said[name] for name in COUNTED} == six
        assert {name: said[name] for name in expected} == expected
    return run


def seq_of(run):
    return Run.objects.values_list("seq", flat=True).get(pk=run.pk)
