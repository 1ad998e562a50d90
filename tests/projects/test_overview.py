from django.utils import timezone

from testoqa.testing import uses
from tests.data import populate_cast

pytestmark = uses(populate_cast)


def finished_run(project, number, *, failed=0, branch="main"):
    """A completed run of ten tests, of which `failed` fail newly."""
    run = project.runs.create(
        number=number,
        name=f"Nightly {number}",
        environment=project.environments.get(name="ci"),
        branch=branch,
        state="completed",
        verdict="failed" if failed else "passed",
        total=10,
        passed=10 - failed,
        failed=failed,
        new_failures=failed,
        started_at=timezone.now(),
        finished_at=timezone.now(),
    )
    for place in range(failed):
        case = project.cases.create(number=100 * number + place, title=f"Case {number}.{place}")
        project.executions.create(
            run=run,
            case=case,
            title=case.title,
            state="finished",
            verdict="failed",
            new_failure=True,
            message="AssertionError: 1 != 2",
        )
    return run


def test_what_failed_newly_is_named(client, project, viewer):
    finished_run(project, 1)
    finished_run(project, 2, failed=2)
    client.force_login(viewer)
    response = client.get("/projects/WEB/")
    assert [execution.case.title for execution in response.context["broken"]] == [
        "Case 2.0",
        "Case 2.1",
    ]
    assert response.context["broken_total"] == 2
    failing = next(kpi for kpi in response.context["kpis"] if kpi["label"] == "Failing")
    assert failing["value"] == 2


def test_the_trend_is_of_the_default_branch(client, project, tester):
    for number in range(1, 4):
        finished_run(project, number)
    finished_run(project, 4, failed=5, branch="experiment")
    client.force_login(tester)
    response = client.get("/projects/WEB/")
    assert [run.number for run in response.context["trend"]] == [1, 2, 3]
    assert 'class="chart"' in response.text
    assert 'role="img"' in response.text


def test_an_empty_project_shows_how_to_send_the_first_results(client, tester):
    client.force_login(tester)
    response = client.get("/projects/WEB/")
    assert "http://testserver/api/v1/projects/WEB/imports/" in response.text


def test_it_costs_at_most_twelve_queries_however_much_there_is(
    client, project, tester, django_assert_max_num_queries
):
    client.force_login(tester)
    finished_run(project, 1, failed=1)
    with django_assert_max_num_queries(12) as one:
        client.get("/projects/WEB/")
    for number in range(2, 22):
        finished_run(project, number, failed=3)
    with django_assert_max_num_queries(len(one)):
        client.get("/projects/WEB/")
