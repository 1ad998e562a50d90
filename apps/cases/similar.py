"""Cases whose titles are close to one that somebody types, found by the words of the search."""

from difflib import SequenceMatcher

from django.contrib.postgres.search import SearchQuery
from django.db import connection

SHOWN, CANDIDATES = 5, 300
CLOSE = 0.7
"""Of all letters of both titles, how many are alike and in the same order."""
MOST_WORDS, LONGEST = 8, 300


def similar_cases(project, title, *, but=None) -> list:
    """The closest titles of cases in use, at most five; `but` is the number of one left out.

    Two queries: the words of the title as the search has them, and those cases that have all of
    them, or all but one, in their titles.
    """
    title = " ".join(title.replace("\0", " ").split())[:LONGEST]
    query = _query(_words(title))
    if not query:
        return []
    cases = project.cases.active().filter(
        search=SearchQuery(query, config="simple", search_type="raw")
    )
    if but is not None:
        cases = cases.exclude(number=but)
    found = cases.only("number", "title", "project")[:CANDIDATES]
    ranked = sorted(((_closeness(title, case.title), case) for case in found), key=_place)
    return [case for closeness, case in ranked if closeness >= CLOSE][:SHOWN]


def _words(title):
    """The longest of the words, since they tell most."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(to_tsvector('simple', %s))", [title])
        words = cursor.fetchone()[0]
    return sorted(words, key=len, reverse=True)[:MOST_WORDS]


def _query(words):
    """All of the words, or all but one of three and more, as beginnings of words in the title."""
    terms = ["'{}':*A".format(word.replace("\\", "\\\\").replace("'", "''")) for word in words]
    if len(terms) < 3:
        return " & ".join(terms)
    return " | ".join(
        "({})".format(" & ".join(term for term in terms if term is not left)) for left in terms
    )


def _closeness(one, other):
    return SequenceMatcher(None, one.casefold(), other[:LONGEST].casefold()).ratio()


def _place(ranked):
    closeness, case = ranked
    return -closeness, case.number
