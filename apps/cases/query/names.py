"""What the names in a query stand for in a project; one that stands for nothing is an error."""

from functools import reduce
from operator import or_

from django.db.models import Q, TextField, Value
from django.db.models.functions import Concat

from apps.accounts.models import User

from ..suites import near_paths
from ..tree import SEPARATOR
from .errors import QueryError, unknown

MOST_COMPARED = 5_000


def find_suites(project, values):
    """The suites that lie on the paths, or a part of them, with all below: a path names both.

    Whole names are looked for first, and parts of names where there is no such name. A path that
    begins with a slash is the whole path of one suite.
    """
    suites = project.suites.annotate(
        line=Concat(Value(SEPARATOR), "path", Value(SEPARATOR), output_field=TextField())
    ).order_by()
    found = Q()
    for value in values:
        whole, part = _whole(value.text), Q(path__icontains=value.text.strip())
        meant = (*_from_top(value.text), whole, part)
        condition = next((one for one in meant if suites.filter(one).exists()), None)
        if condition is None:
            near = near_paths(project.suites, value.text)
            said = unknown(
                "no suite has “{}” in its path.", value.text, near, "The tree shows the suites."
            )
            if near and "Did you mean" not in said:
                said = f"no suite has “{value.text}” in its path. Did you mean {' or '.join(near)}?"
            raise QueryError(said, value.at.start, value.at.end)
        found |= condition
    return suites.filter(found).values("pk")


def _from_top(text):
    """As it is written first, then in any case of its letters."""
    if not text.startswith("/"):
        return []
    path = text[1:]
    below = f"{path}{SEPARATOR}"
    return [
        Q(path=path) | Q(path__startswith=below),
        Q(path__iexact=path) | Q(path__istartswith=below),
    ]


def _whole(text):
    parts = SEPARATOR.join(part.strip() for part in text.strip("/ ").split("/"))
    as_typed = f"{SEPARATOR}{text.strip()}{SEPARATOR}"
    return Q(line__icontains=f"{SEPARATOR}{parts}{SEPARATOR}") | Q(line__icontains=as_typed)


def find_tags(project, values):
    """Ids of the tags of these names, whatever their case."""
    wanted = reduce(or_, [Q(name__iexact=_name(value)) for value in values])
    found = dict(project.tags.filter(wanted).values_list("pk", "name"))
    known = {name.lower() for name in found.values()}
    for value in values:
        if _name(value).lower() not in known:
            names = project.tags.values_list("name", flat=True)[:MOST_COMPARED]
            said = unknown("no case has the tag “{}”.", value.text, names)
            raise QueryError(said, value.at.start, value.at.end)
    return list(found)


def _name(value):
    return " ".join(value.text.split())


def find_people(project, values):
    """Ids of the members, or former owners of cases, whom the addresses or names mean."""
    found: set = set()
    for value in values:
        text = value.text.strip()
        means = Q(email__iexact=text) | Q(email__istartswith=f"{text}@") | Q(name__icontains=text)
        people = User.objects.filter(means).order_by()
        members = people.filter(pk__in=project.memberships.values("user"))
        owners = people.filter(pk__in=project.cases.exclude(owner=None).values("owner"))
        ids = list(members.values_list("pk", flat=True)) or list(
            owners.values_list("pk", flat=True)
        )
        if not ids:
            raise QueryError(_nobody(project, text), value.at.start, value.at.end)
        found |= set(ids)
    return sorted(found)


def _nobody(project, text):
    people = project.memberships.values_list("user__name", "user__email")[:MOST_COMPARED]
    known = [word for person in people for word in person if word]
    return unknown("nobody here is called “{}”.", text, known, "Write an e-mail address or a name.")
