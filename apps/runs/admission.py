"""Who may watch a run: asked when a socket opens, and for all sockets at once every few seconds."""

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, get_user_model
from django.http import Http404
from django.utils import timezone

from apps.accounts.second_factor import has_second_factor, having_second_factor
from apps.memberships.api.authentication import find_token, note_use
from apps.memberships.models import ApiToken
from apps.projects.door import SecondFactorMissing, visible_projects, who_may_view

from .door import find_as_guest
from .models import Run, RunGuest

NOT_SIGNED_IN = 4401
NO_LONGER = 4403
NOT_FOUND = 4404
NEEDS_SECOND_FACTOR = "This project is open only to people with a second factor; set one up first."


class Unwelcome(Exception):
    """The socket is closed with this code; the reason is for whoever reads the frames."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class Admission:
    """By what right a socket watches a run: a person, by a token or by a session."""

    user: int
    project: int
    run: str
    token: int | None = None
    session: str = ""
    session_hash: str = ""
    as_guest: bool = False


def admit(scope, key, number):
    """Find the run for whoever opens the socket. Raises Unwelcome."""
    if b"tqa_" in scope["query_string"] or b"token=" in scope["query_string"]:
        raise Unwelcome(NOT_SIGNED_IN, "Send the token in the Authorization header.")
    token = token_of(scope)
    user = token.user if token else scope["user"]
    if not user.is_authenticated:
        raise Unwelcome(NOT_SIGNED_IN, "Sign in first.")
    # One query for members: after a restart everybody comes back at once.
    projects = visible_projects(user, key=key, token=token).order_by()
    runs = Run.objects.filter(project__in=projects, number=number)
    run = runs.values("pk", "project", "project__second_factor").first()
    known = known_of(run) if run else as_guest(user, key, number, token)
    if run and run["project__second_factor"] and not has_second_factor(user):
        raise Unwelcome(NO_LONGER, NEEDS_SECOND_FACTOR)
    known["user"] = user.pk
    if token:
        return Admission(**known, token=token.pk)
    session = scope["session"]
    return Admission(**known, session=session.session_key, session_hash=session[HASH_SESSION_KEY])


def known_of(run, **more):
    return {"project": run["project"], "run": str(run["pk"]), **more}


def as_guest(user, key, number, token):
    """The run as a guest sees it. Raises Unwelcome."""
    try:
        run = find_as_guest(user, key, number, token).run
    except SecondFactorMissing:
        raise Unwelcome(NO_LONGER, NEEDS_SECOND_FACTOR) from None
    except Http404:
        raise Unwelcome(NOT_FOUND, "There is no such run that you can see.") from None
    return known_of({"project": run.project_id, "pk": run.pk}, as_guest=True)


def token_of(scope):
    """The token of the Authorization header, None without the header. Raises Unwelcome."""
    header = dict(scope["headers"]).get(b"authorization")
    if header is None:
        return None
    scheme, _, secret = header.decode("latin1").partition(" ")
    token = find_token(secret.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        raise Unwelcome(NOT_SIGNED_IN, "This token is unknown, expired or revoked.")
    note_use(token)
    return token


def still_admitted(admissions):
    """Which of the admissions still hold, by four queries whatever their number; by one more where
    there are guests."""
    may_view = who_may_view(
        {admission.user for admission in admissions},
        {admission.project for admission in admissions},
    )
    invited = still_guests({admission for admission in admissions if admission.as_guest})
    tokens = usable_tokens({admission.token for admission in admissions if admission.token})
    sessions = open_sessions({admission.session for admission in admissions if admission.session})
    hashes = session_hashes({admission.user for admission in admissions if admission.session})
    return {
        admission
        for admission in admissions
        if (
            (admission.user, admission.project) in may_view
            or (admission.user, admission.run) in invited
        )
        and (
            admission.token in tokens
            if admission.token
            else admission.session in sessions
            and hashes.get(admission.user) == admission.session_hash
        )
    }


def still_guests(admissions):
    """{(user id, run id)} of those that are guests of these runs now."""
    if not admissions:
        return set()
    guests = RunGuest.objects.filter(
        run__in={admission.run for admission in admissions},
        user__in={admission.user for admission in admissions},
        user__is_active=True,
        project__deleted_at=None,
    )
    found = set(guests.values_list("user", "run", "project__second_factor"))
    asked = {user for user, _, second_factor in found if second_factor}
    have = having_second_factor(asked) if asked else set()
    return {(user, str(run)) for user, run, asks in found if not asks or user in have}


def usable_tokens(ids):
    return set(ApiToken.objects.usable().filter(pk__in=ids).values_list("pk", flat=True))


def open_sessions(keys):
    sessions = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class().objects
    found = sessions.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return set(found.values_list("session_key", flat=True))


def session_hashes(users):
    """What the sessions of these people must hold; a new password changes it."""
    people = get_user_model().objects.filter(pk__in=users).only("password")
    return {person.pk: person.get_session_auth_hash() for person in people}
