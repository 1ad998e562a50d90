import pytest
from django.contrib import admin
from django.urls import reverse

from apps.artifacts.lifecycle import hang_artifact
from apps.cases import lifecycle
from apps.cases.admin import CaseAdmin
from apps.cases.models import Case
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact, make_case, make_suite, make_user
from tests.walls.world import make_work_on

pytestmark = uses(populate_cast)

MODELS = [model for model in admin.site._registry if model._meta.app_label == "cases"]


@pytest.fixture
def case(project, manager, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    case = make_case(
        project, "Pays", suite=make_suite(project, "shop"), steps=[{"action": "Open"}],
        tags=["money"], aliases=["old::key"],
    )  # fmt: skip
    hang_artifact(make_artifact(project), case, by=manager)
    project.shared_steps.create(title="Sign in to the shop")
    make_work_on(project, case)
    return case


@pytest.fixture
def administrator(client):
    person = make_user(is_superuser=True)
    client.force_login(person)
    return person


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_table_is_listed_searched_and_looked_at(case, administrator, client, model):
    name = f"admin:cases_{model._meta.model_name}"
    listed = client.get(reverse(f"{name}_changelist"), {"q": "o"})
    assert listed.status_code == 200
    row = model.objects.get()
    assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse(f"{name}_add")).status_code == 403


def test_every_model_has_a_screen():
    from django.apps import apps

    assert set(apps.get_app_config("cases").get_models()) == set(MODELS)


def test_cases_are_archived_and_restored_by_the_verbs(case, administrator, client):
    address = reverse("admin:cases_case_changelist")
    for action, archived in (("archive", True), ("archive", True), ("restore", False)):
        chosen = {"action": action, admin.helpers.ACTION_CHECKBOX_NAME: [str(case.pk)]}
        client.post(address, chosen)
        assert Case.objects.get().is_archived is archived
    assert "archive" in CaseAdmin.actions


def test_what_a_version_said_is_shown_as_text(project, manager, administrator, client):
    case = make_case(project, "<b>Pays</b>")
    lifecycle.change_case(case, by=manager, title="<i>Adds</i>")
    version = case.versions.get(number=2)
    text = client.get(reverse("admin:cases_caseversion_change", args=[version.pk])).content.decode()
    assert "&lt;i&gt;Adds" in text
