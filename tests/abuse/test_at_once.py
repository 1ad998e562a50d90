"""The same thing done by several at the same moment, over as many connections."""

import json
import threading

from testoqa.testing import uses
from tests.factories import make_run, make_token
from tests.runs.counting import assert_counts

from .data import populate_two_teams

pytestmark = uses(populate_two_teams)

PATIENCE = 60


def at_once(teams, secret, requests):
    """The answers to requests that all begin at one barrier, each on a connection of its own."""
    barrier, answers = threading.Barrier(len(requests)), [None] * len(requests)

    def send(place, method, path, options):
        attacker = teams.attacker(f"sender {place}", token=secret)
        barrier.wait(PATIENCE)
        answers[place] = attacker.ask(method, path, **options)

    threads = [
        threading.Thread(target=send, args=[place, *request])
        for place, request in enumerate(requests)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert None not in answers
    return answers


def token_of(teams):
    return make_token(teams.people["tester"], teams.mine.project, "tester")


def test_two_who_finish_a_run_finish_it_once(teams):
    run = teams.mine.run
    path = f"/api/v1/projects/WEB/runs/{run.number}/finish/"
    answers = at_once(teams, token_of(teams), [("POST", path, {})] * 5)
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409, 409]
    run.refresh_from_db()
    assert run.state == "completed"
    assert teams.mine.project.activity.filter(verb="run.finish").count() == 1


def test_the_same_batch_ten_times_in_parallel_is_stored_once(teams):
    run = make_run(teams.mine.project)
    path = f"/api/v1/projects/WEB/runs/{run.number}/results/"
    results = [{"name": f"shop.Cart test {place}", "status": "passed"} for place in range(50)]
    body = json.dumps(results).encode()
    sent = {"body": (body, "application/json"), "headers": {"Idempotency-Key": "once"}}
    answers = at_once(teams, token_of(teams), [("POST", path, sent)] * 10)
    assert {answer.status for answer in answers} <= {200, 201}
    assert sum(answer.status == 201 for answer in answers) == 1
    assert len({answer.json["id"] for answer in answers}) == 1
    run = assert_counts(type(run).objects.get(pk=run.pk))
    assert run.total == run.passed == 50


def test_a_key_used_for_two_bodies_at_once_stands_for_one(teams):
    run = make_run(teams.mine.project)
    path = f"/api/v1/projects/WEB/runs/{run.number}/results/"
    requests = [
        (
            "POST",
            path,
            {
                "json": [{"name": f"t{place}", "status": "passed"}],
                "headers": {"Idempotency-Key": "k"},
            },
        )
        for place in range(4)
    ]
    answers = at_once(teams, token_of(teams), requests)
    assert sorted(answer.status for answer in answers) == [201, 422, 422, 422]
    assert assert_counts(type(run).objects.get(pk=run.pk)).total == 1


def test_the_same_file_ten_times_in_parallel_is_one_run(teams):
    junit = b'<testsuite><testcase classname="shop.Cart" name="adds"/></testsuite>'
    boundary = "b0undary"
    part = (
        (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="j.xml"\r\n'
            f"Content-Type: application/xml\r\n\r\n"
        ).encode()
        + junit
        + f"\r\n--{boundary}--\r\n".encode()
    )
    sent = {"body": (part, f"multipart/form-data; boundary={boundary}")}
    before = teams.mine.project.runs.count()
    path = "/api/v1/projects/WEB/imports/"
    answers = at_once(teams, token_of(teams), [("POST", path, sent)] * 10)
    assert sorted(answer.status for answer in answers) == [200] * 9 + [201]
    assert len({answer.json["run"]["number"] for answer in answers}) == 1
    assert teams.mine.project.runs.count() == before + 1
