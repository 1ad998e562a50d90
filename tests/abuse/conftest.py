"""Two teams behind a running site, and whoever attacks the second from the first.

The apps are imported by the fixtures: this file is read before the settings are.
"""

import logging
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from tests.browser.conftest import chromium
from tests.live_site import live_site

__all__ = ["chromium", "live_site"]

MEMBERS = ["owner", "manager", "tester", "viewer"]
TOKENS = {"personal": None, "confined": "owner"}


class Logs(logging.Handler):
    """Everything that the site writes down, as it would stand in the file."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@dataclass
class Teams:
    """`mine` is attacked from, `foreign` is attacked; `canary` is in all that is foreign."""

    mine: Any
    foreign: Any
    canary: str
    site: str
    people: dict[str, Any]
    logs: Logs
    addresses: set[str]
    attackers: list = field(default_factory=list)

    def heard(self, answer):
        """No answer holds a word of the second team, whatever was asked; nothing breaks."""
        told = [word for word in (self.canary, *self.addresses) if word.encode() in answer.whole]
        assert not told, f"{answer.request} tells of the others: {told}"
        assert answer.status < 500, f"{answer.request}: {answer.status} {answer.text[:2000]}"

    def attacker(self, who, *, token="", heard=None):
        from .attacker import Attacker

        session = "" if token or not self.people.get(who) else open_session(self.people[who])
        made = Attacker(self.site, heard or self.heard, name=who, session=session, token=token)
        self.attackers.append(made)
        return made

    def by_token(self, kind):
        """Of the first team's owner: as themselves, and confined to the project."""
        from tests.factories import make_token

        role = TOKENS[kind]
        project = self.mine.project if role else None
        secret = make_token(self.people["owner"], project, role or "")
        return self.attacker(f"{kind} token", token=secret)

    def everybody(self):
        """All who must not get in: each role of the first team, strangers and tokens."""
        people = [*MEMBERS, "stranger", "superuser", "anonymous"]
        return [
            *(self.attacker(who) for who in people),
            *(self.by_token(kind) for kind in TOKENS),
        ]


def open_session(person):
    from tests.walls.permissions.setting import open_session as opened

    return opened(person)


@pytest.fixture
def both_teams(live_site, settings, tmp_path):
    """Both teams, the second marked with a word that nobody can guess; no log or cache keeps it."""
    from django.core.cache import cache

    from apps.accounts.models import User
    from apps.projects.models import Project
    from tests.walls.permissions.setting import FIND, Things, start_worker, store_files

    from .marking import mark

    settings.MEDIA_ROOT = tmp_path / "files"  # other processes have rows of the same ids
    settings.RATE_LIMIT = settings.RATE_LIMIT_ADDRESS = 0  # a flood is not what keeps them out
    start_worker()
    store_files()
    mine, foreign = (Things(Project.objects.get(key=key)) for key in ("WEB", "OPS"))
    for name in FIND:
        getattr(mine, name), getattr(foreign, name)
    canary = f"canary{secrets.token_hex(6)}"
    mark(foreign.project, partial(word_of, canary))
    people = {user.email.partition("@")[0]: user for user in User.objects.all()}
    logs = Logs()
    theirs = addresses_of(foreign.project) - addresses_of(mine.project)
    found = Teams(mine, foreign, canary, live_site, people, logs, theirs)
    cache.clear()
    with listening(logs):
        yield found
        for attacker in found.attackers:
            attacker.close()
    kept = [key for key, value in cache._cache.items() if canary in f"{key} {value}"]
    assert not kept, f"The cache keeps words of the second team: {kept}"
    told = [line for line in logs.lines if any(word in line for word in (canary, *theirs))]
    assert not told, f"The log tells of the second team: {told[0][:500]}"


@pytest.fixture
def teams(both_teams):
    """The same, of whom the second is untouched afterwards."""
    from .marking import print_of

    project = both_teams.foreign.project
    before = print_of(project)
    yield both_teams
    after = print_of(project)
    changed = [name for name in before | after if before.get(name) != after.get(name)]
    assert not changed, f"The second team's {', '.join(changed)} changed."


def addresses_of(project):
    """E-mail addresses of a team and of whom it invited."""
    return {
        *project.memberships.values_list("user__email", flat=True),
        *project.invitations.values_list("email", flat=True),
    }


def word_of(canary, model, field):
    """In small letters, so that a name of an environment may hold it."""
    return f"{canary}-{model._meta.model_name}-{field.name.replace('_', '-')}"


@contextmanager
def listening(handler):
    """Hears every logger, those that keep their lines to themselves too."""
    loggers = [logging.getLogger(), logging.getLogger("django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield
    for logger in loggers:
        logger.removeHandler(handler)
