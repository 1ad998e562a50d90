"""The example project's own tests, in every mode, as a person runs them."""

import json

import pytest

EVERYTHING = ["people", "shelves", "items", "orders"]
ALL = 46


def built(project):
    """The folder of the newest scripts."""
    (manifest,) = project.folder.glob(".ensure_data/*/manifest.json")
    return manifest.parent


def test_r22_uncached_runs_the_functions_in_this_process_and_writes_nothing(project):
    said = project.pytest("--ensure-data=uncached", "--ensure-data-verify")
    assert said.code == 0 and said.counts()["passed"] == ALL, said
    assert project.calls() == EVERYTHING
    assert not (project.folder / ".ensure_data").exists()
    said = project.pytest("--ensure-data=uncached", "test_functions.py::test_only_the_base")
    assert said.code == 0 and project.calls() == ["people"], said


def test_r08_r09_r15_a_build_writes_scripts_that_cached_runs_replay(project):
    said = project.pytest("--ensure-data-build")
    assert said.code == 0 and said.counts()["skipped"] == 1, said
    assert project.calls() == EVERYTHING
    home = built(project)
    names = {"populate_people", "populate_shelves", "populate_items", "populate_orders"}
    assert {path.stem for path in home.glob("*.copy")} == {*names, "after-migrate"}
    manifest = json.loads((home / "manifest.json").read_text())
    assert manifest["rows"]["populate_orders"] == 5
    assert manifest["seeds"]["shop_shelf_id_seq"] == 1_000_002
    assert (project.folder / ".ensure_data/.gitignore").read_text() == "*\n"

    said = project.pytest("--ensure-data=cached", "--ensure-data-verify")
    assert said.code == 0 and said.counts()["passed"] == ALL, said
    assert project.calls() == []


def test_r23_fixtures_run_where_functions_are_replayed(project):
    project.write(
        "test_fixture.py",
        "import pytest\n"
        "from data import note, populate_items\n"
        "from shop.models import Item, Shelf\n"
        "from testoqa.testing import uses\n\n\n"
        "@pytest.fixture\n"
        "def shelf(transactional_db):\n"
        "    note('fixture')\n"
        "    return Shelf.objects.create(name='of the fixture')\n\n\n"
        "@uses(populate_items)\n"
        "def test_it(shelf):\n"
        "    assert Item.objects.count() == 20 and shelf.pk == 1_000_002\n",
    )
    recorded = {"save": EVERYTHING[:3], "saved": [], "auto": EVERYTHING, "cached": []}
    for mode, ran in recorded.items():
        said = project.pytest(f"--ensure-data={mode}", "--ensure-data-verify", "test_fixture.py")
        assert said.code == 0 and project.calls() == [*ran, "fixture"], said


def test_r25_r26_workers_share_one_build_and_one_template(project):
    said = project.pytest("-n2", "--ensure-data-verify")
    assert said.code == 0 and said.counts()["passed"] == ALL, said
    assert project.calls() == EVERYTHING
    assert len(project.databases("testoqa_tpl_")) == 1
    assert not project.databases(f"test_{project.database}")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ["--ensure-data-build", "--ensure-data=cached"],
            "--ensure-data-build and --ensure-data=cached at once: the first writes the scripts",
        ),
        (
            ["--ensure-data-build", "-n2"],
            "the scripts are written by one process, so that ids come from one run of the "
            "sequences: drop -n, or say -n 0, then use --ensure-data=cached -n 2.",
        ),
        (["--ensure-data=save", "-n2"], "or say -n 0, then use --ensure-data=saved -n 2."),
    ],
)
def test_r20_e08_e09_options_that_contradict_each_other(project, arguments, text):
    said = project.pytest(*arguments)
    assert said.code == 4 and text in said, said


def test_e13_e15_what_fails_in_a_build_and_in_a_class_is_told_where_it_is_wanted(project):
    project.change("data.py", 'note("orders")', 'raise RuntimeError("boom")')
    project.write(
        "test_mixed.py",
        "from data import populate_items, populate_shelves\n"
        "from django.test import TestCase\n"
        "from testoqa.testing import uses\n\n\n"
        "@uses(populate_items)\n"
        "class TestMixed(TestCase):\n"
        "    def test_a(self):\n"
        "        pass\n\n"
        "    @uses(populate_shelves)\n"
        "    def test_b(self):\n"
        "        pass\n",
    )
    said = project.pytest("test_mixed.py", "test_functions.py")
    assert "test_b: a TestCase class has one data set, set on the class; this method asks" in said
    assert "data set of populate_orders failed in this process: RuntimeError boom" in said
    assert "(first at test_functions.py::test_another_set)" in said
    assert said.counts() == {"passed": 19, "failed": 2, "error": 1}, said
    assert not list(project.folder.glob(".ensure_data/*/manifest.json"))


def test_a_function_that_hashes_passwords_slowly_is_told_once(project):
    for name in ("people", "shelves"):
        user = f'User.objects.create_user("{name}", password="secret")'
        project.change("data.py", f'note("{name}")', f'note("{name}"); {user}')
    arguments = ("-o", "filterwarnings=default", "test_functions.py::test_another_set")
    said = project.pytest(*arguments)
    assert said.code == 0 and said.text.count("makes users with passwords, each hashed in") == 1
    assert "ms by PBKDF2PasswordHasher. Name a fast one first in the settings of tests" in said
    project.change(
        "settings.py",
        "USE_TZ",
        'PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]\nUSE_TZ',
    )
    said = project.pytest("--ensure-data=uncached", *arguments)
    assert said.code == 0 and "hashed in" not in said, said


def test_a_user_who_is_not_among_the_data_is_named(project):
    said = project.pytest("-o", "ensure_data_user=zoe", "test_people.py")
    assert "test_user: no user 'zoe' is among the data of this test. Let populate_people cr" in said
    assert said.counts() == {"errors": 2, "passed": 1}, said


def test_another_database_than_postgresql_is_refused(project):
    project.change("settings.py", "backends.postgresql", "backends.sqlite3")
    said = project.pytest("test_people.py")
    assert "testoqa.testing needs PostgreSQL; the database 'default' is sqlite." in said
    assert said.code == 1 and "passed" not in said.counts(), said


def test_r31_an_unknown_time_zone_fails_its_own_test_alone(project):
    project.write(
        "test_wrong.py",
        "import pytest\n\n\n"
        '@pytest.mark.require_time_zone("Europe/Wien")\n'
        "def test_wrong():\n"
        "    pass\n",
    )
    said = project.pytest("test_wrong.py", "test_time_zone.py")
    assert "require_time_zone('Europe/Wien'): no time zone has this name. Write one of the" in said
    assert said.counts() == {"error": 1, "passed": 1, "skipped": 1}, said


@pytest.mark.parametrize(
    ("processes", "ends"),
    [("-n0", ""), ("-n2", "crashed while running 'test_killed.py::test_killed'")],
)
def test_a_worker_that_is_killed_leaves_nothing_for_the_next_run(project, processes, ends):
    project.write(
        "test_killed.py",
        "import os, signal\n"
        "from data import populate_items\n"
        "from shop.models import Item\n"
        "from testoqa.testing import uses\n\n\n"
        "@uses(populate_items)\n"
        "def test_killed(transactional_db):\n"
        "    assert Item.objects.count() == 20\n"
        "    Item.objects.filter(name='books 3').delete()\n"
        "    if not os.environ.get('SPARE'):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n",
    )
    chosen = (processes, "--reuse-db", "--ensure-data-verify", "test_killed.py", "test_classes.py")
    killed = project.pytest(*chosen)
    assert killed.code and ends in killed and "error" not in killed, killed
    said = project.pytest(*chosen, environment={"SPARE": "1"})
    assert said.code == 0 and said.counts()["passed"] == 12, said


def test_r21_saved_rows_are_used_from_the_command_line_however_functions_change(project):
    said = project.pytest("--ensure-data=saved", "test_functions.py")
    home = ".ensure_data/local/test_functions"
    assert f"--ensure-data=saved, but {home}/manifest.json does not exist. Save it first" in said
    assert "pytest --ensure-data=save test_functions.py" in said and said.code == 1
    said = project.pytest("--ensure-data=save", "test_functions.py")
    assert said.code == 0 and project.calls() == EVERYTHING, said

    project.change("data.py", "make_items(shelf, 10)", "make_items(shelf, 9)")
    said = project.pytest("--ensure-data=saved", "--ensure-data-verify", "test_functions.py")
    assert said.code == 0 and project.calls() == [], said
    said = project.pytest("--ensure-data=saved", "test_people.py")
    assert said.code == 1 and "pytest --ensure-data=save test_people.py" in said


def test_what_goes_wrong_while_opening_is_told_to_each_test_and_tried_once(project):
    user = 'User.objects.create_user("eve", password="secret")'
    project.change("data.py", 'note("people")', f'note("people"); {user}')
    said = project.pytest("--ensure-data=uncached", "test_people.py", "-W", "error")
    assert said.counts() == {"errors": 3}, said
    assert said.text.count("each hashed in") >= 3
    assert project.calls().count("people") == 1
