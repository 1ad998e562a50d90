"""What the permission table asks for: two projects with the same things in them."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.artifacts.lifecycle import store_artifact
from apps.memberships.lifecycle import issue_token, revoke_token
from apps.memberships.models import ApiToken
from apps.reports.lifecycle import make_report
from tests.factories import make_member, make_project, make_user

PASSWORD = "Correct-Horse-9"


@dataclass
class Things:
    """Rows of one project, by what they are for; `offset` keeps numbers of projects apart."""

    project: Any
    offset: int = 0
    rows: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name):
        try:
            return self.rows[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass
class Setting:
    people: dict[str, User | None]
    sessions: dict[str, str]
    secrets: dict[str, str]
    mine: Things
    foreign: Things


def make_setting():
    project, other = make_project("WEB"), make_project("APP")
    owner = project.memberships.get().user
    people = {
        "owner": owner,
        "manager": make_member(project, "manager"),
        "tester": make_member(project, "tester"),
        "viewer": make_member(project, "viewer"),
        "outsider": other.memberships.get().user,
        "superuser": make_user(is_superuser=True),
        "anonymous": None,
    }
    make_member(project, "owner")  # so that the owner may leave
    make_member(other, "owner", owner)
    set_passwords(people.values())
    start_worker()
    leave_job()
    return Setting(
        people=people,
        sessions={who: open_session(person) for who, person in people.items()},
        secrets=make_secrets(owner, project, other),
        mine=make_things(project, people, 0),
        foreign=make_things(other, people, 100),
    )


def start_worker():
    """The sign of life of a worker, without which /readyz is right to answer 503."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")


def leave_job():
    """A job that is done, for the administration to list."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, lock, priority) "
            "VALUES ('imports', 'read_import', '{\"import_id\": \"1\"}', 'succeeded', 'lock', 1)"
        )


def set_passwords(people):
    password = make_password(PASSWORD)
    for person in people:
        if person is not None:
            person.password = password
            person.save()


def open_session(person):
    """The key of a signed-in session, empty for nobody."""
    if person is None:
        return ""
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def make_secrets(owner, project, other):
    def issue(where, role):
        return issue_token(owner, name="ci", by=owner, project=where, role=role)

    revoked, secret = issue(project, "owner")
    revoke_token(revoked, by=owner)
    return {
        "confined": issue(project, "owner")[1],
        "narrowed": issue(project, "viewer")[1],
        "foreign": issue(other, "owner")[1],
        "revoked": secret,
    }


def make_things(project, people, offset):
    things = Things(project, offset)
    person, owner = make_member(project, "tester"), people["owner"]
    set_passwords([person])
    things.rows["administrator"] = people["superuser"]
    things.rows["person"] = person
    things.rows["newcomer"] = make_user()
    things.rows["membership"] = project.memberships.get(user=person)
    things.rows["token"] = project.tokens.create(
        user=person,
        role="tester",
        name="laptop",
        hint="tqa_abcd",
        digest=ApiToken.digest_of(f"{project.key} laptop"),
    )
    things.rows["spare_environment"] = project.environments.create(name="qa")
    things.rows["artifact"] = store_artifact(
        project, SimpleUploadedFile("notes.txt", b"notes"), by=owner
    )
    make_cases(things)
    make_runs(things)
    make_report_of(things, owner)
    return things


def make_cases(things):
    project, offset = things.project, things.offset
    suite = project.suites.create(name="Cart", path="Cart")
    things.rows["suite"] = suite
    things.rows["empty_suite"] = project.suites.create(name="Later", path="Later")
    for number, name in enumerate(["case", "unused_case", "archived_case"], offset + 12):
        case = project.cases.create(number=number, suite=suite, title=name, kind="manual")
        project.caseversions.create(case=case, number=1, content=CONTENT | {"title": name})
        things.rows[name] = case
    things.archived_case.archived_at = timezone.now()
    things.archived_case.save()
    project.last_case_number = offset + 14
    project.save()


CONTENT = {
    "title": "", "kind": "manual", "status": "draft", "priority": "P2", "suite": "Cart",
    "preconditions": "", "description": "", "automation_key": "", "tags": [], "steps": [],
}  # fmt: skip


def make_runs(things):
    project, offset = things.project, things.offset
    environment = project.environments.get(name="ci")
    fields = {"environment": environment, "triggered_by": "CI"}
    now = timezone.now()
    things.rows["created_run"] = project.runs.create(
        number=offset + 45, name="Waiting", kind="manual", **fields
    )
    things.rows["run"] = project.runs.create(
        number=offset + 46,
        name="Nightly",
        state="running",
        started_at=now,
        total=1,
        failed=1,
        seq=1,
        **fields,
    )
    things.rows["finished_run"] = project.runs.create(
        number=offset + 47,
        name="Smoke",
        state="completed",
        verdict="partial",
        started_at=now,
        finished_at=now,
        duration_ms=1,
        **fields,
    )
    sent = project.imports.create(
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
    things.rows["sent"] = sent
    things.rows["execution"] = project.executions.create(
        run=things.run,
        case=things.case,
        title="case",
        state="finished",
        verdict="failed",
        source=sent,
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
    things.rows["report"] = make_report(project, first_run=things.run, by=owner)
