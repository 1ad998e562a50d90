"""The orders in which cases are listed, each with pages that begin where the last one ended."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F, Q

from apps.projects.pages import PAGE_SIZE, KeysetPage

from .models import Case
from .models.cases import title_in_order

BY = {
    "number": F("number"),
    "title": title_in_order(),
    "priority": F("priority"),
    "updated": F("updated_at"),
}


@dataclass(frozen=True)
class Order:
    """By one of BY, then by number; the other way round with a minus before: -updated."""

    name: str = "number"
    descending: bool = False

    @classmethod
    def named(cls, text: str) -> "Order":
        """An unknown name is the order by number."""
        name = text.removeprefix("-")
        return cls(name, text.startswith("-")) if name in BY else cls()

    def __str__(self):
        return f"-{self.name}" if self.descending else self.name

    def sorted(self, cases, *, backwards=False):
        sign = "-" if self.descending != backwards else ""
        names = ["number", "id"] if self.name == "number" else ["place", "number", "id"]
        return cases.annotate(place=BY[self.name]).order_by(*(f"{sign}{name}" for name in names))

    def page(self, cases, params, *, size=PAGE_SIZE) -> KeysetPage:
        """By ?after= or ?before= a position; one that says nothing is the first page."""
        after, before = params.get("after"), params.get("before")
        backwards = bool(before) and not after
        position = self._read(before if backwards else after)
        cases = self.sorted(cases, backwards=backwards)
        if position:
            cases = cases.filter(self._past(*position, down=self.descending != backwards))
        rows = list(cases[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        has_next = bool(rows) and (more or bool(backwards and position))
        has_previous = bool(rows) and (more if backwards else bool(position))
        return KeysetPage(
            rows=rows,
            next=self._position(rows[-1]) if has_next else None,
            previous=self._position(rows[0]) if has_previous else None,
        )

    def _past(self, number, value, *, down):
        past = "lt" if down else "gt"
        later = Q(**{f"number__{past}": number})
        if self.name == "number":
            return later
        return Q(**{f"place__{past}e": value}) & (Q(**{f"place__{past}": value}) | later)

    def _position(self, case):
        if self.name == "number":
            return str(case.number)
        value = case.place.isoformat() if self.name == "updated" else case.place
        return f"{case.number}.{value}"

    def _read(self, text):
        """(number, value) of a position, or None."""
        number, _, value = (text or "").partition(".")
        if not number.isascii() or not number.isdigit() or len(number) > 9 or "\0" in value:
            return None
        if self.name == "priority" and value not in Case.Priority.values:
            return None
        if self.name == "updated":
            value = _moment(value)
        return None if value is None else (int(number), value)


def _moment(text):
    """None for a text that says no moment, or one that lies before or after all of UTC."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


COLUMNS = [
    ("Key", "min fold-1", "number"),
    ("Title", "", "title"),
    ("Kind", "min fold-2", ""),
    ("Priority", "min", "priority"),
    ("Last result", "min", ""),
    ("Tags", "fold-3", ""),
    ("Changed", "min fold-3", "updated"),
    ("Last 10", "min fold-1", ""),
]


def columns_of(order: Order) -> list[dict[str, str]]:
    """The heads of the list: where each one leads, and how the list is sorted by it now."""
    return [
        {
            "label": label,
            "css": css,
            "sort": str(Order(name, order.name == name and not order.descending)) if name else "",
            "sorted": _sorted(order) if name == order.name else "",
            "symbol": "down" if order.descending else "up",
        }
        for label, css, name in COLUMNS
    ]


def _sorted(order):
    return "descending" if order.descending else "ascending"
