"""What is typed outside the form of a case survives a reload, a refusal and a lost connection."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.cases import lifecycle
from testoqa.testing import uses
from tests.browser.waiting import until
from tests.data import populate_cast
from tests.factories import make_case, make_shared_steps, make_suite

pytestmark = uses(populate_cast)

KEPT = "Object.keys(localStorage).length"


def kept(page):
    until(page, f"{KEPT} === 1")


def offered(page):
    return page.get_by_text("You have unsaved text of a moment ago.")


@pytest.fixture
def case(live_site, project, manager):
    return make_case(project, "Pays", by=manager)


def test_a_note_stays_when_the_case_was_changed_meanwhile(case, project, manager, owner, sign_in):
    lifecycle.send_to_review(case, by=manager)
    page = sign_in(owner)
    page.goto(case.get_absolute_url())
    page.get_by_label("Note").fill("Say which card.")
    lifecycle.change_case(project.cases.get(), by=manager, title="Pays by card")
    page.get_by_role("button", name="Return").click()
    page.locator(".toast[role=alert]").wait_for()
    page.get_by_role("heading", name="Pays by card").wait_for()
    assert page.get_by_label("Note").input_value() == "Say which card."
    page.get_by_role("button", name="Return").click()
    page.get_by_text("WEB-1 is returned as a draft.").wait_for()
    assert page.evaluate(KEPT) == 0
    assert project.reviews.get().note == "Say which card."


def test_a_comment_stays_after_a_reload_and_without_a_connection(case, project, tester, sign_in):
    page = sign_in(tester)
    page.goto(case.get_absolute_url())
    field = page.get_by_role("textbox", name="Add a comment")
    field.fill("Which card?")
    kept(page)
    page.reload()
    page.get_by_text("This is what you typed a moment ago and did not send.").wait_for()
    assert field.input_value() == "Which card?"
    page.context.set_offline(True)
    page.locator("#comments").get_by_role("button", name="Comment").click()
    page.get_by_text("The server cannot be reached").wait_for()
    sign_in.complaints.clear()  # the browser tells of the request that failed
    assert field.input_value() == "Which card?"
    page.context.set_offline(False)
    page.locator("#comments").get_by_role("button", name="Comment").click()
    page.get_by_text("Your comment is added.").wait_for()
    assert field.input_value() == ""
    assert page.evaluate(KEPT) == 0
    assert project.comments.get().body == "Which card?"

    page.locator("summary", has_text="Change").click()
    page.get_by_role("textbox", name="Comment", exact=True).fill("Which card, please?")
    kept(page)
    page.reload()
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Your comment is changed.").wait_for()
    assert project.comments.get().body == "Which card, please?"


def test_a_discarded_comment_does_not_come_back(case, tester, sign_in):
    page = sign_in(tester)
    page.goto(case.get_absolute_url())
    field = page.get_by_role("textbox", name="Add a comment")
    field.fill("Which card?")
    kept(page)
    page.reload()
    page.get_by_role("button", name="Discard").click()
    assert field.input_value() == ""
    page.reload()
    assert field.input_value() == ""
    assert page.evaluate(KEPT) == 0


@pytest.mark.parametrize("is_new", [True, False])
def test_shared_steps_come_back_whole(live_site, project, manager, sign_in, is_new):
    shared = None if is_new else make_shared_steps(project)
    page = sign_in(manager)
    args = ["WEB"] if is_new else ["WEB", shared.pk]
    page.goto(reverse(f"cases:shared_steps_{'create' if is_new else 'edit'}", args=args))
    page.get_by_label("Title", exact=True).fill("Signs in twice")
    page.get_by_label("Action").first.fill("Open it")
    page.get_by_role("button", name="Add step").click()
    page.keyboard.type("And again")
    kept(page)
    page.reload()
    offered(page).wait_for()
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#id_title")).to_have_value("Signs in twice")
    texts = "all => all.map(one => one.value).filter(Boolean)"
    actions = page.locator("[data-step] [name$=-action]").evaluate_all(texts)
    assert actions == (["Open it", "And again"] if is_new else ["Open it", "Sign in", "And again"])
    page.locator("form .acts").get_by_role("button", name="the shared steps").or_(
        page.get_by_role("button", name="Save", exact=True)
    ).last.click()
    page.get_by_role("heading", name="Signs in twice").wait_for()
    assert page.evaluate(KEPT) == 0
    assert [step["action"] for step in project.shared_steps.get().steps] == actions


@pytest.mark.parametrize("is_new", [True, False])
def test_a_suite_comes_back_whole(live_site, project, manager, sign_in, is_new):
    make_suite(project, "Shop")
    suite = None if is_new else make_suite(project, "Pay", parallel_safe=True)
    page = sign_in(manager)
    args = ["WEB"] if is_new else ["WEB", suite.pk]
    page.goto(reverse(f"cases:suite_{'create' if is_new else 'edit'}", args=args))
    page.get_by_label("Name").fill("Checkout")
    page.get_by_label("Lies in").fill("Shop")
    page.get_by_label("Runs in parallel").set_checked(is_new)
    kept(page)
    page.reload()
    offered(page).wait_for()
    page.get_by_role("button", name="Restore").click()
    assert page.get_by_label("Name").input_value() == "Checkout"
    page.context.set_offline(True)
    page.locator("form .acts .primary").click()
    page.get_by_text("The server cannot be reached").wait_for()
    sign_in.complaints.clear()  # the browser tells of the request that failed
    page.context.set_offline(False)
    page.locator("form .acts .primary").click()
    page.get_by_role("heading", name="Checkout").wait_for()
    made = project.suites.get(path="Shop / Checkout")
    assert made.parallel_safe == is_new
    assert page.evaluate(KEPT) == 0
