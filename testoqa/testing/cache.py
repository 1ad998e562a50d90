"""Recorded scripts on disk, and whether they still belong to this code and this schema.

.ensure_data/<key>/manifest.json    what the key is made of, seeds, a checksum of each script
                  /<function>.copy  its script
                  /after-migrate.copy  the rows that migrations left
            /local/<module>/...  the same for one test module, by --ensure-data=save
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
import psycopg
from psycopg.rows import tuple_row

from testoqa.testing import catalogue, scripts
from testoqa.testing.registry import EnsureDataError, Populate
from testoqa.testing.scripts import Script

FORMAT = "1"
INITIAL = "after-migrate"
KEPT = 2
REBUILD = "Rebuild: pytest --ensure-data-build"

NAMES = {
    "format": "format of the scripts",
    "postgresql": "version of PostgreSQL",
    "django": "version of Django",
    "schema": "database schema",
    "migrations": "list of applied migrations",
    "permissions": "list of content types and permissions",
    "sources": "populate source",
    "settings": "ini setting ensure_data_base or ensure_data_now",
    "day": "day (ensure_data_now = real)",
}


@dataclass
class Recorded:
    """Everything a build found out."""

    initial: Script
    scripts: dict[str, Script]
    seeds: dict[str, int]


def key_parts(
    connection: psycopg.Connection,
    functions: Iterable[Populate],
    sources: Iterable[Path],
    settings: str,
    day: str = "",
) -> dict[str, str]:
    """What recorded rows depend on. Whole files count: a needless build costs only seconds.

    `day` is that of rows made at the real time: tests take some of them for rows of today.
    """
    files = {Path(function.source) for function in functions} | set(sources)
    return {
        "format": FORMAT,
        "postgresql": str(connection.info.server_version // 10_000),
        "django": django.get_version(),
        "schema": catalogue.fingerprint_of_schema(connection),
        "migrations": _hash_rows(connection, "django_migrations", "app, name"),
        "permissions": _hash_rows(connection, "django_content_type", "app_label, model")
        + _hash_rows(connection, "auth_permission", "codename"),
        "sources": hash_files(files),
        "settings": settings,
        "day": day,
    }


def hash_files(files: Iterable[Path]) -> str:
    """Of their names and contents."""
    found = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes()
        found.update(f"{path.name} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()


class Cache:
    """The folder of scripts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One process builds; the others wait, then read what it wrote."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / ".gitignore").write_text("*\n")
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def find(self, parts: dict[str, str]) -> Recorded | None:
        """What was recorded under this key, or None."""
        home = self._home(parts)
        return self._load(home) if (home / "manifest.json").exists() else None

    def require(self, parts: dict[str, str]) -> Recorded:
        """What was recorded under this key; raises when it is missing or stale."""
        if found := self.find(parts):
            return found
        homes = self._homes()
        if not homes:
            raise EnsureDataError(
                f"--ensure-data=cached, but {_short(self._home(parts) / 'manifest.json')} does not "
                "exist. Build it first, in one process: pytest --ensure-data-build"
            )
        then = json.loads((homes[0] / "manifest.json").read_text())["parts"]
        changed = [name for name in NAMES if then.get(name) != parts[name]]
        what = "; ".join(
            f"the {NAMES[name]} has changed since they were recorded "
            f"({_brief(then.get(name, ''))} then, {_brief(parts[name])} now)"
            for name in changed
        )
        raise EnsureDataError(f"stale scripts in {_short(self.folder)}: {what}. {REBUILD}")

    def write(self, parts: dict[str, str], recorded: Recorded) -> Path:
        """Keep what was recorded, whole or not at all, and the build before it."""
        home = self._write(self._home(parts), parts, recorded)
        for old in self._homes()[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
        return home

    def save(self, module: str, parts: dict[str, str], recorded: Recorded) -> Path:
        """Keep what the tests of one module use."""
        return self._write(self.folder / "local" / module, parts, recorded)

    def saved(self, module: str, path: str, schema: str) -> Recorded:
        """What was saved for a module, though functions may have changed since; `path` is its file.

        Raises when nothing was saved, or for another schema.
        """
        home = self.folder / "local" / module
        if not (home / "manifest.json").exists():
            raise EnsureDataError(
                f"--ensure-data=saved, but {_short(home / 'manifest.json')} does not exist. "
                f"Save it first: pytest --ensure-data=save {path}"
            )
        then = json.loads((home / "manifest.json").read_text())["parts"]["schema"]
        if then != schema:
            raise EnsureDataError(
                f"stale rows in {_short(home)}: the database schema has changed since they were "
                f"saved ({then[:4]}… then, {schema[:4]}… now). Save them again: "
                f"pytest --ensure-data=save {path}"
            )
        return self._load(home)

    def _load(self, home: Path) -> Recorded:
        manifest = json.loads((home / "manifest.json").read_text())
        found = {name: self._read(home, name, manifest) for name in manifest["scripts"]}
        initial = found.pop(INITIAL)
        return Recorded(initial, found, manifest["seeds"])

    def _write(self, home: Path, parts: dict[str, str], recorded: Recorded) -> Path:
        draft = self.folder / f"draft-{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        sums = {}
        for name, script in {INITIAL: recorded.initial, **recorded.scripts}.items():
            content = scripts.dump(script)
            (draft / f"{name}.copy").write_bytes(content)
            sums[name] = hashlib.sha256(content).hexdigest()
        manifest = {
            "parts": parts,
            "seeds": recorded.seeds,
            "scripts": sums,
            "rows": {
                name: sum(change.count for change in script.values())
                for name, script in recorded.scripts.items()
            },
        }
        (draft / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
        shutil.rmtree(home, ignore_errors=True)
        home.parent.mkdir(exist_ok=True)
        draft.rename(home)
        return home

    def _read(self, home: Path, name: str, manifest: dict) -> Script:
        path = home / f"{name}.copy"
        content = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(content).hexdigest() != manifest["scripts"][name]:
            raise EnsureDataError(
                f"script {_short(path)} was changed by hand since it was recorded. {REBUILD}"
            )
        return scripts.parse(content)

    def _home(self, parts: dict[str, str]) -> Path:
        key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return self.folder / key[:16]

    def _homes(self) -> list[Path]:
        """Every build, newest first."""
        manifests = self.folder.glob("*/manifest.json")
        return [
            path.parent for path in sorted(manifests, key=lambda path: -path.stat().st_mtime_ns)
        ]


def _brief(value: str) -> str:
    """A version or a day as it is, of a hash its beginning."""
    return value if len(value) <= len("2026-02-03") else f"{value[:4]}…"


def _short(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _hash_rows(connection: psycopg.Connection, table: str, columns: str) -> str:
    cursor = connection.cursor(row_factory=tuple_row)
    there = cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (table,)).fetchone()
    if not there or not there[0]:
        return ""
    rows = cursor.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()
