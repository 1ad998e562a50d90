"""What a cell says, as the value of a field. CellRefused tells what is wrong with it."""

import re
from datetime import date, datetime

from apps.projects.markdown import is_followed
from apps.projects.refusals import Unprocessable

from ..estimates import parse_estimate
from ..formats.numbered import NUMBERED, by_numbers
from ..formats.several import LINES, parted
from ..forms import MOST_NAMES
from ..links import NAMES, clean_entries
from ..models import Case
from ..tags import problem_of


class CellRefused(ValueError):
    """A cell that cannot be taken as it is."""


PRIORITIES = {
    "P0": "p0 critical highest blocker urgent immediate must must-have 'very high' 'very-high' "
    "'4 - must test' '5 - must test' '1 - critical' критический блокирующий наивысший kritisch",
    "P1": "p1 high major important hoch alta haute высокий '3 - test if time' '2 - high'",
    "P2": "p2 medium normal moderate middle mittel media moyenne средний обычный нормальный "
    "'2 - test if time' '3 - medium'",
    "P3": "p3 low lowest minor trivial 'very low' niedrig baja basse низкий самый-низкий "
    "'1 - don't test' '4 - low' optional",
}
STATUSES = {
    "draft": "draft new design 'to do' todo 'in progress' open 'needs work' rework proposed "
    "черновик entwurf",
    "in_review": "in_review 'in review' review 'under review' 'ready for review' reviewing "
    "'review in progress' 'на проверке'",
    "ready": "ready approved active actual final done complete completed released published "
    "accepted valid готов актуален freigegeben",
    "deprecated": "deprecated obsolete retired outdated rejected inactive archived устарел",
}
KINDS = {
    "manual": "manual is-not-automated 'not automated' to-be-automated 'to be automated' none no "
    "false exploratory ручной manuell",
    "automated": "automated automation yes true generic cucumber 'automated (cucumber)' ranorex "
    "автоматический automatisiert",
    "http": "http api rest",
}
SEVERITIES = {
    "blocker": "blocker blocking s0 s1 блокирующий",
    "critical": "critical s2 критический",
    "major": "major high s3 серьезный",
    "normal": "normal medium moderate s4 обычный",
    "minor": "minor low s5 незначительный",
    "trivial": "trivial s6 тривиальный",
}
YES = {"yes", "true", "1", "x", "y", "ja", "да", "on", "✓"}
NO = {"no", "false", "0", "", "n", "nein", "нет", "off"}
# Said by a tool where nothing was chosen.
NOTHING = {"undefined", "none", "unknown", "n/a", "-", "—", "not set", "unassigned"}


def _words(text: str) -> list[str]:
    """The words of a line; one in single quotes may hold spaces."""
    found = re.findall(r"'((?:[^']|'(?=\w))+)'(?=\s|$)|(\S+)", text)
    return [quoted or word for quoted, word in found]


def _table(known: dict[str, str]) -> dict[str, str]:
    return {word.casefold(): value for value, text in known.items() for word in _words(text)}


CHOICES = {
    "priority": _table(PRIORITIES),
    "status": _table(STATUSES),
    "kind": _table(KINDS),
    "severity": _table(SEVERITIES),
}
LABELS = {
    "priority": dict(Case.Priority.choices),
    "status": dict(Case.Status.choices),
    "kind": dict(Case.Kind.choices),
    "severity": dict(Case.Severity.choices),
}
QUOTED = re.compile(r'"(.*)"', re.DOTALL)
URL = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)


def choice(name: str, text: str) -> str | None:
    """The value of a field with few of them; None for a word that says nothing or is not known."""
    return CHOICES[name].get(" ".join(text.split()).casefold())


def says_nothing(text: str) -> bool:
    return text.strip().casefold() in NOTHING or not text.strip()


def texts(value) -> list[str]:
    """Names from a list, or from a text that holds several."""
    parts = value if isinstance(value, list) else parted(str(value))
    names = (" ".join(str(part).split()) for part in parts)
    return list(dict.fromkeys(name for name in names if name))


def tags(value) -> list[str]:
    names = texts(value)
    if problem := next(filter(None, map(problem_of, names)), ""):
        raise CellRefused(problem)
    return not_too_many(names, "tags")


def not_too_many(names: list, noun: str) -> list:
    if len(names) > MOST_NAMES:
        raise CellRefused(f"A case has at most {MOST_NAMES} {noun}, not {len(names):,}.")
    return names


def entries(value, field: str, before: list[dict]) -> list[dict]:
    """Links or requirements as a case keeps them: those before, and those that the cell says."""
    said = [_entry(part, NAMES[field]) for part in _parts(value)]
    try:
        return clean_entries([*before, *said], field)
    except Unprocessable as refusal:
        raise CellRefused(str(refusal)) from None


def _parts(value):
    if isinstance(value, list):
        return [part for part in value if part]
    text = str(value).strip()
    return texts(parted(text, LINES) if "\n" in text else text)


def _entry(part, name):
    if isinstance(part, dict):
        return part
    text = str(part)
    before, _, last = text.rpartition(" ")
    if is_followed(last):
        return {name: before, "url": last}
    found = URL.search(text)
    url = found[0] if found and is_followed(found[0]) else ""
    return {name: text.replace(url, " ") if url else text, "url": url}


def estimate(value, column: str) -> int | None:
    """Seconds; a number alone counts minutes, or seconds where the column's name says so."""
    text = str(value if value is not None else "").strip()
    if says_nothing(text):
        return None
    try:
        return parse_estimate(text, "s" if "sec" in column.lower() else "m")
    except ValueError as error:
        raise CellRefused(f"“{text[:60]}” is no estimate. {error}") from None


def path(value, separator: str) -> tuple[str, ...]:
    """The names of a suite and of those above it; without a separator, by the usual ones."""
    if isinstance(value, list):
        return tuple(str(part) for part in value if str(part).strip())
    text = str(value)
    if not separator:
        known = (" / ", " > ", " » ", " → ", "\\")
        separator = next((one for one in known if one in text), "/" if text[:1] == "/" else "")
    parts = text.split(separator.strip() or separator) if separator else [text]
    return tuple(name for part in parts if (name := " ".join(part.split())))


def yes(value) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().casefold()
    if text not in YES | NO:
        raise CellRefused(f"“{text[:60]}” is neither yes nor no.")
    return text in YES


def day(value) -> str:
    """A date as ISO 8601, of that, of 31.12.2025 or of 12/31/2025."""
    text = str(value).strip()
    for shape in ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, shape).date().isoformat()
        except ValueError:
            continue
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise CellRefused(f"“{text[:60]}” is no date; write 2025-12-31.") from None


def split_steps(text: str, how: str) -> list[str]:
    """The steps within one cell. `how`: auto (by numbers where it begins with one), numbers,
    lines, whole."""
    text = text.strip()
    if not text:
        return []
    if how == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if how == "whole" or (how == "auto" and not NUMBERED.match(text)):
        return [text]
    return by_numbers(text, in_line=how == "auto")


def unquoted(part: str) -> str:
    """A step as Qase writes it, in quotes with its line ends as two signs."""
    found = QUOTED.fullmatch(part.strip())
    if not found:
        return part
    return found[1].replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
