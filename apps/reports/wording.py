"""Figures as a report words them."""

SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000


def spell(ms: int | None) -> str | None:
    """A run's time: “640 ms”, “8.2s”, “2m 34s”, “3h 05m 09s”."""
    if ms is None:
        return None
    if ms < SECOND:
        return f"{ms} ms"
    if ms < 10 * SECOND:
        return f"{ms // 100 / 10:.1f}s"
    hours, minutes, seconds = ms // HOUR, ms % HOUR // MINUTE, ms % MINUTE // SECOND
    if hours:
        return f"{hours}h {minutes:02d}m {seconds:02d}s"
    return f"{minutes}m {seconds:02d}s" if minutes else f"{seconds}s"


def brief(ms: int | None) -> str | None:
    """A test's time: “126 ms”, “1.2 s”, “2m 34s”."""
    if ms is None:
        return None
    if ms < SECOND:
        return f"{ms} ms"
    return f"{ms // 100 / 10:.1f} s" if ms < MINUTE else spell(ms)


def success_rate(counts: dict[str, int]) -> str | None:
    """passed / (total - skipped) as “95.7%”, or None when nothing ran.

    Only a run without any other result reads “100.0%”.
    """
    judged = counts["total"] - counts["skipped"]
    if not counts["passed"] + counts["failed"] + counts["error"] + counts["blocked"]:
        return None
    if counts["passed"] == judged:
        return "100.0%"
    return f"{min(99.9, 100 * counts['passed'] / judged):.1f}%"


def session_id(key: str, first: int, last: int) -> str:
    """“WEB-45” for run #45, “WEB-45..52” for a range."""
    return f"{key}-{first}" if first == last else f"{key}-{first}..{last}"


def one_of(values) -> str | None:
    """The value that all share, or all of them in their order: “ci, staging”; None without any."""
    return (
        ", ".join(dict.fromkeys(str(value) for value in values if value not in (None, ""))) or None
    )
