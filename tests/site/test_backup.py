"""`backup` and `restore`, as somebody uses them who moves to another machine."""

import stat
import subprocess
import sys
import tarfile

import pytest

from tests.site.modes import readable_by_others
from tests.site.product import CHECKOUT


@pytest.fixture
def manage(first):
    """manage(data, *arguments): runs a command and returns it finished."""

    def manage(data, *arguments):
        return subprocess.run(
            [sys.executable, CHECKOUT / "manage.py", *map(str, arguments)],
            env=first.env | {"TESTOQA_DATA": str(data)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return manage


def test_a_backup_of_the_running_product_is_restored_elsewhere(used, make, manage, tmp_path):
    archive, moved = tmp_path / "testoqa.tar", tmp_path / "moved"
    file = used / "files" / "ab" / "report.txt"
    file.parent.mkdir(parents=True)
    file.write_text("evidence")
    product = make(used).start()
    product.ready()
    done = manage(used, "backup", archive)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert manage(used, "backup", archive).stderr.endswith("exists; name another file.\n")
    assert "stop it before a restore" in manage(used, "restore", archive).stderr
    product.stop()

    assert "is not empty" in manage(used, "restore", archive).stderr
    done = manage(moved, "restore", archive)
    assert done.returncode == 0, done.stderr
    assert (moved / "files" / "ab" / "report.txt").read_text() == "evidence"
    product = make(moved).start()
    product.ready()
    assert "administrator" not in product.said()
    count = "from apps.accounts.models import User; print(User.objects.get().email)"
    assert manage(moved, "shell", "--no-imports", "-c", count).stdout == "admin@example.org\n"
    product.stop()


def test_a_restore_by_force_replaces_everything_or_nothing(used, manage, tmp_path):
    archive, cut = tmp_path / "testoqa.tar", tmp_path / "cut.tar"
    manage(used, "backup", archive)
    add = "from apps.accounts.models import User; User.objects.create_user('new@example.org')"
    manage(used, "shell", "--no-imports", "-c", add)
    kept = used / "files" / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("kept")
    count = "from apps.accounts.models import User; print(User.objects.count())"

    with tarfile.open(archive) as whole, tarfile.open(cut, "w") as damaged:
        for member in whole:
            member.size //= 2 if member.name == "database.dump" else 1
            damaged.addfile(member, whole.extractfile(member.name))
    for bad in (cut, kept):
        refused = manage(used, "restore", "--force", bad)
        assert refused.returncode != 0
        assert "Traceback" not in refused.stderr
    assert manage(used, "shell", "--no-imports", "-c", count).stdout == "2\n"
    assert kept.exists()

    assert manage(used, "restore", "--force", archive).returncode == 0
    assert manage(used, "shell", "--no-imports", "-c", count).stdout == "1\n"
    assert not kept.exists()


def test_what_is_no_backup_is_refused_in_a_sentence(used, manage, tmp_path):
    text, cut, other = (tmp_path / name for name in ("notes.txt", "cut.tar", "other.tar"))
    text.write_text("nothing of a backup")
    with tarfile.open(other, "w") as archive:
        archive.add(text, "notes.txt")
    cut.write_bytes(other.read_bytes()[:520])
    (tmp_path / "empty").write_bytes(b"")
    said = "is not a backup of TestoQA"
    for source, words in [
        (text, f"{said}, or not a whole one."),
        (cut, f"{said}, or not a whole one."),
        (tmp_path / "empty", f"{said}, or not a whole one."),
        (other, f"{said}: it holds no testoqa-backup.json."),
        (tmp_path / "none", "cannot be unpacked: No such file or directory."),
        (tmp_path, "cannot be unpacked: Is a directory."),
    ]:
        refused = manage(used, "restore", "--force", source)
        assert refused.returncode != 0
        assert refused.stderr == f"CommandError: {source} {words}\n"


def test_what_is_restored_is_private_whatever_it_was(used, make, manage, tmp_path):
    archive, moved = tmp_path / "testoqa.tar", tmp_path / "moved"
    file = used / "files" / "ab" / "report.txt"
    file.parent.mkdir(mode=0o755, parents=True)
    file.write_text("evidence")
    manage(used, "backup", archive)
    moved.mkdir(mode=0o755)
    moved.chmod(0o755)
    assert manage(moved, "restore", archive).returncode == 0
    assert (moved / "files" / "ab" / "report.txt").read_text() == "evidence"
    assert stat.S_IMODE(moved.stat().st_mode) == 0o755
    assert readable_by_others(moved) == []
