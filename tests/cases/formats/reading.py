"""Files of cases, read to their end for tests."""

import io
from pathlib import Path

from apps.cases.formats import Reading, detect, open_file
from apps.cases.intake.drafts import Plan, drafts_of
from apps.cases.intake.meaning import guess

FILES = Path(__file__).parent / "files"


class Read:
    """A file read to its end: its table, notes, and the cases that it would become."""

    def __init__(self, data, name, **options):
        stream = io.BytesIO(data)
        self.reading = Reading()
        self.format = detect(stream, name)
        table = open_file(stream, name, self.format, options, self.reading)
        self.columns, self.options = table.columns, table.options
        self.rows = list(table.rows)
        mapping = guess(self.columns, self.options["tool"], [])
        self.plan = Plan(mapping, {**self.options, "unknown": "leave"}, exact=False)
        self.drafts = list(drafts_of(self.rows, self.plan))


def read(data, name="cases.csv", **options):
    return Read(data.encode() if isinstance(data, str) else data, name, **options)


def of(name):
    return read((FILES / name).read_bytes(), name)
