"""Who is named in a text: @ada@example.com or @Ada Lovelace, of the project's members alone."""

import re
from collections import Counter

from apps.accounts.models import User
from apps.projects.models import Project

MOST = 50
"""People that one comment can call."""
ADDRESS = re.compile(r"(?<![\w@])@([\w.+-]+@[\w-]+(?:\.[\w-]+)+)")


def named_in(project: Project, text: str) -> list[User]:
    """The members that the text mentions, by their address or by a name that only one has."""
    if "@" not in text:
        return []
    people = _members(project)
    addresses = {address.lower() for address in ADDRESS.findall(text)}
    names = _names_in(" ".join(text.casefold().split()), [_name(person) for person in people])
    found = [one for one in people if one.email in addresses or _name(one) in names]
    return found[:MOST]


def _names_in(text, names):
    """Those with an @ before them; a longer one before one that it begins with."""
    times, found = Counter(names), set()
    for name in sorted(times, key=len, reverse=True):
        if name and f"@{name}" in text:
            left = re.sub(rf"(?<![\w@])@{re.escape(name)}(?![\w@])", " ", text)
            if left != text and times[name] == 1:
                found.add(name)
            text = left
    return found


def members_like(project: Project, typed: str, most: int = 8) -> list[User]:
    """Members whose name or address holds what is typed after an @; those first that begin so."""
    typed = " ".join(typed.casefold().split())
    fitting = [one for one in _members(project) if typed in _name(one) or typed in one.email]
    fitting.sort(key=lambda one: not _begins(one, typed))
    return fitting[:most]


def _members(project):
    rows = project.memberships.of_people().filter(user__is_active=True)
    return [row.user for row in rows.select_related("user").order_by("user__email")]


def _name(person):
    return " ".join(person.name.casefold().split())


def _begins(person, typed):
    return any(word.startswith(typed) for word in [person.email, *_name(person).split()])
