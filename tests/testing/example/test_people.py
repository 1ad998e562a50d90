"""The user of the base data set."""

from testoqa.testing import uses


@uses()
def test_the_user_is_a_row_of_the_base_set(test_user):
    assert test_user.username == "ann"


@uses("populate_items")
def test_the_client_is_logged_in(test_client):
    assert test_client.get("/me/").content == b"ann"
