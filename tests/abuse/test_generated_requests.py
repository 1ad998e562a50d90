"""The API against what a generator makes of its own OpenAPI document, as everybody in turn.

Nothing breaks, and nothing is answered that the document does not say. The same document makes the
same requests in each test run; TESTOQA_TEST_ALL=1 makes twice as many.
"""

import importlib
import os
import sys
from contextlib import contextmanager
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
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
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
EXAMPLES = 6 if os.environ.get("TESTOQA_TEST_ALL") == "1" else 3
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


@cache
def site_over_wsgi():
    """Made once: its middleware reads the whole folder of static files."""
    return WSGIHandler()


def site_to_the_end(environ, start_response):
    """A download is read whole, which closes its file."""
    answer = site_over_wsgi()(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


@cache
def generated():
    """[(operation, route, requests to it)]: made once, sent by everybody.

    Who asks is ours to say, so no session and no token is made up. No constants are taken from our
    source either: a request would change with code that has nothing to do with it.
    """
    schema = schemathesis.openapi.from_dict(document())
    schema.app = site_to_the_end
    schema.config.analysis.constants.enabled = False
    schema.config.generation.update(with_security_parameters=False)
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

    with constants_of_no_module():
        keep()
    return made


@contextmanager
def constants_of_no_module():
    """Hypothesis mixes in those of every module of ours that is loaded, and has no setting for it.

    Which are loaded differs with the tests that ran before.
    """
    providers.CONSTANTS_CACHE.cache.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "_get_local_constants", Constants)
        yield
    providers.CONSTANTS_CACHE.cache.clear()


def known(setting, who):
    """The headers and cookies by which somebody is known."""
    if who in TOKENS:
        return {"headers": {"Authorization": f"Bearer {setting.secrets[who]}"}}
    session = setting.sessions[who]
    cookies = {site.CSRF_COOKIE_NAME: CSRF}
    if session:
        cookies[site.SESSION_COOKIE_NAME] = session
    return {"headers": {"X-CSRFToken": CSRF}, "cookies": cookies}


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
    identity, codes, found = known(setting, who), set(), []
    for operation, route, requests in generated():
        there = where_of(row_of(operation.method.upper(), route), setting.mine)
        there = {"key": setting.mine.project.key, "id": there.get("pk"), **there}
        for place, (case, made_up) in share_of(who, list(enumerate(requests))):
            real = {name: str(there.get(name) or value) for name, value in made_up.items()}
            case.path_parameters = real if place % 3 else made_up
            answer = ask(case, identity)
            codes.add(answer.status_code)
            found += faults(case, answer)
    assert not found, "\n\n".join(map(str, found))
    assert (401 in codes) == (who == "anonymous"), "whether the site knows who asks"
    assert (200 in codes) == (who != "anonymous"), "whether anything is behind the door"


def share_of(who, requests):
    """The owner sends all, as a person and by a token; of the others each second one a half."""
    if who in {"owner", "confined"}:
        return requests
    return requests[EVERYBODY.index(who) % 2 :: 2]


def ask(case, identity):
    """The answer to a request, of which everything that it changed is taken back."""
    site_cache.clear()
    with transaction.atomic():
        answer = case.call(**identity)
        transaction.set_rollback(True)
    return answer


def faults(case, answer):
    """What the answer says that the document does not."""
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as failure:
        return [f"{case.method} {case.formatted_path}: {failure}"]
    return []


def test_the_requests_are_the_same_whatever_is_loaded(tmp_path, monkeypatch):
    def written(requests):
        return repr([(made_up, case.query, case.body) for case, made_up in requests])

    (tmp_path / "loaded.py").write_text(
        "\n".join(f"x = {n}{n}; y = 'w{n}'" for n in range(99, 500))
    )
    operations = [one for one, _, _ in generated() if one.method == "post"][:6]
    before = [written(requests_of(one)) for one in operations]
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "loaded", importlib.import_module("loaded"))
    assert [written(requests_of(one)) for one in operations] == before


def test_every_operation_is_tried():
    tried = {(one.method.upper(), one.path) for one, _, _ in generated()}
    assert tried == {(one.method, one.path) for one in operations()}
    assert len(tried) > 35
