"""The site behind TLS, with the settings that docs/security.md asks for.

The settings are read when a process begins, so each test has one of its own.
"""

import json
import subprocess
import sys

import pytest

from tests.site.product import CHECKOUT, environment

HOST = "qa.example.com"
SERVED = {"TESTOQA_HTTPS": "1", "TESTOQA_HOSTS": HOST, "TESTOQA_SMTP_HOST": "mail.example.com"}
ASK = f"""
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "testoqa.settings"
import django
django.setup()
from django.test import Client
asked = json.loads(sys.argv[1])
answer = Client().get("/accounts/login/", headers={{"host": "{HOST}", **asked["headers"]}},
    secure=asked["secure"])
from django.conf import settings
print(json.dumps([answer.status_code, dict(answer.headers), answer.cookies.output(header=""),
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_PATH,
    settings.SESSION_COOKIE_DOMAIN]))
"""


def run(data, *arguments, **more):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=environment(**SERVED, TESTOQA_DATA=str(data), **more),
        capture_output=True,
        text=True,
    )


@pytest.fixture
def asked(tmp_path):
    """asked(secure=…, headers=…) is the answer to somebody who opens the page to sign in."""

    def ask(*, secure=False, headers=None, **more):
        said = json.dumps({"secure": secure, "headers": headers or {}})
        process = run(tmp_path, "-c", ASK, said, **more)
        assert process.returncode == 0, process.stderr
        return json.loads(process.stdout)

    return ask


def test_the_check_of_a_deployment_finds_nothing(tmp_path):
    process = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert process.returncode == 0, process.stderr


def test_cookies_are_of_this_host_alone_and_browsers_stay_with_https(asked):
    status, headers, cookies, *session = asked(secure=True)
    assert status == 200
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert cookies.strip().startswith("__Host-testoqa-csrf=")
    parts = {part.strip() for part in cookies.split(";")}
    assert {"Secure", "Path=/", "SameSite=Lax"} <= parts
    assert "Domain" not in cookies
    assert session == ["__Host-testoqa", True, "/", None]


def test_plain_http_is_sent_on_whatever_a_stranger_says(asked):
    status, headers, *_ = asked(headers={"X-Forwarded-Proto": "https"})
    assert (status, headers["Location"]) == (301, f"https://{HOST}/accounts/login/")


def test_a_trusted_proxy_says_that_it_spoke_https(asked):
    said = {"headers": {"X-Forwarded-Proto": "https"}, "TESTOQA_TRUST_PROXY": "1"}
    assert asked(**said)[0] == 200
