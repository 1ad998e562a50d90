"""One archive of everything: the database as PostgreSQL dumps it, and the stored files."""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from testoqa.data_folder import CannotStart, Lock, open_private
from testoqa.postgres import connect, programs

MANIFEST = "testoqa-backup.json"
FORMAT = 1
DUMP = "database.dump"
FILES = "files"


class CannotBackUp(Exception):
    """Says in one sentence why a backup or its restoration was not made."""


def back_up(target: Path, database: Mapping[str, Any], files: Path | None) -> None:
    """Write the archive, complete or not at all; `files` is None when they lie elsewhere."""
    if target.exists():
        raise CannotBackUp(f"{target} exists; name another file.")
    draft = target.with_name(f"{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".testoqa-") as folder:
            dump = Path(folder) / DUMP
            _run(
                database, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "-f", dump
            )
            with open(draft, "xb", opener=open_private) as output:
                with tarfile.open(fileobj=output, mode="w") as archive:
                    _add_manifest(archive, Path(folder), with_files=files is not None)
                    archive.add(dump, DUMP)
                    if files and files.is_dir():
                        _add_files(archive, files)
                output.flush()
                os.fsync(output.fileno())
        draft.rename(target)
    except OSError as error:
        raise CannotBackUp(f"{target} cannot be written: {error.strerror or error}.") from None
    finally:
        draft.unlink(missing_ok=True)


def restore(
    source: Path, data: Path, database: Mapping[str, Any], files: Path | None, *, force: bool
) -> None:
    """Put the archive's database and files in place of those that are there."""
    lock = Lock(data / "up.lock")
    try:
        if not lock.take():
            raise CannotBackUp(f"TestoQA runs on {data}: stop it before a restore.")
        schema = _require_empty(database, force=force)
        with tempfile.TemporaryDirectory(dir=data, prefix="restore-") as folder:
            _unpack(source, Path(folder))
            _load(Path(folder), database, schema)
            if files:
                _replace_files(Path(folder) / FILES, files)
    except (CannotStart, OSError, psycopg.Error) as error:
        raise CannotBackUp(str(error)) from None
    finally:
        lock.close()


def _add_manifest(archive: tarfile.TarFile, folder: Path, *, with_files: bool) -> None:
    manifest = folder / MANIFEST
    manifest.write_text(json.dumps({"format": FORMAT, "files": with_files}))
    archive.add(manifest, MANIFEST)


def _add_files(archive: tarfile.TarFile, files: Path) -> None:
    for path in sorted(files.rglob("*")):
        try:
            archive.add(path, f"{FILES}/{path.relative_to(files)}", recursive=False)
        except FileNotFoundError:
            continue  # deleted since; the dump may name it, as the product itself would


def _require_empty(database: Mapping[str, Any], *, force: bool) -> str:
    """The name of the schema to load into; refuses one that holds tables."""
    with connect(database) as connection:
        schema, tables = connection.execute(
            "SELECT current_schema(), count(*) FROM pg_tables WHERE schemaname = current_schema()"
        ).fetchone() or ("", 0)
    if tables and not force:
        raise CannotBackUp(
            "The database is not empty: restore into a new data folder, or give --force to replace "
            "everything in it."
        )
    return str(schema)


def _unpack(source: Path, folder: Path) -> None:
    manifest = folder / MANIFEST
    (folder / FILES).mkdir(mode=0o700)  # which the archive does not name itself
    try:
        with tarfile.open(source, "r:") as archive:
            archive.extractall(folder, filter=_private)
        said = json.loads(manifest.read_text()) if manifest.is_file() else None
    except OSError as error:
        raise CannotBackUp(f"{source} cannot be unpacked: {error.strerror or error}.") from None
    except (tarfile.TarError, ValueError):
        raise CannotBackUp(f"{source} is not a backup of TestoQA, or not a whole one.") from None
    if not isinstance(said, dict):
        raise CannotBackUp(f"{source} is not a backup of TestoQA: it holds no {MANIFEST}.")
    if said.get("format") != FORMAT:
        raise CannotBackUp(f"{source} was made by a newer TestoQA: restore it with that one.")


def _private(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """As every file and folder of ours is, whatever their modes were where the backup was made."""
    safe = tarfile.data_filter(member, folder)
    return safe and safe.replace(mode=0o700 if safe.isdir() else 0o600)


def _load(folder: Path, database: Mapping[str, Any], schema: str) -> None:
    """Replace the schema in one transaction: what fails leaves everything as it was."""
    # The whole dump becomes SQL first: the end of a pipe that breaks would pass for the end of it.
    load = folder / "load.sql"
    _run(database, "pg_restore", "--no-owner", "--no-privileges", "-f", load, folder / DUMP)
    name = sql.Identifier(schema)
    clear = sql.SQL("DROP SCHEMA {0} CASCADE; CREATE SCHEMA {0};").format(name).as_string()
    (folder / "clear.sql").write_text(f"SET client_min_messages = warning; {clear}\n")
    _run(
        database,
        "psql",
        *("--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"),
        *("--single-transaction", "-f", folder / "clear.sql", "-f", load),
    )
    with connect(database) as connection:
        connection.execute("ANALYZE")


def _replace_files(restored: Path, files: Path) -> None:
    old = files.with_name(f"{files.name}.replaced")
    shutil.rmtree(old, ignore_errors=True)
    if files.exists():
        files.rename(old)
    if restored.exists():
        restored.rename(files)
    shutil.rmtree(old, ignore_errors=True)


def _run(database: Mapping[str, Any], program: str, *options: str | Path) -> None:
    """Run a PostgreSQL program; the password travels in the environment, not for all to see."""
    names = {"HOST": "host", "PORT": "port", "USER": "user", "NAME": "dbname"}
    parts = {names[key]: value for key, value in database.items() if key in names and value}
    others = {key: value for key, value in database.get("OPTIONS", {}).items() if key != "pool"}
    environment = {**os.environ, "PGPASSWORD": database.get("PASSWORD") or ""}
    command = [programs() / program, *options]
    if program != "pg_restore":  # which only writes SQL here
        command += ["--dbname", make_conninfo(**others, **parts)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise CannotBackUp(f"{program} failed: {reason}")
