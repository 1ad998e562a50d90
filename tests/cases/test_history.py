"""The list of versions, two of them side by side, and an old one restored."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from apps.cases import lifecycle
from apps.cases.content import content_of
from apps.cases.models import Case
from apps.memberships.lifecycle import remove_member
from apps.projects.refusals import Refused, TransitionRefused
from testoqa.testing import uses
from tests.cases.results import make_result
from tests.data import populate_cast
from tests.factories import make_case, make_member, make_suite, make_token, make_user

pytestmark = uses(populate_cast)

STEPS = [
    {"action": "Open the cart", "expected": "It is empty", "data": ""},
    {"action": "Pay", "expected": "", "data": "card=4242"},
]


def latest(case):
    return Case.objects.with_content().get(pk=case.pk)


def page(name, case, *numbers):
    return reverse(f"cases:{name}", args=["WEB", case.number, *numbers])


@pytest.fixture
def case(project, manager):
    """Three versions: made, another title, another step."""
    case = make_case(project, "Pays", steps=STEPS, description="With a card of the shop.")
    case = lifecycle.change_case(case, by=manager, title="Pays by card")
    return lifecycle.change_case(case, by=manager, steps=[STEPS[0]], description="With a card.")


def test_all_versions_are_listed_with_what_each_changed(case, viewer, client):
    client.force_login(viewer)
    answer = client.get(page("versions", case))
    assert [(row.version.number, row.summary) for row in answer.context["rows"]] == [
        (3, "Description, Former step 2"),
        (2, "Title"),
        (1, "Made"),
    ]
    assert 'name="a" value="2"' in answer.text and "manager@example.com" in answer.text


def test_versions_come_in_pages_and_each_is_held_against_the_one_before(
    case, manager, viewer, client
):
    for number in range(30):
        lifecycle.change_case(case, by=manager, title=f"Title {number}")
    client.force_login(viewer)
    answer = client.get(page("versions", case))
    numbers = [row.version.number for row in answer.context["rows"]]
    assert numbers == list(range(33, 8, -1))
    assert answer.context["rows"][-1].summary == "Title"
    older = client.get(f"{page('versions', case)}?after={numbers[-1]}").context["rows"]
    assert [row.version.number for row in older] == list(range(8, 0, -1))
    assert older[-1].summary == "Made"


def test_any_two_versions_are_compared(case, viewer, client):
    client.force_login(viewer)
    answer = client.get(f"{page('compare', case)}?a=1&b=3")
    assert [change.label for change in answer.context["changes"]] == [
        "Title", "Description", "Former step 2",
    ]  # fmt: skip
    assert "With a card<del> of the shop</del>." in answer.text
    assert '<option value="3" selected>' in answer.text
    backwards = client.get(f"{page('compare', case)}?a=3&b=1")
    assert "With a card<ins> of the shop</ins>." in backwards.text
    assert "Both say the same." in client.get(f"{page('compare', case)}?a=2&b=2").text
    last = client.get(page("compare", case)).context
    assert (last["before"].number, last["after"].number) == (2, 3)


@pytest.mark.parametrize("query", ["a=1&b=9", f"a=1&b={2**31 - 1}"])
def test_a_version_that_is_missing_is_not_found(case, viewer, client, query):
    client.force_login(viewer)
    assert client.get(f"{page('compare', case)}?{query}").status_code == 404


@pytest.mark.parametrize("query", ["a=x&b=", f"a={10**30}", "b=-1"])
def test_what_is_no_number_counts_as_not_given(case, viewer, client, query):
    client.force_login(viewer)
    assert client.get(f"{page('compare', case)}?{query}").context["after"].number == 3


def test_a_version_shows_all_that_it_said(project, manager, viewer, client):
    project.custom_fields.create(name="Browser", kind="text")
    case = make_case(project, "Pays", owner=manager, estimate_seconds=90, custom={"Browser": "x"})
    lifecycle.change_case(case, by=manager, title="Pays by card", owner=None)
    client.force_login(viewer)
    html = client.get(page("version", case, 1)).text
    for words in ("manager@example.com", "1m 30s", "Browser"):
        assert words in html
    assert "Restore version" not in html


def test_an_old_version_is_restored_as_a_new_one(case, manager, client):
    old = case.versions.get(number=1).content
    client.force_login(manager)
    answer = client.post(page("restore_version", case, 1))
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "WEB-1 says again what it said in version 1; that is version 4."
    ]
    case = latest(case)
    assert content_of(case) == old
    version = case.versions.first()
    assert (version.number, version.note) == (4, "Restored from version 1")
    assert version.content == old
    row = case.project.activity.filter(verb="case.restore_version").get()
    assert row.after["restored"] == 1
    assert row.before["title"] == "Pays by card"


def test_others_than_editors_do_not_restore(case, tester, outsider, post):
    assert post(tester, page("restore_version", case, 1)).status_code == 403
    assert post(outsider, page("restore_version", case, 1)).status_code == 404
    assert latest(case).version == 3


def test_a_restore_that_changes_nothing_is_refused(case, manager):
    with pytest.raises(Refused, match="says what it said in version 3"):
        lifecycle.restore_version(case, 3, by=manager)
    with pytest.raises(Refused, match="no version 9"):
        lifecycle.restore_version(case, 9, by=manager)
    lifecycle.archive_case(case, by=manager)
    with pytest.raises(TransitionRefused, match="archived"):
        lifecycle.restore_version(case, 1, by=manager)
    assert case.versions.count() == 3


def test_what_no_longer_fits_stays_as_it_is_and_is_told(project, owner, manager):
    gone, here = make_suite(project, "gone"), make_suite(project, "here")
    leaver = make_member(project, "tester", make_user("leaver@example.com"))
    fields = project.custom_fields
    fields.create(name="Browser", kind="choice", options=["firefox", "chromium"])
    fields.create(name="Old", kind="text")
    fields.create(name="Tried by", kind="person")
    fields.create(name="Areas", kind="choices", options=["cart", "shop"])
    shared = project.shared_steps.create(title="Sign in", steps=[STEPS[1]])
    custom = {"Browser": "firefox", "Tried by": leaver.email, "Areas": ["cart"], "Old": "x"}
    case = make_case(
        project, "Pays", suite=gone, owner=leaver, custom=custom,
        steps=[{"shared": shared.pk}, STEPS[0]],
    )  # fmt: skip
    new = {"Browser": "chromium", "Tried by": manager.email, "Areas": ["shop"]}
    lifecycle.change_case(
        case, by=manager, title="No", suite=here, owner=manager, custom=new, steps=[]
    )
    lifecycle.delete_suite(gone, by=owner)
    remove_member(project.memberships.get(user=leaver), by=owner)
    fields.filter(name="Browser").update(options=["chromium"])
    fields.filter(name="Old").delete()
    shared.delete()

    case, left_out = lifecycle.restore_version(case, 1, by=manager)
    case = latest(case)
    assert (case.title, case.suite, case.owner) == ("Pays", here, manager)
    assert case.custom == {
        "Browser": "chromium", "Tried by": manager.email, "Areas": ["cart"],
    }  # fmt: skip
    assert content_of(case)["steps"] == [STEPS[1], STEPS[0]]
    assert left_out == [
        "The suite “gone” is gone, so the case stays where it lies.",
        "leaver@example.com is no member any more, so the owner stays as it is.",
        "The field “Browser” does not take its old value any more.",
        "The field “Old” is gone.",
        "The field “Tried by” does not take its old value any more.",
        "The shared steps “Sign in” are gone; they are the case's own now.",
    ]


def test_shared_steps_that_are_there_stay_shared_and_say_what_they_say_today(project, manager):
    shared = project.shared_steps.create(title="Sign in", steps=[STEPS[1]])
    case = make_case(project, "Pays", steps=[{"shared": shared.pk}])
    lifecycle.change_case(case, by=manager, steps=[])
    shared.steps = [STEPS[0]]
    shared.save()
    case, left_out = lifecycle.restore_version(case, 1, by=manager)
    assert case.steps.get().shared == shared
    assert left_out == ["The shared steps “Sign in” say what they say today."]


def test_later_automation_keys_still_lead_to_the_case(project, manager):
    case = make_case(project, automation_key="shop::one")
    case = lifecycle.change_case(case, by=manager, automation_key="shop::two")
    case, _ = lifecycle.restore_version(case, 1, by=manager)
    assert (case.automation_key, case.former_keys) == ("shop::one", ["shop::two"])


def test_the_api_shows_compares_and_restores_versions(case, manager, tester, client):
    def ask(person, method, path, **query):
        token = {"Authorization": f"Bearer {make_token(person)}"}
        address = f"/api/v1/projects/WEB/cases/{case.number}/{path}"
        return getattr(client, method)(address, query, headers=token)

    first = ask(tester, "get", "versions/1/").json()
    assert (first["number"], first["content"]["title"], first["note"]) == (1, "Pays", "")
    assert ask(tester, "get", "versions/9/").status_code == 404
    differing = ask(tester, "get", "compare/", a=1, b=2).json()
    assert differing == {
        "a": 1, "b": 2,
        "changes": [
            {"field": "title", "label": "Title", "before": "Pays", "after": "Pays by card"}
        ],
    }  # fmt: skip
    assert ask(tester, "get", "compare/", a=1).status_code == 400
    assert ask(tester, "get", "compare/", a=1, b=9).status_code == 404
    assert ask(tester, "post", "versions/1/restore/").status_code == 403
    restored = ask(manager, "post", "versions/1/restore/").json()
    assert (restored["case"]["title"], restored["case"]["version"]) == ("Pays", 4)
    assert restored["left_out"] == []
    again = ask(manager, "post", "versions/1/restore/")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "same")


def test_a_result_leads_to_the_version_that_ran(case, manager, viewer, client):
    execution = make_result(case, "passed")
    lifecycle.change_case(case, by=manager, title="Pays twice")
    client.force_login(viewer)
    link = f'href="{page("version", case, 3)}"'
    assert link in client.get(case.get_absolute_url()).text.split('id="results"')[1]
    drawer = reverse("runs:execution", args=["WEB", execution.run.number, execution.pk])
    assert link in client.get(drawer).text
