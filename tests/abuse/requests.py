"""What the permission table sends, as an attacker sends it.

Some of its rows make what they ask for on the way; that is taken back, so that the attack alone
can have changed anything.
"""

from functools import wraps

from django.db import transaction

from tests.walls import test_permission_table as table
from tests.walls.permissions.row import nowhere


def undone(function):
    @wraps(function)
    def call(*args):
        with transaction.atomic():
            found = function(*args)
            transaction.set_rollback(True)
        return found

    return call


@undone
def path_of(row, things):
    """Of a thing of the project, as its team would ask for it."""
    return table.path_of(row, things.project, things)


@undone
def where_of(row, things):
    return row.where(things) if row else {}


@undone
def valid_body(row, things):
    """The body of a valid request, ready for `ask`; nothing where there is none."""
    sent = table.body_of(row, things) if row else {}
    if not sent:
        return {}
    data = sent["data"]
    return {"body": (data.encode() if isinstance(data, str) else data, sent["content_type"])}


@undone
def fields_of(row, things):
    """(fields, how) of the body: a dict and json or form, or none and an empty word."""
    if row.json:
        fields = row.json(things)
        return (fields, "json") if isinstance(fields, dict) else (fields[0], "list")
    if row.form or row.upload:
        return (row.form or row.upload)(things), "form"
    return {}, ""


def as_sent(fields, how):
    """The options of `ask` for changed fields."""
    return {"json": [fields]} if how == "list" else {how: fields}


def ends_project(row):
    """Whether the request takes the whole project away, which would leave nothing to attack."""
    return row.address.endswith(
        (">/archive/", ">/delete/", "settings/archive/", "settings/delete/")
    ) and (row.where is nowhere)
