from apps.cases.tree import branch_of


def manual_cases(project, suite):
    """The manual cases in use of a suite and of those below it, in the order of their numbers."""
    cases = project.cases.active().filter(kind="manual").exclude(status="deprecated")
    if suite is not None:
        cases = cases.filter(suite__in=branch_of(suite))
    return cases.order_by("number")
