"""The permission table, put together from the modules beside it that hold rows."""

import importlib
import pkgutil
from pathlib import Path

PARTS = [
    importlib.import_module(f"{__package__}.{found.name}")
    for found in pkgutil.iter_modules([str(Path(__file__).parent)])
    if found.name != "table"
]
TABLE = [row for part in PARTS for row in getattr(part, "ROWS", [])]
