"""Comments as the page of a case shows them."""

from django.urls import reverse

SHOWN = 20
"""The latest, on the page of the case; all are a page away."""


def latest(case) -> tuple[list, bool]:
    """The latest comments, oldest first, and whether there are earlier ones."""
    rows = list(case.comments.for_page().order_by("-id")[: SHOWN + 1])
    return rows[:SHOWN][::-1], len(rows) > SHOWN


def unread_among(comments, user) -> list:
    """The unread mentions of the person in these comments of `for_page`, by id."""
    return [
        mention["id"]
        for comment in comments
        for mention in comment.called
        if mention["user"] == user.pk and mention["unread"]
    ]


def address_of(comment, case) -> str:
    """Where the comment is shown: the page of the case, or that of all comments."""
    later = list(case.comments.filter(pk__gt=comment.pk).order_by("pk")[:SHOWN])
    if len(later) < SHOWN:
        return f"{case.get_absolute_url()}#{comment.anchor}"
    page = reverse("cases:comments", args=[case.project.key, case.number])
    return f"{page}?before={later[0].pk}#{comment.anchor}"
