"""How much of a name the pages show: a test may be named with two million characters.

What is stored is never cut, and the API and the form that changes a case hold the whole.
"""

IN_ROW = 200
"""Characters in a row of a list, a heading of the browser, a message."""
ON_PAGE = 4_000
"""Characters on the page of the thing itself."""


def in_row(text: str) -> str:
    return _beginning(text, IN_ROW)


def on_page(text: str) -> str:
    return _beginning(text, ON_PAGE)


def _beginning(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
