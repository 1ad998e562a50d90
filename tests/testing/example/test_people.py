"""The user of the base data set."""

from shop import audit

from testoqa.testing import uses


@uses()
def test_r29_the_user_is_a_row_of_the_base_set_and_whoever_acts(test_user):
    assert test_user.username == "ann"
    assert audit.current.get() == test_user


@uses()
def test_r29_nobody_acts_in_a_test_without_a_user():
    assert audit.current.get() is None


@uses("populate_items")
def test_the_client_is_logged_in(test_client):
    assert test_client.get("/me/").content == b"ann"
