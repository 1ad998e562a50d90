"""What one function did to the database, and the text in which it is kept.

A file holds, for each table, a line of JSON (the columns, what to remove, how many rows follow) and
the rows as COPY writes them, one to a line: it can be read and compared.
"""

import json
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Change:
    """Rows of one table: names of those to remove first, then COPY text of those to add."""

    columns: tuple[str, ...]
    removed: Counter[str] = field(default_factory=Counter)
    rows: bytes = b""

    @property
    def count(self) -> int:
        return self.rows.count(b"\n")

    def __bool__(self) -> bool:
        return bool(self.rows or self.removed)


type Script = dict[str, Change]
"""By the table's name."""


def dump(script: Script) -> bytes:
    """The script as a file's content."""
    parts = []
    for table, change in sorted(script.items()):
        head = {
            "table": table,
            "columns": list(change.columns),
            "removed": dict(sorted(change.removed.items())),
            "rows": change.count,
        }
        parts.append(json.dumps(head, ensure_ascii=False).encode() + b"\n" + change.rows)
    return b"".join(parts)


def parse(content: bytes) -> Script:
    """The script that `dump` wrote."""
    script: Script = {}
    start = 0
    while start < len(content):
        end = content.index(b"\n", start) + 1
        head = json.loads(content[start:end])
        start = end
        for _ in range(head["rows"]):
            end = content.index(b"\n", end) + 1
        script[head["table"]] = Change(
            tuple(head["columns"]), Counter(head["removed"]), content[start:end]
        )
        start = end
    return script
