"""What the permission table asks for: two projects with the same things in them."""

from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.artifacts.lifecycle import store_artifact
from apps.artifacts.models import Artifact
from apps.memberships.lifecycle import issue_token, revoke_token
from apps.memberships.models import ApiToken, Invitation
from apps.projects.models import Project
from apps.reports.lifecycle import make_report
from apps.runs.lifecycle import add_guest
from testoqa.testing import ensure_data
from tests.data import populate_cast
from tests.factories import make_invitation, make_member, make_user

from .row import GUESTS, PEOPLE, SCOPES, TOKENS

PASSWORD = "Correct-Horse-9"
NOTES = b"notes"
FIND = {
    "administrator": lambda project: User.objects.get(is_superuser=True),
    "person": lambda project: User.objects.get(email=address_of("person", project)),
    "newcomer": lambda project: User.objects.get(email=address_of("newcomer", project)),
    "membership": lambda project: project.memberships.get(
        user__email=address_of("person", project)
    ),
    "invitation": lambda project: project.invitations.get(),
    "token": lambda project: project.tokens.get(name="laptop"),
    "browser": lambda project: UserSession.objects.get(user__email="owner@example.com"),
    "link": lambda project: SocialAccount.objects.get(),
    "spare_environment": lambda project: project.environments.get(name="qa"),
    "case_import": lambda project: project.case_imports.get(state="uploaded"),
    "artifact": lambda project: project.artifacts.get(name="notes.txt"),
    "suite": lambda project: project.suites.get(name="Cart"),
    "archived_suite": lambda project: project.suites.get(name="Old"),
    "suite_copy": lambda project: project.bulk_changes.get(verb="copy_suite"),
    "empty_suite": lambda project: project.suites.get(name="Later"),
    "saved_filter": lambda project: project.saved_filters.get(name="Smoke"),
    "custom_field": lambda project: project.custom_fields.get(name="Device"),
    "case": lambda project: project.cases.get(title="case"),
    "unused_case": lambda project: project.cases.get(title="unused_case"),
    "archived_case": lambda project: project.cases.get(title="archived_case"),
    "shared_steps": lambda project: project.shared_steps.get(),
    "bulk_change": lambda project: project.bulk_changes.get(verb="set"),
    "reviewed_case": lambda project: project.cases.get(title="reviewed_case"),
    "comment": lambda project: project.comments.get(),
    "mention": lambda project: project.mentions.get(),
    "created_run": lambda project: project.runs.get(name="Waiting"),
    "run": lambda project: project.runs.get(name="Nightly"),
    "finished_run": lambda project: project.runs.get(name="Smoke"),
    "guest": lambda project: project.runguests.get(email=address_of("guest", project)),
    "sent": lambda project: project.imports.get(),
    "execution": lambda project: project.executions.get(),
    "report": lambda project: project.reports.get(),
}


@dataclass
class Things:
    """Rows of one project, by what they are for, each found when it is first asked for."""

    project: Any
    rows: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name):
        if name not in FIND:
            raise AttributeError(name)
        if name not in self.rows:
            self.rows[name] = FIND[name](self.project)
        return self.rows[name]

    @property
    def offset(self):
        """Keeps numbers of the projects apart."""
        return 0 if self.project.key == "WEB" else 100


class Sessions(dict):
    """The keys of signed-in sessions, each opened when it is first asked for; empty for nobody."""

    def __init__(self, people):
        self.people = people

    def __missing__(self, who):
        key = self[who] = open_session(self.people[who])
        return key


@dataclass
class Setting:
    people: dict[str, User | None]
    sessions: Sessions
    secrets: dict[str, str]
    mine: Things
    foreign: Things


@ensure_data(populate_cast)
def populate_both_projects():
    """WEB and OPS with the same things in them, what the owner holds in both, and a superuser."""
    project, other = Project.objects.get(key="WEB"), Project.objects.get(key="OPS")
    owner = User.objects.get(email="owner@example.com")
    make_user("superuser@example.com", is_superuser=True)
    make_member(project, "owner", make_user("second@example.com"))  # so that the owner may leave
    make_member(other, "owner", owner)
    make_things(project, owner)
    make_things(other, owner)
    for who in GUESTS:
        run, person = project.runs.get(name="Nightly"), make_user(f"{who}@example.com")
        add_guest(run, person.email, may_execute=who == "executor", by=owner)
    issue_tokens(owner, project, other)
    make_ways_in(owner)
    User.objects.update(password=make_password(PASSWORD))
    leave_job()


def find_setting():
    """What populate_both_projects made, beside what lasts for a moment or lies in a file."""
    start_worker()
    store_files()
    accounts = {account.email: account for account in User.objects.all()}
    people = {who: accounts.get(f"{who}@example.com") for who in [*PEOPLE, *GUESTS]}
    projects = {project.key: project for project in Project.objects.all()}
    return Setting(
        people=people,
        sessions=Sessions(people),
        secrets={kind: secret_of(kind) for kind in [*TOKENS, *SCOPES]},
        mine=Things(projects["WEB"]),
        foreign=Things(projects["OPS"]),
    )


def start_worker():
    """A sign of life of a worker for as long as a test lasts; /readyz is right to want one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 hour')"
        )


def store_files():
    """Rows are recorded, the files that they name are not."""
    for name in Artifact.objects.values_list("file", flat=True):
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(NOTES))


def leave_job():
    """A job that is done, for the administration to list."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, lock, priority) "
            "VALUES ('imports', 'read_import', '{\"import_id\": \"1\"}', 'succeeded', 'lock', 1)"
        )


def open_session(person):
    """The key of a signed-in session, empty for nobody; cheaper than `force_login`."""
    if person is None:
        return ""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return session.session_key


def issue_tokens(owner, project, other):
    kinds = {
        "confined": {"project": project, "role": "owner"},
        "narrowed": {"project": project, "role": "viewer"},
        "foreign": {"project": other, "role": "owner"},
        "revoked": {"project": project, "role": "owner"},
        "reading": {"project": project, "role": "owner", "scope": "read"},
        "sending": {"project": project, "role": "owner", "scope": "results"},
    }
    for kind, fields in kinds.items():
        token, _ = issue_token(owner, name="ci", by=owner, **fields)
        token.digest = ApiToken.digest_of(secret_of(kind))
        token.save(update_fields=["digest"])
        if kind == "revoked":
            revoke_token(token, by=owner)


def secret_of(kind):
    """Known beforehand, since a row keeps no more than its digest."""
    return f"{ApiToken.PREFIX}{kind}"


def secret_of_invitation(project):
    return f"invitation-{project.key}"


def make_ways_in(owner):
    """An authenticator app, an account linked at a provider, and a browser signed in."""
    TOTP.activate(owner, generate_totp_secret())
    RecoveryCodes.activate(owner)
    SocialAccount.objects.create(user=owner, provider="openid_connect", uid="mira")
    UserSession.objects.create(user=owner, ip="192.0.2.1", session_key="gone", user_agent="Firefox")


def address_of(who, project):
    return f"{who}.{project.key.lower()}@example.com"


def make_things(project, owner):
    things = Things(project)
    person = make_member(project, "tester", make_user(address_of("person", project)))
    make_user(address_of("newcomer", project))
    make_invitation(project, address_of("invited", project))
    secret = secret_of_invitation(project)
    project.invitations.update(digest=Invitation.digest_of(secret))
    project.tokens.create(
        user=person,
        role="tester",
        name="laptop",
        hint="tqa_abcd",
        digest=ApiToken.digest_of(f"{project.key} laptop"),
    )
    project.environments.create(name="qa")
    store_artifact(project, SimpleUploadedFile("notes.txt", NOTES), by=owner)
    make_cases(things)
    project.saved_filters.create(name="Smoke", query="case", is_shared=True, created_by=owner)
    make_reviewed_case(things, owner)
    make_runs(things)
    project.runartifacts.create(run=things.run, artifact=things.artifact)
    project.caseartifacts.create(case=things.case, artifact=things.artifact)
    project.runguests.create(run=things.run, email=address_of("guest", project))
    make_report_of(things, owner)


def make_cases(things):
    project, offset = things.project, things.offset
    project.custom_fields.create(
        name="Device", kind="choice", options=["o"], default="o", position=1
    )
    suite = project.suites.create(name="Cart", path="Cart")
    project.suites.create(name="Later", path="Later")
    project.suites.create(name="Old", path="Old", archived_at=timezone.now())
    project.bulk_changes.create(verb="copy_suite", arguments={"to": str(suite.pk)}, total=1)
    for number, name in enumerate(["case", "unused_case", "archived_case"], offset + 12):
        case = project.cases.create(
            number=number, suite=suite, title=name, kind="manual", **ELSEWHERE
        )
        project.caseversions.create(case=case, number=1, content=CONTENT | {"title": name})
    project.case_imports.create(
        filename="cases.csv",
        format="csv",
        options={"columns": ["Title"], "sample": [], "tool": ""},
        mapping={"Title": "title"},
    )
    step = {"action": "Open the cart", "expected": "It is empty", "data": "none"}
    project.casesteps.create(case=things.case, position=1, **step)
    things.case.versions.update(content=CONTENT | {"title": "case", "steps": [step]})
    project.shared_steps.create(title="Sign in", steps=[step])
    things.archived_case.archived_at = timezone.now()
    things.archived_case.save()
    make_bulk_change(things)
    project.last_case_number = offset + 14
    project.save()


def make_reviewed_case(things, owner):
    """It waits for anybody, and the owner, who is called there, said something of it."""
    project = things.project
    number = project.last_case_number = things.offset + 15
    project.save()
    case = project.cases.create(number=number, title="reviewed_case", status="in_review", version=2)
    for version, title in enumerate(["before", "reviewed_case"], 1):
        content = CONTENT | {"title": title, "suite": ""}
        project.caseversions.create(case=case, number=version, content=content)
    project.reviews.create(case=case, version=2)
    comment = project.comments.create(case=case, body="Look, @owner", created_by=owner)
    project.mentions.create(comment=comment, user=owner)


ELSEWHERE = {
    "links": [{"title": "Design", "url": "https://design.example/"}],
    "requirements": [{"name": "REQ-1", "url": "https://needs.example/"}],
}
CONTENT = {
    "title": "", "kind": "manual", "status": "draft", "priority": "P2", "suite": "Cart",
    "preconditions": "", "description": "", "automation_key": "", "tags": [], "steps": [],
}  # fmt: skip


def make_bulk_change(things):
    """One that can be undone."""
    change = things.project.bulk_changes.create(
        verb="set",
        arguments={"said": "Set priority to P2", "set": {"priority": "P2"}},
        state="done",
        total=1,
        done=1,
        changed=1,
        finished_at=timezone.now(),
    )
    before = {"priority": "P1"}
    things.project.bulkitems.create(change=change, case=things.case, before=before, version=1)


def make_runs(things):
    project, offset = things.project, things.offset
    environment = project.environments.get(name="ci")
    fields = {"environment": environment, "triggered_by": "CI"}
    now = timezone.now()
    project.runs.create(number=offset + 45, name="Waiting", kind="manual", **fields)
    project.runs.create(
        number=offset + 46,
        name="Nightly",
        state="running",
        started_at=now,
        total=1,
        failed=1,
        seq=1,
        **fields,
    )
    project.runs.create(
        number=offset + 47,
        name="Smoke",
        state="completed",
        verdict="partial",
        started_at=now,
        finished_at=now,
        duration_ms=1,
        **fields,
    )
    project.imports.create(
        run=things.run,
        state="done",
        filename="junit.xml",
        sha256=b"1",
        fields_sha256=b"2",
        received=1,
        stored=1,
        matched=1,
        distinct_tests=1,
        finished_at=now,
    )
    project.executions.create(
        run=things.run,
        case=things.case,
        title="case",
        state="finished",
        verdict="failed",
        source=things.sent,
        seq=1,
        duration_ms=12,
        message="AssertionError",
    )
    project.last_run_number = offset + 47
    project.save()


def make_report_of(things, owner):
    project = things.project
    project.last_report_number = things.offset + 2
    project.save()
    make_report(project, first_run=things.run, by=owner)
