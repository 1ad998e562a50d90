"""The API against what a generator makes of its own OpenAPI document, as everybody in turn.

Nothing breaks, and nothing is answered that the document does not say. The requests are the same in
each test run; TESTOQA_TEST_ALL=1 makes ten times as many.
"""

import os
from functools import cache

import pytest
import schemathesis
from django.conf import settings as site
from django.core.cache import cache as site_cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from testoqa.testing import uses
from tests.abuse.attacker import CSRF
from tests.walls.permissions.row import PEOPLE, TOKENS
from tests.walls.permissions.setting import find_setting, populate_both_projects

from .addresses import document, operations, row_of
from .requests import where_of

pytestmark = uses(populate_both_projects)

EVERYBODY = [who for who in PEOPLE if who != "superuser"] + [TOKENS[0]]
MOST_EXAMPLES = 15
EXAMPLES = MOST_EXAMPLES if os.environ.get("TESTOQA_TEST_ALL") == "1" else 3
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
REPEATED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def site_to_the_end(environ, start_response):
    """The site over WSGI; a download is read whole, which closes its file."""
    answer = WSGIHandler()(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


@cache
def generated():
    """[(operation, route, requests to it)]: made once, sent by everybody."""
    schema = schemathesis.openapi.from_dict(document())
    schema.app = site_to_the_end
    routes = {(one.method, one.path): one.route for one in operations()}
    found = [result.ok() for result in schema.get_all_operations()]
    return [
        (one, routes[one.method.upper(), one.path], requests_of(one))
        for one in found
        if one.path.startswith("/api/v1/")
    ]


def requests_of(operation):
    """Those that fit the document, and those that nearly do."""
    made = []
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    strategy = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])

    @REPEATED
    @given(strategy)
    def keep(case):
        made.append((case, dict(case.path_parameters or {})))

    keep()
    return made


def known(setting, who):
    """The headers by which somebody is known."""
    if who in TOKENS:
        return {"Authorization": f"Bearer {setting.secrets[who]}"}
    session = setting.sessions[who]
    cookies = {site.CSRF_COOKIE_NAME: CSRF}
    if session:
        cookies[site.SESSION_COOKIE_NAME] = session
    joined = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": joined, "X-CSRFToken": CSRF}


@pytest.fixture(autouse=True)
def one_connection(db):
    """Requests are made within the test's transaction, as Django's own client makes them."""
    signals = [request_started, request_finished]
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("who", EVERYBODY)
def test_nothing_breaks_and_nothing_is_unsaid(who):
    setting = find_setting()
    headers, found = known(setting, who), []
    for operation, route, requests in generated():
        there = where_of(row_of(operation.method.upper(), route), setting.mine)
        there = {"key": setting.mine.project.key, "id": there.get("pk"), **there}
        for place, (case, made_up) in enumerate(share_of(who, requests)):
            real = {name: str(there.get(name) or value) for name, value in made_up.items()}
            case.path_parameters = real if place % 3 else made_up
            found += faults(case, headers)
    assert not found, "\n\n".join(map(str, found))


def share_of(who, requests):
    """The owner sends all; of the others, by default, each second one a half."""
    if who == EVERYBODY[0] or EXAMPLES == MOST_EXAMPLES:
        return requests
    return requests[EVERYBODY.index(who) % 2 :: 2]


def faults(case, headers):
    """Send a request, take back what it changed, and hold the answer against the document."""
    site_cache.clear()
    with transaction.atomic():
        answer = case.call(headers=headers)
        transaction.set_rollback(True)
    try:
        case.validate_response(answer, checks=CHECKS, headers=headers)
    except FailureGroup as failure:
        return [f"{case.method} {case.formatted_path}: {failure}"]
    return []


def test_every_operation_is_tried():
    tried = {(one.method.upper(), one.path) for one, _, _ in generated()}
    assert tried == {(one.method, one.path) for one in operations()}
    assert len(tried) > 35
