"""As whom it runs: as an ordinary user beside root, and as root where namespaces are refused."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site.product import CHECKOUT, environment

NOBODY = pwd.getpwnam("nobody")
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="root is missing"),
    pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv (util-linux) is missing"),
]
# Shows what a private home holds at an address that everybody may enter, to one process tree only.
OPEN_HOME = """
set -e
mkdir -p "$1"
mount --bind "$2" "$1"
mount -t tmpfs -o mode=755 none "$2"
for name in $(ls -A "$1"); do
    if [ -d "$1/$name" ]; then mkdir "$2/$name"; mount --bind "$1/$name" "$2/$name"; fi
done
umount -l "$1"
shift 2
exec "$@"
"""


@pytest.fixture
def as_nobody(tmp_path_factory):
    """What a command begins with so that an ordinary user runs it, who can read the programs."""
    closed = {
        parent
        for path in (sys.executable, sys.base_prefix, sys.prefix, CHECKOUT)
        for parent in Path(path).resolve().parents
        if not parent.stat().st_mode & stat.S_IXOTH
    }
    before = ["setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups"]
    if not closed:
        return before
    if len(closed) > 1:
        pytest.skip(f"several folders on the way to Python are closed: {closed}")
    shown = tmp_path_factory.mktemp("home")
    return ["unshare", "--mount", "sh", "-c", OPEN_HOME, "sh", str(shown), str(*closed), *before]


@pytest.fixture
def open_tmp():
    """A folder that everybody may enter and write; pytest's own are private."""
    folder = Path(f"/tmp/testoqa-site-{os.getpid()}")
    folder.mkdir()
    folder.chmod(0o1777)
    yield folder
    shutil.rmtree(folder)


def test_an_ordinary_user_starts_it_after_root_has_used_it(
    used, make, as_nobody, open_tmp, bytecode
):
    roots = open_tmp / "roots"
    used.rename(roots)
    refused = make(roots, HOME=str(open_tmp))
    refused.before = as_nobody
    said = refused.start().refused()
    assert str(roots) in said
    assert "--data" in said

    shutil.copytree(bytecode, open_tmp / "bytecode")
    compiled = {"PYTHONPYCACHEPREFIX": str(open_tmp / "bytecode")}
    new = make(open_tmp / "new", TMPDIR=str(open_tmp), HOME=str(open_tmp), **compiled)
    new.before = as_nobody
    new.start()
    new.ready()
    assert new.await_ready_checks()["status"] == "ok"
    assert {_uid(pid) for pid in new.family()} == {NOBODY.pw_uid}
    new.stop()

    unwritable = make(Path("/usr/testoqa"), HOME=str(open_tmp), **compiled)
    unwritable.before = as_nobody
    assert "/usr/testoqa" in unwritable.start().refused()


def test_root_runs_the_database_of_an_ordinary_user_as_that_user(used, make, as_nobody, open_tmp):
    theirs = open_tmp / "theirs"
    used.rename(theirs)
    for path in [theirs, *theirs.rglob("*")]:
        os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
    product = make(theirs)
    product.before = as_nobody[: as_nobody.index("setpriv")]
    product.start()
    product.ready()
    assert _uid(product.child("-D")) == NOBODY.pw_uid
    product.stop()
    for path in [*theirs.glob("*.lock"), *(theirs / "postgres").rglob("*")]:
        assert path.stat().st_uid == NOBODY.pw_uid


def test_root_without_namespaces_runs_the_database_as_an_unprivileged_account(tmp_path, bytecode):
    """In a namespace of the test's own, where every id is mapped and no further one is allowed."""
    data = tmp_path / "data"
    code = (
        "import sys; from pathlib import Path; from testoqa import postgres;"
        f"data = Path({str(data)!r});"
        "exec('with postgres.running(data):\\n print(postgres.Server(data).answers())')"
    )
    command = ["unshare", "--mount", "sh", "-c", FORBID, "sh", sys.executable, "-c", code]
    env = environment(bytecode)
    with subprocess.Popen(
        ["unshare", "--user", "sh", "-c", 'read go; exec "$@"', "sh", *command],
        cwd=CHECKOUT, env=env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        _map_all(process.pid)
        out, error = process.communicate("go\n", timeout=60)
    shared = (data / "postgres").resolve()
    try:
        assert out == "True\n", error
        assert f"PostgreSQL runs as nobody in {shared}" in error
        assert shared.parent == Path("/var/lib/testoqa")
        assert (shared / "cluster").stat().st_uid == NOBODY.pw_uid
        assert stat.S_IMODE(shared.stat().st_mode) == 0o700
    finally:
        if shared.parent == Path("/var/lib/testoqa"):
            shutil.rmtree(shared)


FORBID = """
echo 0 > /proc/sys/user/max_user_namespaces
exec "$@"
"""


def _map_all(pid: int) -> None:
    """Map every id to itself in the new namespace of a process, once it has entered it."""
    own = os.readlink("/proc/self/ns/user")
    while os.readlink(f"/proc/{pid}/ns/user") == own:
        pass
    for name in ("uid_map", "gid_map"):
        Path(f"/proc/{pid}/{name}").write_text("0 0 65536")


def _uid(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid
