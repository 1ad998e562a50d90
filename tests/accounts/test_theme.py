import pytest
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_the_theme_of_the_account_menu_is_kept_for_its_person_alone(client):
    reader, other = make_user(), make_user()
    client.force_login(reader)
    answer = client.post(reverse("accounts:theme"), {"theme": "dark"})
    assert answer.status_code == 302
    reader.refresh_from_db()
    other.refresh_from_db()
    assert (reader.theme, other.theme) == ("dark", "system")


def test_an_unknown_theme_is_refused(client):
    reader = make_user()
    client.force_login(reader)
    assert client.post(reverse("accounts:theme"), {"theme": "neon"}).status_code == 400
    reader.refresh_from_db()
    assert reader.theme == "system"


def test_a_visitor_is_sent_to_sign_in(client):
    answer = client.post(reverse("accounts:theme"), {"theme": "dark"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
