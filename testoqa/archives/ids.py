"""Ids of an archive's rows here: their own, or where one is taken, new ones for all of them.

A new id follows from the old one: its random part is changed by the same random number, which keeps
the times of ids and their order, and no two become the same. So nothing has to be remembered.
"""

import re
import secrets
from dataclasses import dataclass, field
from uuid import UUID

RANDOM_PART = (1 << 62) - 1
ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
FILE_IN_TEXT = re.compile(rf"(?<=artifact:){ID}", re.IGNORECASE)
"""How texts name a file of their project: ![name](artifact:UUID)."""
SHARED_IN_CONTENT = re.compile(rf'(?<="shared": "){ID}(?=")')
QUOTED = re.compile(rf'(?<="){ID}(?=")')
IN_JSON = {
    "cases.CaseVersion.content": SHARED_IN_CONTENT,
    "cases.BulkItem.before": SHARED_IN_CONTENT,
    "cases.BulkChange.arguments": QUOTED,
    "reports.Report.content": QUOTED,
    "reports.Report.seqs": QUOTED,
}
"""JSON that names rows by their ids."""
OBJECT = "projects.Activity.object_id"
WHOLE = re.compile(ID)


@dataclass(frozen=True)
class Ids:
    """`changed` is 0 where the rows keep their ids."""

    changed: int = field(default_factory=lambda: secrets.randbits(62) or 1)

    def of(self, old: str) -> str:
        return str(UUID(int=UUID(old).int ^ self.changed)) if self.changed else old

    def in_text(self, label: str, text: str) -> str:
        """The text of a column; files that it names are those of here."""
        if not self.changed or "-" not in text:
            return text
        if label == OBJECT:
            return self.of(text) if WHOLE.fullmatch(text) else text
        if pattern := IN_JSON.get(label):
            text = pattern.sub(self._found, text)
        return FILE_IN_TEXT.sub(self._found, text)

    def in_array(self, text: str) -> str:
        """The UUIDs of an array as PostgreSQL writes it: {one,other}."""
        return WHOLE.sub(self._found, text) if self.changed else text

    def _found(self, found):
        return self.of(found[0].lower())


KEPT = Ids(0)
