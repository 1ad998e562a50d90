"""Runs the example project's tests as somebody else would: in a process of their own."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from django.db import connections

EXAMPLE = Path(__file__).parent / "example"
ROOT = Path(__file__).parents[2]


class Project:
    """A copy of the example project, whose files a test may change."""

    def __init__(self, folder, database):
        self.folder = folder / "example"
        shutil.copytree(EXAMPLE, self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        server = connections["default"].get_connection_params()
        names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
        self.python = sys.executable
        # Those that are installed for the site's own tests take seconds to import.
        self.plugins = ["-p", "pytest_django.plugin", "-p", "xdist.plugin"]
        self.path = str(ROOT)
        self.database = database
        self.settings = {
            "NAME": database,
            **{ours: server[theirs] for ours, theirs in names.items() if theirs in server},
        }

    def pytest(self, *arguments, environment=None):
        """Run pytest; returns what it says."""
        known = ("PATH", "HOME", "LANG", "TMPDIR")
        done = subprocess.run(
            [self.python, "-m", "pytest", "-q", *self.plugins, *arguments],
            cwd=self.folder,
            env={
                **{name: os.environ[name] for name in known if name in os.environ},
                "EXAMPLE_DATABASE": json.dumps(self.settings),
                "PYTHONPATH": self.path,
                "PYTHONDONTWRITEBYTECODE": "1",
                **({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} if self.plugins else {}),
                **(environment or {}),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Said(done.returncode, done.stdout + done.stderr)

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def change(self, name, old, new):
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def databases(self, prefix):
        """Databases of this project whose names begin so."""
        with connections["default"]._nodb_cursor() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND position("
                "%s in concat(datname, shobj_description(oid, 'pg_database'))) > 0",
                [prefix, self.database],
            )
            return [name for (name,) in cursor.fetchall()]

    def calls(self):
        """Which functions ran since the last time."""
        log = self.folder / "calls.log"
        names = log.read_text().split() if log.exists() else []
        log.unlink(missing_ok=True)
        return names


class Said:
    """The end of a run of pytest."""

    def __init__(self, code, text):
        self.code = code
        self.text = text

    def counts(self):
        """{"passed": 3, "failed": 1}, from the last line."""
        last = self.text.strip().splitlines()[-1]
        return {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", last)}

    def __contains__(self, text):
        """Whether pytest said so, wherever it broke the line."""
        return text.replace(" ", "") in "".join(self.text.split())

    def __repr__(self):
        return f"exit {self.code}\n{self.text}"
