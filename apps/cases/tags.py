"""Names of tags: what they may be, whether they are typed, sent or read from a file."""

LONGEST = 60


def tidy(name: str) -> str:
    return " ".join(name.split())


def problem_of(name: str) -> str:
    """What is wrong with the name of a tag, in a sentence; empty for one that can be kept."""
    if "," in name:
        return f"A comma stands between tags, so the name of a tag has none: “{name[:80]}”."
    if len(name) > LONGEST:
        return f"A tag has at most {LONGEST} letters: “{name[:80]}” has {len(name):,}."
    return ""
