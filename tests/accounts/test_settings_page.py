from django.urls import reverse

from apps.accounts.forms import AccountForm
from apps.accounts.models import User
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_user

pytestmark = uses(populate_cast)


def test_a_person_says_how_the_site_looks_and_every_page_follows(client, viewer):
    client.force_login(viewer)
    chosen = {"name": "Mira", "time_zone": "Asia/Tokyo", "theme": "dark", "density": "cosy"}
    assert client.post(reverse("accounts:settings"), chosen).status_code == 302
    page = client.get(reverse("projects:list")).content.decode()
    assert 'data-theme="dark" data-density="cosy" data-shortcuts="off">' in page
    assert "Your settings are saved." in page


def test_a_wrong_time_zone_is_said_at_its_field(client, viewer):
    client.force_login(viewer)
    answer = client.post(reverse("accounts:settings"), {"time_zone": "Mars/Olympus"})
    assert answer.status_code == 200
    assert 'id="id_time_zone_error"' in answer.content.decode()


def test_settings_bring_no_password_back_that_was_changed_meanwhile():
    read_before = make_user(password="the old one")
    person = User.objects.get(pk=read_before.pk)
    person.set_password("the new one")
    person.save()
    chosen = {"name": "Mira", "time_zone": "UTC", "theme": "dark", "density": "cosy"}
    form = AccountForm(chosen, instance=read_before)
    assert form.is_valid()
    form.save()
    person.refresh_from_db()
    assert (person.name, person.check_password("the new one")) == ("Mira", True)
