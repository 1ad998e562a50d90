from django_filters import rest_framework as filters

from ..models import Run


class RunFilter(filters.FilterSet):
    status = filters.MultipleChoiceFilter(choices=Run.Status)
    state = filters.MultipleChoiceFilter(choices=Run.State)
    kind = filters.ChoiceFilter(choices=Run.Kind)
    environment = filters.CharFilter(field_name="environment__name")
    branch = filters.CharFilter()
    run_key = filters.CharFilter()
    suite = filters.UUIDFilter()

    class Meta:
        model = Run
        fields = ["status", "state", "kind", "environment", "branch", "run_key", "suite"]
