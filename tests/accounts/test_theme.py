from django.urls import reverse

from testoqa.testing import uses
from tests.data import populate_cast

pytestmark = uses(populate_cast)


def test_the_theme_of_the_account_menu_is_kept_for_its_person_alone(client, viewer, tester):
    client.force_login(viewer)
    answer = client.post(reverse("accounts:theme"), {"theme": "dark"})
    assert answer.status_code == 302
    viewer.refresh_from_db()
    tester.refresh_from_db()
    assert (viewer.theme, tester.theme) == ("dark", "system")


def test_an_unknown_theme_is_refused(client, viewer):
    client.force_login(viewer)
    assert client.post(reverse("accounts:theme"), {"theme": "neon"}).status_code == 400
    viewer.refresh_from_db()
    assert viewer.theme == "system"


def test_a_visitor_is_sent_to_sign_in(client):
    answer = client.post(reverse("accounts:theme"), {"theme": "dark"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
