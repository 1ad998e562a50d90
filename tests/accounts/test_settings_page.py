import pytest
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_person_says_how_the_site_looks_and_every_page_follows(client):
    reader = make_user()
    client.force_login(reader)
    chosen = {"name": "Mira", "time_zone": "Asia/Tokyo", "theme": "dark", "density": "cosy"}
    assert client.post(reverse("accounts:settings"), chosen).status_code == 302
    page = client.get(reverse("projects:list")).content.decode()
    assert '<html lang="en" data-theme="dark" data-density="cosy" data-shortcuts="off">' in page
    assert "Your settings are saved." in page


def test_a_wrong_time_zone_is_said_at_its_field(client):
    client.force_login(make_user())
    answer = client.post(reverse("accounts:settings"), {"time_zone": "Mars/Olympus"})
    assert answer.status_code == 200
    assert 'id="id_time_zone_error"' in answer.content.decode()
