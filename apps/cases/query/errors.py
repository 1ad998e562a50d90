from difflib import get_close_matches


class QueryError(ValueError):
    """What is wrong with a query, and where: `start` and `end` are places in its text from 0."""

    def __init__(self, message: str, start: int, end: int | None = None):
        super().__init__(f"Column {start + 1}: {message}")
        self.message = message
        self.start = start
        self.end = start + 1 if end is None else end

    @property
    def column(self) -> int:
        return self.start + 1

    def parts_of(self, text: str) -> tuple[str, str, str]:
        """The text before the place, at it, and after it."""
        return text[: self.start], text[self.start : self.end], text[self.end :]


def unknown(what: str, text: str, known, advice: str = "") -> str:
    """“No tag is called “mony”. Did you mean money?”"""
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(text.lower()[:200], by_lower, 3, cutoff=0.6)
    near = near or [name for name in by_lower if text and text.lower() in name][:3]
    if near:
        advice = f"Did you mean {' or '.join(by_lower[name] for name in near)}?"
    return f"{what.format(text)} {advice}".strip()
