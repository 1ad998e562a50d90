"""What the guarded parser finds in the parts of a workbook: shared texts, and rows of a sheet.

Both know the workbook, for its limits and for what its cells refer to.
"""

import re
from datetime import timedelta

from apps.artifacts.reading.notes import FileRefused
from apps.artifacts.reading.text import FORBIDDEN, visible

REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
LAST_DAY = 2_957_000
"""Counted from the later epoch it is near the end of the last year that Python knows."""
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def column_of(letters: str) -> int:
    """A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class TextsReader:
    """The table of shared texts; what is read aloud beside a text (rPh) is none of it."""

    def __init__(self, book):
        self.book = book
        self.texts: list[str] = []
        self.parts: list[str] | None = None
        self.aloud, self.reads, self.size = 0, False, 0

    def handlers(self, parser):
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.data

    def start(self, tag, attributes):
        tag = tag.rpartition(":")[2]
        if tag == "si":
            self.parts = []
        elif tag == "rPh":
            self.aloud += 1
        self.reads = tag == "t" and not self.aloud

    def data(self, text):
        if self.reads and self.parts is not None:
            self.parts.append(text)

    def end(self, tag):
        tag = tag.rpartition(":")[2]
        self.reads = False
        if tag == "rPh":
            self.aloud -= 1
        elif tag == "si":
            text = _clean("".join(self.parts or ()), self.book.reading)
            self.size += 60 + len(text) * 2
            if self.size > self.book.limits.shared_text:
                raise FileRefused(
                    f"{self.book.filename} holds more text than is read of a workbook. Save it as "
                    "CSV in UTF-8, or in several files."
                )
            self.texts.append(text)


class SheetReader:
    """Rows of a sheet as lists of texts, taken after each piece of it that was parsed."""

    def __init__(self, book):
        self.book = book
        self.done: list[tuple[int, list[str]]] = []
        self.number = 0
        self.values: list[str] = []
        self.column, self.kind, self.style = -1, "n", 0
        self.parts: list[str] = []
        self.reads = False

    def handlers(self, parser):
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.data

    def take(self):
        done, self.done = self.done, []
        return done

    def start(self, tag, attributes):
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._begin_cell(attributes)
        elif tag == "row":
            # Rows of one number, or in another order, get numbers of their own.
            self.number = max(number_of(attributes.get("r", "")), self.number + 1)
            self.values, self.column = [], -1
        self.reads = tag == "v" or (tag == "t" and self.kind == "inlineStr")

    def _begin_cell(self, attributes):
        found = REFERENCE.fullmatch(attributes.get("r", ""))
        self.column = column_of(found[1]) if found else self.column + 1
        self.kind = attributes.get("t", "n")
        self.style = number_of(attributes.get("s", "0"))
        self.parts = []

    def data(self, text):
        if self.reads:
            self.parts.append(text)

    def end(self, tag):
        tag = tag.rpartition(":")[2]
        self.reads = False
        if tag == "c" and self.parts:
            self._keep(self._value("".join(self.parts)))
        elif tag == "row":
            self.done.append((self.number, self.values))
            self.values = []

    def _keep(self, value):
        if self.column >= self.book.limits.columns:
            raise FileRefused(
                f"{self.book.filename}, row {self.number:,}: a cell lies beyond column "
                f"{self.book.limits.columns}. Leave the empty columns out and send it again."
            )
        self.values.extend([""] * (self.column + 1 - len(self.values)))
        self.values[self.column] = value

    def _value(self, text):
        if self.kind == "s":
            place = number_of(text.strip())
            return self.book.texts[place] if 0 <= place < len(self.book.texts) else ""
        if self.kind == "b":
            return "TRUE" if text.strip() == "1" else "FALSE"
        if self.kind == "n":
            return self._number(text.strip())
        return _clean(text, self.book.reading)

    def _number(self, text):
        try:
            number = float(text)
        except ValueError:
            return text
        if self.style in self.book.date_styles and 0 <= number < LAST_DAY:
            return _date(number, self.book.epoch)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def number_of(text):
    """A number of the file's own counting; -1 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1


def _date(number, epoch):
    moment = epoch + timedelta(days=int(number), seconds=round(number % 1 * 86_400))
    if number < 1:
        return f"{moment:%H:%M:%S}"
    return f"{moment:%Y-%m-%d}" if number == int(number) else f"{moment:%Y-%m-%d %H:%M:%S}"


def _clean(text, reading):
    if "_x" in text:
        text = ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    if FORBIDDEN.search(text):
        text, replaced = FORBIDDEN.subn(visible, text)
        reading.repaired += replaced
    return text
