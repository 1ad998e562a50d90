from django_filters import rest_framework as filters

from ..models import Execution


class ExecutionFilter(filters.FilterSet):
    status = filters.MultipleChoiceFilter(choices=Execution.Status)
    flaky = filters.BooleanFilter()
    new_failure = filters.BooleanFilter()
    case = filters.NumberFilter(field_name="case__number", help_text="The number of a case: 12.")
    q = filters.CharFilter(field_name="title", lookup_expr="icontains", help_text="In the title.")

    class Meta:
        model = Execution
        fields = ["status", "flaky", "new_failure", "case", "q"]
