import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from apps.artifacts.lifecycle import hang_artifact
from apps.artifacts.models import Artifact
from apps.cases import lifecycle
from apps.cases.content import content_of
from apps.cases.copying import copy_cases
from apps.cases.models import Case
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact, make_case, make_member, make_suite

pytestmark = uses(populate_cast)

OWN = {"action": "Open the shop", "expected": "It opens", "data": "guest"}
SHARED = [
    {"action": "Type the name", "expected": "", "data": "ada"},
    {"action": "Press Enter", "expected": "Signed in", "data": ""},
]


@pytest.fixture
def fields(project, other_project):
    project.custom_fields.create(name="Browser", kind="text")
    project.custom_fields.create(name="Level", kind="number")
    project.custom_fields.create(name="Team", kind="text")
    other_project.custom_fields.create(name="browser", kind="text")
    other_project.custom_fields.create(name="Level", kind="text")


@pytest.fixture
def full(project, manager, fields):
    """A case that says all a case can say, with a file, and results and a second version."""
    shared = project.shared_steps.create(title="Sign in", steps=SHARED)
    case = make_case(
        project, "Pays by card", by=manager, suite=make_suite(project, "pay"), owner=manager,
        status="ready", severity="major", estimate_seconds=90, preconditions="A basket",
        description="By card", links=[{"title": "Issue", "url": "https://example.com/1"}],
        requirements=[{"name": "R1", "url": ""}], tags=["money", "web"], aliases=["old"],
        custom={"Browser": "firefox", "Level": 3, "Team": "blue"}, automation_key="pay.card",
        steps=[OWN, {"shared": str(shared.pk)}, {**OWN, "action": "Close it"}],
    )  # fmt: skip
    hang_artifact(make_artifact(project, b"red\n"), case, by=manager)
    return lifecycle.change_case(case, by=manager, title="Pays by any card")


def copy_one(case, project, *, by, suite=None):
    copied = copy_cases([case], project, by=by, suite=suite)
    return Case.objects.with_content().get(pk=copied[case.pk])


def test_values_go_to_another_project_only_where_they_fit(project, other_project, owner):
    outsider = make_member(project, "tester")
    make_member(other_project, "viewer", owner)
    for one, options in ((project, ["A", "b", "c"]), (other_project, ["C", "a"])):
        for kind in ("choice", "choices"):
            one.custom_fields.create(name=kind, kind=kind, options=options)
        for name in ("Checker", "Author"):
            one.custom_fields.create(name=name, kind="person")
    first = make_case(
        project, "some",
        custom={"choice": "A", "choices": ["A", "b", "c"], "Author": owner.email,
                "Checker": outsider.email},
    )  # fmt: skip
    second = make_case(project, "none", custom={"choice": "b", "choices": ["b"]})
    copies = copy_cases([first, second], other_project, by=owner)
    said = {case.title: case.custom for case in other_project.cases.filter(pk__in=copies.values())}
    assert said == {
        "some": {"choice": "a", "choices": ["C", "a"], "Author": owner.email}, "none": {},
    }  # fmt: skip


def test_a_copy_within_the_project_says_the_same_and_has_a_first_version(project, full, manager):
    gifts = make_suite(project, "gifts")
    copy = copy_one(full, project, by=manager, suite=gifts)
    source = content_of(Case.objects.with_content().get(pk=full.pk))
    alone = {"suite": "gifts", "automation_key": ""}
    assert content_of(copy) == {k: v for k, v in source.items() if k != "aliases"} | alone
    assert (copy.key, copy.version, copy.created_by) == ("WEB-2", 1, manager)
    assert copy.steps_text == Case.objects.get(pk=full.pk).steps_text != ""
    version = copy.versions.get()
    assert (version.note, version.content) == ("Copied from WEB-1", content_of(copy))
    assert [link.artifact_id for link in copy.files.all()] == [full.files.get().artifact_id]
    assert Artifact.objects.count() == 1


def test_into_another_project_goes_what_fits_there(project, other_project, full, manager):
    default = make_case(other_project, "Theirs")
    copy = copy_one(full, other_project, by=manager)
    assert (copy.key, copy.suite, copy.owner) == ("OPS-2", None, None)
    assert (copy.tags, copy.automation_key) == (["money", "web"], "pay.card")
    assert copy.custom == {"browser": "firefox"}
    said = content_of(copy)["steps"]
    assert said == [OWN, *SHARED, {**OWN, "action": "Close it"}]
    assert copy.steps_text.splitlines()[:4] == [
        "Open the shop",
        "It opens",
        "guest",
        "Type the name",
    ]
    assert copy.versions.get().note == "Copied from WEB-1"
    assert not other_project.shared_steps.exists()
    assert default.pk != copy.pk


def test_a_file_in_another_project_is_one_of_its_own(project, other_project, full, manager):
    copy = copy_one(full, other_project, by=manager)
    theirs, ours = copy.files.get().artifact, full.files.get().artifact
    assert (theirs.project, theirs.name, theirs.sha256) == (other_project, ours.name, ours.sha256)
    assert theirs.file.name != ours.file.name
    lifecycle.delete_case(full, by=manager)
    with default_storage.open(theirs.file.name) as file:
        assert file.read() == b"red\n"


def test_pictures_of_the_texts_are_those_of_the_copy(project, other_project, full, manager):
    shown = f"![red](artifact:{full.files.get().artifact_id})"
    case = lifecycle.change_case(
        full, by=manager, description=f"See {shown}", steps=[{"action": shown}]
    )
    copy = copy_one(case, other_project, by=manager)
    shown = f"![red](artifact:{copy.files.get().artifact_id})"
    assert copy.description == f"See {shown}"
    assert [step.action for step in copy.steps.all()] == [shown]
    assert copy.versions.get().content["description"] == copy.description


def test_the_file_of_a_copy_that_was_rolled_back_goes(other_project, full, manager):
    with transaction.atomic():
        copy = copy_one(full, other_project, by=manager)
        path = copy.files.get().artifact.file.name
        assert default_storage.exists(path)
        transaction.set_rollback(True)
    assert not default_storage.exists(path)


def test_a_member_of_both_projects_stays_the_owner(other_project, full, manager):
    make_member(other_project, "tester", manager)
    assert copy_one(full, other_project, by=manager).owner == manager


def test_a_key_that_a_case_there_has_is_not_given_twice(other_project, full, manager):
    make_case(other_project, "Theirs", automation_key="pay.card")
    assert copy_one(full, other_project, by=manager).automation_key == ""


def test_a_copy_passes_no_review(project, other_project, full, manager):
    other_project.review_required = True
    other_project.save(update_fields=["review_required"])
    assert copy_one(full, other_project, by=manager).status == "draft"
    Case.objects.filter(pk=full.pk).update(status="in_review")
    assert copy_one(full, project, by=manager).status == "draft"


def test_copies_go_where_the_suites_are_told_and_keep_the_order_of_numbers(project, manager):
    one, two = make_suite(project, "one"), make_suite(project, "two")
    cases = [make_case(project, f"Case {n}", suite=one if n % 2 else None) for n in range(4)]
    copied = copy_cases(
        reversed(cases), project, by=manager, suites={cases[1].pk: two.pk, cases[3].pk: two.pk}
    )
    rows = project.cases.in_bulk(copied.values())
    assert list(copied) == [case.pk for case in cases]
    assert [rows[copied[case.pk]].number for case in cases] == [5, 6, 7, 8]
    assert [rows[copied[case.pk]].suite for case in cases] == [None, two, None, two]


def test_the_deleted_are_passed_over(project, manager):
    kept, gone = make_case(project), make_case(project)
    lifecycle.delete_case(project.cases.get(pk=gone.pk), by=manager)
    assert list(copy_cases([kept, gone], project, by=manager)) == [kept.pk]
    assert copy_cases([gone], project, by=manager) == {}


@pytest.mark.parametrize("target", ["project", "other_project"])
def test_many_cost_as_many_queries_as_one(
    request, project, manager, target, django_assert_max_num_queries
):
    target = request.getfixturevalue(target)
    shared = project.shared_steps.create(title="Sign in", steps=SHARED)
    cases = [
        make_case(project, f"Case {n}", tags=[f"t{n}"], steps=[OWN, {"shared": str(shared.pk)}])
        for n in range(12)
    ]
    for some in (cases[:1], cases):
        with django_assert_max_num_queries(24):
            assert len(copy_cases(some, target, by=manager)) == len(some)
