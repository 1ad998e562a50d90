"""Versions, reviews and comments as two people use them."""

from django.urls import reverse

from apps.cases import lifecycle
from testoqa.testing import uses
from tests.browser.waiting import until
from tests.data import populate_cast
from tests.factories import make_case, make_member, make_user

pytestmark = uses(populate_cast)


def test_a_case_is_compared_restored_reviewed_and_talked_about(
    live_site, project, manager, owner, sign_in
):
    make_member(project, "tester", make_user("ada@example.com", name="Ada Lovelace"))
    case = make_case(project, "Pays", by=manager, description="With a card of the shop.")
    case = lifecycle.change_case(case, by=manager, title="Pays by card")
    case = lifecycle.change_case(case, by=manager, description="With a card.")

    mine = sign_in(manager)
    mine.goto(reverse("cases:detail", args=["WEB", case.number]))
    mine.get_by_role("link", name="All, compare").click()
    mine.get_by_label("From version 1").check()
    mine.get_by_role("button", name="Compare the two chosen").click()
    mine.get_by_role("heading", name="Version 1 and version 3").wait_for()
    assert mine.locator("del").all_inner_texts() == [" of the shop"]
    assert mine.locator("ins").all_inner_texts() == [" by card"]
    mine.get_by_label("From").select_option("2")
    mine.get_by_role("button", name="Compare", exact=True).click()
    mine.get_by_role("button", name="Restore version 2").click()
    mine.get_by_text("says again what it said in version 2; that is version 4.").wait_for()
    mine.get_by_text("With a card of the shop.").wait_for()

    mine.get_by_role("button", name="Send to review").click()
    mine.get_by_text("It waits for somebody else: you sent it").wait_for()

    theirs = sign_in(owner)
    theirs.goto(reverse("cases:reviews", args=["WEB"]))
    theirs.get_by_role("link", name="Mine to review 1").wait_for()
    theirs.get_by_role("link", name="Pays by card").click()
    theirs.get_by_label("Note").fill("Well written")
    theirs.get_by_role("button", name="Approve").click()
    theirs.get_by_text("WEB-1 is approved and ready.").wait_for()
    theirs.get_by_text("Approved: Well written").wait_for()

    field = theirs.get_by_role("textbox", name="Add a comment")
    field.press_sequentially("Which card, @love")
    theirs.get_by_role("option", name="Ada Lovelace").wait_for()
    theirs.keyboard.press("Enter")
    assert field.input_value() == "Which card, @ada@example.com "
    field.press_sequentially("**now**?")
    theirs.keyboard.press("Control+Enter")
    theirs.locator("article strong", has_text="now").wait_for()
    theirs.get_by_text("@Ada Lovelace").wait_for()

    hers = sign_in(project.memberships.get(user__email="ada@example.com").user)
    hers.goto("/")
    hers.get_by_role("link", name="Mentions, 1 unread").click()
    hers.get_by_role("link", name="Which card").click()
    hers.locator("article strong", has_text="now").wait_for()
    until(hers, "location.hash.startsWith('#comment-')")
    hers.get_by_role("link", name="Mentions", exact=True).wait_for()  # it is read by now
