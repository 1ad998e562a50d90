"""A test may be named with two million characters: no page grows with it, and nothing is lost."""

import pytest
from django.contrib import admin
from django.urls import reverse

from apps.cases.models import Case, CaseAlias, CaseVersion, Suite
from apps.executions.models import Execution
from apps.projects.admin import ReadOnlyAdmin
from apps.reports.lifecycle import make_report
from testoqa.testing import uses
from tests.factories import owner_of, send_results

from .permissions.setting import find_setting, populate_both_projects
from .permissions.table import TABLE
from .test_permission_table import ask, client_of, path_of

pytestmark = uses(populate_both_projects)

LONG = "shop.Cart adds " * 140_000
LARGEST = 150 * 1024
WHOLE = {
    "projects/<str:key>/cases/<int:number>/edit/",
    "projects/<str:key>/cases/<int:number>/quick/",
}
"""A form holds the whole text, or saving it would cut it."""
PAGES = [row for row in TABLE if row.method == "GET" and not row.is_api]


@pytest.fixture
def setting():
    """The table's, whose case, result, receipt and report are of a test with such a name."""
    setting = find_setting()
    things = setting.mine
    things.project.repeats = "tries"
    things.project.save(update_fields=["repeats"])
    results = [
        {"name": name, "suite": LONG, "status": status, "message": LONG}
        for name in (LONG, f"refunds [{LONG}]")
        for status in ("passed", "failed")
    ]
    things.rows["sent"] = send_results(things.run, *results)
    things.rows["execution"] = things.run.executions.get(title__startswith=LONG[:100])
    things.rows["case"] = things.execution.case
    things.project.case_aliases.create(case=things.case, automation_key=f"{LONG} before")
    things.rows["report"] = make_report(
        things.project, first_run=things.run, by=owner_of(things.project)
    )
    return setting


def test_no_page_grows_with_the_name_of_a_test(setting):
    case = setting.mine.case
    assert len(case.title) > 2_000_000 and len(case.automation_key) > 2_000_000
    large = {}
    for row in PAGES:
        who = next((who for who, code in row.expected().items() if code == 200), None)
        if who is None or row.address in WHOLE:
            continue
        path = path_of(row, setting.mine.project, setting.mine)
        answer = ask(client_of(setting, who), row, path, setting.mine)
        size = 0 if answer.streaming else len(answer.content)
        if size > LARGEST:
            large[str(row)] = f"{size:,}"
    assert not large, "\n".join(f"{row}: {size} bytes" for row, size in large.items())


def test_nor_does_a_page_of_the_administration(setting):
    client, large, seen = client_of(setting, "superuser"), [], set()
    for model, page in admin.site._registry.items():
        row = model.objects.order_by("pk").last() if isinstance(page, ReadOnlyAdmin) else None
        for verb in ("change", "history") if row else ():
            seen.add(model)
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{verb}"
            answer = client.get(reverse(name, args=[row.pk]))
            assert answer.status_code == 200, name
            if len(answer.content) > LARGEST:
                large.append(f"{name}: {len(answer.content):,} bytes")
    assert not large, "\n".join(large)
    assert {Case, CaseAlias, CaseVersion, Execution, Suite} <= seen


def test_the_api_and_the_form_hold_the_whole_name(setting, client):
    case = setting.mine.case
    page = client_of(setting, "owner").get(reverse("cases:edit", args=["WEB", case.number]))
    assert LONG.strip() in page.content.decode()
    answer = client_of(setting, "owner").get(f"/api/v1/projects/WEB/cases/{case.number}/")
    assert answer.json()["title"] == case.title
