"""Rows of versions, reviews, comments and mentions."""

from .cases import API, PROJECT, SEEN, SEEN_BY_API, case
from .row import Row

EDITS = "302 302 403 403 404 404 302"
EDITS_BY_API = ("200 200 403 403 404 404 401", "200 403 404 401")
SAYS = "302 302 302 302 404 404 302"


def version(things):
    return {"number": things.reviewed_case.number, "version": 1}


def reviewed(things):
    return {"number": things.reviewed_case.number}


def comment(things):
    return {"number": things.reviewed_case.number, "id": things.comment.pk}


def mention(things):
    return {"id": things.mention.pk}


def words(things):
    return {"body": "Well done."}


def decision(things):
    return {"note": "Say what to expect.", "version": "2"}


ONE = f"{PROJECT}cases/<int:number>/"
ONE_BY_API = f"{API}cases/<int:number>/"

ROWS = [
    Row("GET", f"{ONE}versions/", SEEN, where=case),
    Row("GET", f"{ONE}versions/<int:version>/", SEEN, where=version),
    Row("POST", f"{ONE}versions/<int:version>/restore/", EDITS, where=version),
    Row("GET", f"{ONE}compare/", SEEN, where=reviewed, query="?a=1&b=2"),
    Row("GET", f"{PROJECT}cases/review/", SEEN),
    Row("POST", f"{ONE}review/send/", EDITS, where=case),
    Row("POST", f"{ONE}review/withdraw/", EDITS, where=reviewed),
    Row("POST", f"{ONE}review/approve/", EDITS, where=reviewed, form=decision),
    Row("POST", f"{ONE}review/return/", EDITS, where=reviewed, form=decision),
    Row("GET", f"{PROJECT}cases/people/", SEEN, query="?q=own"),
    Row("GET", f"{ONE}comments/", SEEN, where=reviewed),
    Row("POST", f"{ONE}comments/", SAYS, where=reviewed, form=words),
    Row(
        "POST", f"{ONE}comments/<uuid:id>/edit/", "302 403 403 403 404 404 302",
        where=comment, form=words,
    ),
    Row("POST", f"{ONE}comments/<uuid:id>/delete/", EDITS, where=comment),
    Row("GET", "mentions/", "200 200 200 200 200 200 302"),
    Row("POST", "mentions/read/", "302 302 302 302 302 302 302"),
    Row("GET", "mentions/<uuid:id>/", "302 404 404 404 404 404 302", where=mention),
    Row("GET", f"{ONE_BY_API}versions/", *SEEN_BY_API, where=case),
    Row("GET", f"{ONE_BY_API}versions/<int:version>/", *SEEN_BY_API, where=version),
    Row(
        "POST", f"{ONE_BY_API}versions/<int:version>/restore/", *EDITS_BY_API, where=version
    ),
    Row("GET", f"{ONE_BY_API}compare/", *SEEN_BY_API, where=reviewed, query="?a=1&b=2"),
    Row("GET", f"{API}reviews/", *SEEN_BY_API, query="?mine=true"),
    Row("GET", f"{ONE_BY_API}reviews/", *SEEN_BY_API, where=reviewed),
    Row(
        "POST", f"{ONE_BY_API}reviews/", "201 201 403 403 404 404 401", "201 403 404 401",
        where=case,
    ),
    Row("POST", f"{ONE_BY_API}review/withdraw/", *EDITS_BY_API, where=reviewed),
    Row("POST", f"{ONE_BY_API}review/approve/", *EDITS_BY_API, where=reviewed, json=decision),
    Row("POST", f"{ONE_BY_API}review/return/", *EDITS_BY_API, where=reviewed, json=decision),
    Row("GET", f"{ONE_BY_API}comments/", *SEEN_BY_API, where=reviewed),
    Row(
        "POST", f"{ONE_BY_API}comments/", "201 201 201 201 404 404 401", "201 201 404 401",
        where=reviewed, json=words,
    ),
    Row(
        "PATCH", f"{ONE_BY_API}comments/<uuid:id>/", "200 403 403 403 404 404 401",
        "200 200 404 401", where=comment, json=words,
    ),
    Row(
        "DELETE", f"{ONE_BY_API}comments/<uuid:id>/", "204 204 403 403 404 404 401",
        "204 204 404 401", where=comment,
    ),
]  # fmt: skip
