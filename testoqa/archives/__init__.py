"""A whole project as one file, which this or another instance takes in: docs/archives.md.

A zip of JSON Lines: `manifest.json` names format, version, project and the columns of each table,
`people.jsonl` the people by their addresses, `tables/…jsonl` the rows, `files/…` what is stored.
"""

from .reading import CannotImport
from .storing import import_project
from .writing import CannotExport, export_project

__all__ = ["CannotExport", "CannotImport", "export_project", "import_project"]
