from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts.models import User
from apps.memberships.models import ApiToken
from testoqa.testing import uses
from tests.data import populate_cast

pytestmark = uses(populate_cast)


def run(*arguments):
    """The lines that a command prints."""
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue().splitlines()


def test_a_new_person_can_sign_in_with_the_printed_password(client):
    *_, password = run("add_person", "--email", "Ann@Example.com", "--name", "Ann")
    person = User.objects.get(email="ann@example.com")
    assert person.name == "Ann"
    assert person.check_password(password)
    answer = client.post("/accounts/login/", {"login": "ann@example.com", "password": password})
    assert answer.status_code == 302
    assert answer.url == "/"


def test_a_person_is_put_into_a_project_also_later(project):
    run("add_person", "--email", "ann@example.com")
    lines = run("add_person", "--email", "ann@example.com", "--project", "WEB", "--role", "manager")
    assert lines == ["ann@example.com is manager in WEB."]
    assert project.memberships.get(user__email="ann@example.com").role == "manager"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--email", "nonsense"], "valid email"),
        (["--email", "viewer@example.com"], "exists already"),
        (["--email", "new@example.com", "--project", "NONE"], "no project NONE"),
        (["--email", "new@example.com", "--role", "owner"], "--role needs --project"),
        (["--email", "viewer@example.com", "--project", "WEB"], "is a member of WEB already"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_made(arguments, sentence):
    before = User.objects.count()
    with pytest.raises(CommandError, match=sentence):
        run("add_person", *arguments)
    assert User.objects.count() == before


def test_a_token_is_printed_on_the_last_line(client, project, manager):
    *_, free = run("issue_token", "--email", manager.email)
    *_, confined = run(
        "issue_token", "--email", manager.email, "--project", "WEB", "--role", "tester"
    )
    tokens = {token.digest: token for token in ApiToken.objects.filter(user=manager)}
    assert tokens[ApiToken.digest_of(free)].project is None
    assert tokens[ApiToken.digest_of(confined)].role == "tester"
    headers = {"authorization": f"Bearer {confined}"}
    assert client.get("/api/v1/projects/WEB/", headers=headers).status_code == 200


def test_a_token_is_narrowed_and_ends_as_asked(project, manager):
    who = ["issue_token", "--email", manager.email, "--project", "WEB"]
    said, _ = run(*who, "--name", "short", "--scope", "results", "--days", "7")
    assert "send results only" in said
    said, _ = run(*who, "--name", "usual")
    assert "until" in said
    said, _ = run(*who, "--name", "endless", "--days", "0")
    assert "without an end" in said
    ends = {token.name: token for token in project.tokens.all()}
    assert ends["short"].scope == "results"
    assert ends["endless"].expires_at is None
    for name, days in {"short": 7, "usual": 90}.items():
        assert round((ends[name].expires_at - timezone.now()) / timedelta(days=1)) == days


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--email", "tester@example.com", "--days", "-1"], "--days takes 0"),
        (["--email", "no@example.com"], "no active person"),
        (["--email", "tester@example.com", "--project", "NONE"], "no project NONE"),
        (["--email", "tester@example.com", "--project", "OPS"], "is not a member of OPS"),
        (["--email", "tester@example.com", "--role", "viewer"], "--role needs --project"),
        (
            ["--email", "tester@example.com", "--project", "WEB", "--role", "owner"],
            "cannot be owner",
        ),
    ],
)
def test_no_token_is_made_where_something_is_wrong(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        run("issue_token", *arguments)
    assert not ApiToken.objects.exists()
