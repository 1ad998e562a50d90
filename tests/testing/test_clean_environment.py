"""The plugin alone, installed as another project would: nothing of ours comes along."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.testing.project import ROOT
from tests.testing.test_modes import ALL

PLUGIN = ROOT / "testoqa" / "testing"
OURS = {"testoqa-testing"}
NEEDED = {"django", "psycopg", "pytest", "pytest-django"}
THEIRS = {"asgiref", "iniconfig", "packaging", "pluggy", "psycopg-binary", "pygments", "sqlparse"}
OF_PYTHON_3_12 = {"typing-extensions"}
OF_THE_CLOCK = 4

pytestmark = pytest.mark.skipif(
    os.environ.get("TESTOQA_TEST_ALL") != "1",
    reason="installs packages from the index: set TESTOQA_TEST_ALL=1",
)

ASGI = """
from django.core.asgi import get_asgi_application

application = get_asgi_application()
"""
CHANNELS = '''
import urllib.request

from channels.testing import ChannelsLiveServerTestCase
from data import populate_items
from shop.models import Item, Shelf

from testoqa.testing import uses


@uses(populate_items)
class TestLive(ChannelsLiveServerTestCase):
    serve_static = False

    def sells(self):
        """The server is another process, which commits."""
        assert Item.objects.count() == 20
        with urllib.request.urlopen(f"{self.live_server_url}/?sell=books%202") as answer:
            assert answer.read().decode().count(",") == 18
        assert Item.objects.count() == 19
        assert Shelf.objects.create(name="new").pk == 1_000_002

    def test_one(self):
        self.sells()

    def test_two(self):
        self.sells()
'''


class Clean:
    """A virtual environment without any package, and how to fill it."""

    def __init__(self, folder):
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.source = folder.parent / "plugin"
        ignored = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
        shutil.copytree(PLUGIN, self.source, ignore=ignored)
        self.uv("venv", "--quiet", "--python", sys.executable, folder)

    def uv(self, *arguments):
        uv = shutil.which("uv")
        if uv is None:
            pytest.fail("needs uv on the PATH: python3 -m pip install uv")
        unwanted = ("VIRTUAL_ENV", "PYTHONPATH")
        done = subprocess.run(
            [uv, *map(str, arguments)],
            cwd=ROOT,  # whose settings tell uv the versions and which certificates to trust
            env={name: value for name, value in os.environ.items() if name not in unwanted},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            pytest.fail(f"uv {arguments[0]} failed; does it reach a package index?\n{done.stderr}")
        return done.stdout

    def install(self, *wanted):
        self.uv("pip", "install", "--quiet", "--python", self.python, *wanted)

    def packages(self):
        listed = self.uv("pip", "list", "--format=json", "--python", self.python)
        return {package["name"] for package in json.loads(listed)}

    def run(self, code):
        """What Python says to this code, far from the repository."""
        done = subprocess.run(
            [self.python, "-I", "-c", code],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.returncode, done.stderr
        return done.stdout.strip()


@pytest.fixture
def clean(project, tmp_path):
    made = Clean(tmp_path / "clean")
    made.install(made.source, "psycopg[binary]")
    project.python, project.path, project.plugins = str(made.python), "", []
    return made


def test_the_plugin_works_with_only_what_it_needs_then_with_its_extra(clean, project):
    assert clean.packages() - OF_PYTHON_3_12 == OURS | NEEDED | THEIRS
    said = project.pytest("--ensure-data-verify")
    assert said.counts() == {"passed": ALL - OF_THE_CLOCK, "skipped": 1, "errors": OF_THE_CLOCK}, (
        said
    )
    assert "test_clock needs time-machine, which is not installed: pip install time-mach" in said

    clean.install(f"{clean.source}[clock]")
    said = project.pytest("--ensure-data-verify")
    assert said.code == 0 and said.counts() == {"passed": ALL, "skipped": 1}, said


def test_the_wheel_shares_its_namespace(clean):
    found = clean.run("import testoqa; print(testoqa.__file__, *testoqa.__path__)")
    nowhere, home = found.split()
    assert nowhere == "None" and os.listdir(home) == ["testing"]
    os.mkdir(f"{home}/other")
    assert clean.run("import testoqa.other, testoqa.testing as t; print(t.uses.__name__)") == "uses"


def test_a_live_server_of_channels_starts_each_test_from_the_same_rows(clean, project):
    clean.install("channels[daphne]")
    project.settings["TEST"] = {"NAME": f"test_{project.database}"}  # the server's process needs it
    project.write("asgi.py", ASGI)
    project.change("settings.py", "USE_TZ", 'ASGI_APPLICATION = "asgi.application"\nUSE_TZ')
    project.write("test_channels.py", CHANNELS)
    said = project.pytest(
        "-o", "filterwarnings=default", "--ensure-data-verify", "test_channels.py"
    )
    assert said.code == 0 and said.counts()["passed"] == 2, said
