"""What a live page asks for: the head, the windows of the groups, and the rows that it lacks."""

import re

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import send_results

from .test_pages import address, fail, page, titles

pytestmark = uses(populate_cast)


def live(client, user, run, **query):
    client.force_login(user)
    return client.get(address(run, "live"), query)


def windows(html):
    """{group: (count, [ids])}"""
    found = re.findall(r'data-group="(\w+)" data-count="(\d+)" data-window="([^"]*)"', html)
    return {
        name: (int(count), [entry.split(":")[0] for entry in window.split()])
        for name, count, window in found
    }


def ids(run, **fields):
    rows = run.executions.filter(**fields).order_by("id")
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


def test_only_rows_changed_since_are_sent_but_every_window_is_told(client, nightly, viewer):
    send_results(nightly, "pays", "refunds")
    nightly.refresh_from_db()
    seen = nightly.seq
    send_results(nightly, fail("stock"))
    html = live(client, viewer, nightly, since=seen).content.decode()
    assert titles(html) == ["stock"]
    shown = windows(html)
    assert shown["rest"] == (2, ids(nightly, verdict="passed"))
    assert shown["new"] == (1, ids(nightly, verdict="failed"))
    assert shown["pending"] == (0, [])


def test_a_row_that_the_page_lacks_is_sent_although_it_is_old(client, nightly, viewer):
    send_results(nightly, "pays", "refunds")
    nightly.refresh_from_db()
    lacking = ids(nightly)[1]
    html = live(client, viewer, nightly, since=nightly.seq, rows=lacking).content.decode()
    assert titles(html) == ["refunds"]


def test_a_window_is_as_large_as_the_page_has_it(client, nightly, viewer):
    send_results(nightly, *(f"case {number:03}" for number in range(120)))
    small = windows(live(client, viewer, nightly).content.decode())["rest"]
    large = windows(live(client, viewer, nightly, rest=75).content.decode())["rest"]
    assert (small[0], len(small[1])) == (120, 25)
    assert (large[0], len(large[1])) == (120, 75)


def test_the_filter_of_the_page_is_kept(client, nightly, viewer):
    send_results(nightly, "pays", "refunds", fail("stock"))
    html = live(client, viewer, nightly, q="pays").content.decode()
    assert titles(html) == ["pays"]
    assert windows(html)["new"] == (0, [])
    assert "q=pays" in html


def test_nothing_new_is_answered_by_304(client, nightly, viewer):
    send_results(nightly, "pays")
    first = live(client, viewer, nightly)
    again = {"If-None-Match": first["ETag"]}
    assert client.get(address(nightly, "live"), headers=again).status_code == 304
    send_results(nightly, "refunds")
    assert client.get(address(nightly, "live"), headers=again).status_code == 200


def test_nonsense_in_the_query_is_left_out(client, nightly, viewer):
    send_results(nightly, "pays")
    html = live(client, viewer, nightly, since="x", rows="1,2", rest="-4", new="9" * 30)
    assert titles(html.content.decode()) == ["pays"]


def test_the_page_names_its_socket_and_its_number(client, nightly, viewer):
    send_results(nightly, "pays")
    nightly.refresh_from_db()
    html = page(client, viewer, address(nightly))
    assert f'data-socket="/ws{address(nightly)}" data-seq="{nightly.seq}"' in html
