"""Two connections at once, with real commits: how a lock is proved.

A race test names the verbs that it tries, and tests/walls/test_every_verb_is_raced.py asks for one
of each public function of every lifecycle.py:

    pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]

    @pytest.mark.races("apps.memberships.lifecycle.change_role")
    def test_two_owners_cannot_both_step_down(): ...
"""

import threading
import time

from django.db import connection, connections, transaction

PATIENCE = 30
"""Seconds until two connections that wait for each other fail the test."""


def meet(*callables, allow=()):
    """Run each in a thread with a connection of its own, all from one barrier.

    Returns what each returned, or the exception it raised where `allow` names its class; any other
    exception is raised here.
    """
    barrier = threading.Barrier(len(callables))

    def begin(call):
        connection.ensure_connection()
        barrier.wait(PATIENCE)
        return call()

    return _outcomes([lambda call=call: begin(call) for call in callables], allow)


def overtake(first, second, *, allow=()):
    """Begin `second` when `first` has done its work and not yet committed.

    `first` commits once `second` waits for a lock or has ended. So a verb that reads before it
    locks fails each time, and not only when threads happen to meet. Answers like `meet`.
    """
    done, ended, backend = threading.Event(), threading.Event(), []

    def lead():
        try:
            with transaction.atomic():
                result = first()
                done.set()
                _wait_for_a_lock(backend, ended)
        finally:
            done.set()
        return result

    def follow():
        try:
            connection.ensure_connection()
            done.wait(PATIENCE)
            backend.append(connection.connection.info.backend_pid)
            return second()
        finally:
            ended.set()

    return _outcomes([lead, follow], allow)


def _wait_for_a_lock(backend, ended):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not ended.wait(0.02):
        if backend and _is_blocked(backend[0]):
            return


def _is_blocked(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return cursor.fetchone()[0]


def _outcomes(calls, allow):
    if connection.in_atomic_block:
        raise AssertionError("A race needs real commits: mark it django_db(transaction=True).")
    outcomes = [None] * len(calls)

    def run(place, call):
        try:
            outcomes[place] = call()
        except Exception as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=[place, call], daemon=True)
        for place, call in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE + 5)
        if thread.is_alive():
            raise AssertionError("The connections wait for each other.")
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, tuple(allow)):
            raise outcome
    return outcomes
