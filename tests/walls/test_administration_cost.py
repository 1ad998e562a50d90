"""A list of the administration asks the same number of questions for one row and for twenty."""

from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from testoqa.testing import uses
from tests.factories import make_project, make_user

from .world import make_world

pytestmark = uses()


def test_every_list_costs_the_same_for_one_row_and_for_twenty(client):
    client.force_login(make_user(is_superuser=True))
    make_world(make_project("WEB"), 1)
    one = costs(client)
    for number in range(2, 21):
        make_world(make_project(f"WEB{number}"), number)
    assert costs(client) == one


def costs(client):
    """{model: queries of its list}"""
    found = {}
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        client.get(address)  # so that what is kept in memory is there
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        found[model._meta.label] = len(queries)
    return found
