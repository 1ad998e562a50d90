"""Links and requirements of a case: lists of a name and an address, as they are kept and typed."""

from apps.projects.markdown import is_followed
from apps.projects.refusals import Unprocessable

MOST = 50
LONGEST_ENTRY_NAME, LONGEST_ADDRESS = 300, 2_000
NAMES = {"links": "title", "requirements": "name"}
"""What the name of an entry is called in each list."""


def clean_entries(entries, field) -> list[dict]:
    """The entries as they are kept: [{"title", "url"}] of `links`, [{"name", "url"}] of
    `requirements`. Raises Unprocessable where one does not fit.

    A link needs an address, a requirement a name; the title of a link may be missing, as may the
    address of a requirement.
    """
    cleaned: list[dict] = []
    for entry in entries:
        one = {key: " ".join(str(entry.get(key) or "").split()) for key in (NAMES[field], "url")}
        if any(one.values()) and one not in cleaned:
            if problem := _problem(one, field):
                raise Unprocessable(problem, field=field, code="invalid")
            cleaned.append(one)
    if len(cleaned) > MOST:
        sentence = f"A case has at most {MOST} {field}, not {len(cleaned):,}."
        raise Unprocessable(sentence, field=field, code="max_length")
    return cleaned


def parse_entries(text, field) -> list[dict]:
    """Entries of lines as people type them: the name, and at its end the address."""
    entries = []
    for line in text.splitlines():
        words = line.split()
        has_address = bool(words) and is_followed(words[-1])
        # The end of a link is its address, however it is written.
        split = len(words) - 1 if has_address or field == "links" else len(words)
        name, address = words[:split], words[split:]
        entries.append({NAMES[field]: " ".join(name), "url": "".join(address)})
    return entries


def as_lines(entries) -> str:
    """The entries as they are typed, one a line."""
    return "\n".join(_line(entry) for entry in entries)


def _line(entry):
    name = entry.get("title") or entry.get("name")
    return " ".join(filter(None, (name, entry.get("url"))))


def _problem(entry, field):
    name, address = entry[NAMES[field]], entry["url"]
    if "\0" in name + address:
        return "NUL characters cannot be stored."
    if len(name) > LONGEST_ENTRY_NAME:
        return f"Write at most {LONGEST_ENTRY_NAME} characters before the address: “{name[:60]}…”."
    if address and (len(address) > LONGEST_ADDRESS or " " in address or not is_followed(address)):
        shown = f"{address[:200]}…" if len(address) > 200 else address
        return f"Write an address that begins with http://, https:// or mailto:, not “{shown}”."
    if field == "links" and not address:
        return f"Write the address of “{name}”, too."
    if field == "requirements" and not name:
        return f"Write what the requirement at {address} is called, before the address."
    if field == "requirements" and not address and is_followed(name.split()[-1]):
        return f"Write the address at the end of “{name}” apart from the name."
    return ""
