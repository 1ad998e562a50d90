"""Cases as CSV in UTF-8, with the mark by which Excel knows that."""

from codecs import BOM_UTF8

from apps.projects.spreadsheets import as_line, harmless

from .choice import Told
from .columns import Columns
from .writer import Writer


class CsvFile(Writer):
    def head(self) -> bytes:
        self.columns = Columns(self.project)
        return BOM_UTF8 + as_line(map(harmless, self.columns.names))

    def part(self, cases: list[Told]) -> bytes:
        return b"".join(as_line(map(harmless, self.columns.cells(case))) for case in cases)
