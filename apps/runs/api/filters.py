from django_filters import rest_framework as filters

from apps.projects.environments import name_meant

from ..models import Run


class RunFilter(filters.FilterSet):
    status = filters.MultipleChoiceFilter(choices=Run.Status)
    state = filters.MultipleChoiceFilter(choices=Run.State)
    kind = filters.ChoiceFilter(choices=Run.Kind)
    environment = filters.CharFilter(method="by_environment", help_text="production is prod.")
    branch = filters.CharFilter()
    run_key = filters.CharFilter()
    suite = filters.UUIDFilter()

    class Meta:
        model = Run
        fields = ["status", "state", "kind", "environment", "branch", "run_key", "suite"]

    def by_environment(self, runs, name, environment):
        return runs.filter(environment__name=name_meant(environment))
