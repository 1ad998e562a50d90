"""`manage.py up` from start to stop, on the real thing."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys

import pytest

from tests.site.modes import readable_by_others
from tests.site.product import CHECKOUT, await_end, await_true, command_line


def test_the_first_start_makes_an_administrator_and_says_so_once(first, used, make):
    said = first.said()
    assert re.search(
        r"first administrator is admin@example.org, password: \S{16}$", said, re.MULTILINE
    )
    assert said.count("TestoQA is ready at http://127.0.0.1:") == 1
    assert first.ready_checks == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "worker": "ok", "partitions": "ok"},
    }
    again = make(used).start()
    again.ready()
    assert again.get("healthz") == (200, {"status": "ok"})
    assert "administrator" not in again.said()
    again.stop()


def test_what_the_data_folder_holds_is_private(first):
    private = ["secret_key", "postgres/password"]
    assert {_mode(first.data / name) for name in private} == {0o600}
    folders = [".", "postgres", "postgres/cluster", "postgres/socket"]
    assert {_mode(first.data / name) for name in folders} == {0o700}


def test_what_is_written_into_a_folder_open_to_all_is_private(tmp_path, make):
    data = tmp_path / "open"
    data.mkdir()
    data.chmod(0o755)
    product = make(data, PYTHONDONTWRITEBYTECODE="1")
    product.demo = True
    product.start()
    product.ready()
    product.stop()
    assert _mode(data) == 0o755
    files = [path for path in (data / "files").rglob("*") if path.is_file()]
    assert files
    assert (data / "bytecode").is_dir()
    assert readable_by_others(data) == []
    assert {_mode(path) for path in [*files, data / "postgres" / "server.log"]} == {0o600}


def test_passwords_are_in_no_command_line_and_the_database_has_no_tcp(used, make):
    product = make(used).start()
    product.ready()
    password = (used / "postgres" / "password").read_text().strip()
    family = product.family()
    assert not [pid for pid in family if password in command_line(pid)]
    (postgres,) = [pid for pid in family if "-D" in command_line(pid).split()]
    listening = subprocess.run(
        ["ss", "-Hltnp"] if shutil.which("ss") else ["cat", f"/proc/{postgres}/net/tcp"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert ":5432 " not in listening
    assert f"pid={postgres}," not in listening
    product.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="root is missing")
def test_root_starts_it_from_a_private_folder_whose_modes_stay(tmp_path, make):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    checkout = home / "testoqa"
    for name in ("testoqa", "apps", "templates", "static"):
        shutil.copytree(
            CHECKOUT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(CHECKOUT / "manage.py", checkout / "manage.py")
    for path in [checkout, *checkout.rglob("*")]:
        path.chmod(_mode(path) & 0o700)
    before = {path: _mode(path) for path in [tmp_path, home, *home.rglob("*")]}
    product = make(checkout / "var")
    product.checkout = checkout
    product.popen = {"cwd": checkout}
    product.start()
    product.ready()
    product.stop()
    assert {path: _mode(path) for path in before} == before


@pytest.mark.parametrize(
    "name",
    ["with a space, and a comma", "Тест-größe-測試", "long" * 38],
    ids=["space", "letters", "150-characters"],
)
def test_the_path_may_hold_any_letters_and_be_long(name, used, tmp_path, make):
    data = tmp_path / name / "data"
    data.parent.mkdir()
    used.rename(data)
    product = make(data).start()
    product.ready()
    assert product.await_ready_checks()["status"] == "ok"
    product.stop()


def test_a_killed_supervisor_takes_everything_with_it(used, make):
    product = make(used).start()
    product.ready()
    family = product.family()
    assert len(family) > 4
    os.kill(product.process.pid, signal.SIGKILL)
    product.process.wait(5)
    await_end(family, within=10)


@pytest.fixture
def stranger():
    """A process that has nothing to do with us."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def test_it_recovers_after_everything_was_killed(used, make, stranger):
    """Also when another process has the old number, and when the note of it is cut short."""
    pid_file = used / "postgres" / "cluster" / "postmaster.pid"
    damages = [
        lambda text: text,
        lambda text: text.replace(text.split("\n")[0], str(stranger.pid), 1),
        lambda text: text[:3],
        lambda text: "",
    ]
    product = make(used).start()
    product.ready()
    for damage in damages:
        product.kill_everything()
        pid_file.write_text(damage(pid_file.read_text()))
        product = make(used).start()
        product.ready(within=90)
        assert "recovering" in product.said()
        assert product.await_ready_checks()["status"] == "ok"
    product.stop()
    assert stranger.poll() is None


def test_a_second_one_on_the_same_folder_says_so(used, make):
    product = make(used).start()
    product.ready()
    said = make(used).start().refused()
    assert f"already runs on {used} at {product.address}" in said
    assert product.get("healthz")[0] == 200
    product.stop()


def test_a_taken_port_is_said(used, make):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = make(used, f"--port={port}").start().refused()
    assert f"port {port}" in said
    assert "--port" in said


def test_a_folder_that_cannot_be_made_is_said(make, tmp_path):
    (tmp_path / "file").write_text("")
    for data in (tmp_path / "file", tmp_path / "file" / "data"):
        said = make(data).start().refused()
        assert str(data) in said
        assert "--data" in said


def test_a_data_folder_of_another_major_version_is_said(used, make):
    (used / "postgres" / "cluster" / "PG_VERSION").write_text("17\n")
    said = make(used).start().refused()
    assert "PostgreSQL 17" in said
    assert "backup" in said


def test_a_wrong_setting_is_said(used, make):
    said = make(used, TESTOQA_HTTPS="perhaps").start().refused()
    assert "TESTOQA_HTTPS must be 1 or 0" in said


def test_what_dies_is_started_again(used, make):
    product = make(used).start()
    product.ready()
    for module in ("testoqa.web", "testoqa.worker"):
        old = product.child(module)
        os.kill(old, signal.SIGKILL)
        await_end([old])
        await_true(lambda name=module: f"The {name[8:]} process ended" in product.said())
        await_true(lambda name=module: product.runs(name))
    await_true(lambda: _answers(product))
    postmaster = product.child("-D")
    os.kill(postmaster, signal.SIGKILL)
    await_end([postmaster])
    assert product.await_ready_checks()["status"] == "ok"
    product.stop()


def test_commands_run_beside_it_and_without_it(used, make):
    product = make(used).start()
    product.ready()
    command = [sys.executable, CHECKOUT / "manage.py", "shell", "--no-imports", "-c"]
    count = "from apps.accounts.models import User; print(User.objects.count())"
    env = product.env | {"TESTOQA_DATA": str(used)}
    beside = subprocess.run([*command, count], env=env, capture_output=True, text=True, check=True)
    assert beside.stdout == "1\n"
    product.stop()
    both = [
        subprocess.Popen([*command, count], env=env, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [process.communicate(timeout=30)[0] for process in both] == ["1\n", "1\n"]
    assert [process.returncode for process in both] == [0, 0]
    assert not (used / "postgres" / "cluster" / "postmaster.pid").exists()


def _answers(product):
    try:
        return product.get("healthz")[0] == 200
    except OSError:
        return False


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)
