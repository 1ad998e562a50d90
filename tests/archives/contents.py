"""What archives say, to be compared: ids stand by the place of their rows."""

import json
import re
import zipfile

from testoqa.archives.ids import ID

ADDED_BY_AN_IMPORT = '"project.import"'


def contents(path):
    """{member: its lines or bytes}, with “cases.Case 3” in the place of each id."""
    with zipfile.ZipFile(path) as book:
        read = {name: book.read(name) for name in book.namelist()}
    manifest = json.loads(read.pop("manifest.json"))
    places = {}
    for label, table in manifest["tables"].items():
        column = table["columns"].index("id")
        for number, line in enumerate(read[f"tables/{label}.jsonl"].splitlines(), 1):
            places[json.loads(line)[column]] = f"{label} {number}"

    def placed(text):
        return re.sub(ID, lambda found: places.get(found[0], found[0]), text)

    told = {}
    for name, data in read.items():
        if name.startswith("files/"):
            told[placed(name)] = data
        else:
            lines = [placed(line) for line in data.decode().splitlines()]
            told[name] = [line for line in lines if ADDED_BY_AN_IMPORT not in line]
    for changing in ("made_at", "tables"):
        manifest.pop(changing)
    manifest["project"].pop("key")
    manifest["lost_files"] = [placed(name) for name in manifest["lost_files"]]
    return told | {"manifest.json": manifest}


def rewritten(source, target, change):
    """A copy of an archive; `change` gets {member: bytes} and changes it."""
    with zipfile.ZipFile(source) as book:
        members = {name: book.read(name) for name in book.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w") as book:
        for name, data in members.items():
            book.writestr(name, data)
    return target
