"""Conditions on the results of cases, found without walking all cases or all results.

Results that are not a plain pass are few, and two partial indexes hold them: of a case outside
that set nothing is read, and of one inside its last results, along the index by case. A pass is
common, so a list of passing cases is full after a short walk in its own order.
"""

from django.db.models import BooleanField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models import Case as Choose
from django.db.models.functions import Coalesce
from django.db.models.lookups import In

from ..models import Case
from .fields import NONE

RECENT = 10
"""Results among which a flaky one makes the case flaky."""
UNCOMMON = ("failed", "error", "skipped", "blocked")


def last_result(project, results) -> Q:
    """The last finished result of the case is one of these; `none` for no result at all."""
    results = set(results)
    found = Q()
    if uncommon := results & set(UNCOMMON):
        found |= _last_among(uncommon, _results(project, verdict__in=sorted(uncommon)))
    if "flaky" in results:
        found |= _last_among({"flaky"}, _results(project, flaky=True))
    if "passed" in results:
        found |= Q(In(_last(), ["passed"]))
    if NONE in results:
        found |= never_run()
    return found


def never_run() -> Q:
    """Those that are not known to have run, which an index holds, are looked at."""
    return Q(has_run=False) & ~Q(Exists(_finished()))


def is_flaky(project) -> Q:
    """One of the last results passed only after an earlier try had failed."""
    recent = _finished().order_by("-run_id", "-id").values("flaky")[:RECENT]
    return _if_in(_results(project, flaky=True), In(Value(True), recent))


def _executions():
    return Case.executions.rel.related_model.objects.all()


def _results(project, **fields):
    """Cases that ever had such a result, by the partial indexes alone."""
    return _executions().filter(project=project, **fields).order_by().values("case")


def _finished():
    return _executions().filter(case=OuterRef("pk"), state="finished").order_by()


def _last():
    """What the last result is called in lists, “none” where there is none."""
    shown = Choose(When(flaky=True, then=Value("flaky")), default=F("status"))
    last = _finished().order_by("-run_id", "-id").values(shown=shown)[:1]
    return Coalesce(Subquery(last), Value(NONE))


def _last_among(results, cases):
    return _if_in(cases, In(_last(), sorted(results)))


def _if_in(cases, condition):
    """Both, the second in a CASE, since the planner would else be free to try it on every case.

    The first lets it begin with those few, where they are few.
    """
    when = When(pk__in=cases, then=condition)
    return Q(pk__in=cases) & Q(Choose(when, default=Value(False), output_field=BooleanField()))
