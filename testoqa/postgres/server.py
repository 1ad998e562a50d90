"""Starts, stops and recovers the embedded PostgreSQL; numbers of processes are never believed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from testoqa import data_folder
from testoqa.data_folder import CannotStart, Lock
from testoqa.postgres import layout
from testoqa.postgres.account import MAJOR, Account, account_for

RECOVERY = 600  # seconds; a large write-ahead log after a crash takes a minute or more
LEFTOVERS = 60  # seconds for the processes of a killed server to notice
LOG_LIMIT = 10 * 1024 * 1024

SETTINGS = {
    "listen_addresses": "",
    "port": layout.PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "random_page_cost": "1.1",
    "jit": "off",
    # Reading by the calling process itself saves three processes that a small machine misses.
    "io_method": "sync",
    # Nobody replicates from it: less is written for a table filled where it was made.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "min_wal_size": "80MB",
    "max_wal_size": "1GB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
# For tests, whose data nobody misses.
FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
}


def tell(sentence: str) -> None:
    """Say something on the standard error stream, so that a command's output stays its own."""
    print(sentence, file=sys.stderr, flush=True)


class Server:
    """The PostgreSQL of one data folder.

    The server and all its processes inherit the lock on `server.lock`. While it is taken the server
    runs; once it can be taken none of them lives, whatever `postmaster.pid` claims.
    """

    def __init__(
        self, data: Path, *, durable: bool = True, say: Callable[[str], None] = tell
    ) -> None:
        self.data = data
        self.home = layout.home_of(data)
        self.durable = durable
        self.say = say
        self.process: subprocess.Popen[bytes] | None = None
        self.lock: Lock | None = None
        self.log_start = 0

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    def take(self) -> bool:
        """Take the server's lock for a start; False while a server or its remains run."""
        data_folder.prepare(self.data)
        data_folder.prepare(self.home)
        self.lock = self.lock or Lock(self.data / "server.lock")
        return self.lock.take()

    def start(self) -> None:
        """Start the server and return once it has answered a query; raises CannotStart."""
        waited_until = time.monotonic() + LEFTOVERS
        while not self.take():
            if time.monotonic() > waited_until:
                raise CannotStart(f"The database in {self.home} is in use by {self.holder()}.")
            time.sleep(0.1)
        assert self.lock is not None
        self.lock.write(f"process {os.getpid()} ({' '.join(sys.argv)})")
        account = account_for(self.home, self.say)
        self.home = self.home.resolve()  # of another account, it may lie elsewhere
        layout.make_password(self.home, account)
        self._make_cluster(account)
        self._require_version()
        sockets = layout.make_socket_folder(self.home, account)
        self._forget_last_server(sockets)
        self._run(account, sockets)
        self._await_answer()

    def holder(self) -> str:
        """Who started the server that runs."""
        return (self.lock.read() if self.lock else "") or "another process"

    def stop(self, patience: float = 8) -> None:
        """End every session and write everything down; what takes longer is recovered later."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            process.send_signal(sign)
            try:
                process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                continue
        _remove_short_folder(self.home)

    def answers(self, database: str = layout.DATABASE) -> bool:
        """Whether a query is answered; CannotStart when it never will be."""
        settings = layout.connection_settings(self.data)
        try:
            with _connect(settings, database) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise CannotStart(
                    f"The database in {self.home} refuses the password kept in "
                    f"{self.home / 'password'}: put the file back that belongs to it."
                ) from None
            return False
        return True

    def _make_cluster(self, account: Account) -> None:
        if self.cluster.exists():
            return
        draft = self.home / "cluster.new"
        shutil.rmtree(draft, ignore_errors=True)  # of a start that was killed
        command: list[str | Path] = [
            account.programs / "initdb",
            *("-D", draft, "-U", layout.USER, f"--pwfile={self.home / 'password'}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
            *([] if self.durable else ["--no-sync"]),
        ]
        done = subprocess.run(
            command,
            preexec_fn=account.become(),
            env=_environment(),
            capture_output=True,
            check=False,
        )
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise CannotStart(f"PostgreSQL could not make its files in {draft}: {''.join(reason)}")
        draft.rename(self.cluster)

    def _require_version(self) -> None:
        try:
            found = (self.cluster / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise CannotStart(
                f"{self.cluster} is not a PostgreSQL data folder ({error.strerror}): "
                "restore it from a backup, or move it away to begin anew."
            ) from None
        if found != str(MAJOR):
            raise CannotStart(
                f"The database in {self.cluster} was made by PostgreSQL {found} and this TestoQA "
                f"runs PostgreSQL {MAJOR}: make a backup with the TestoQA that made it, and "
                "restore it here."
            )

    def _forget_last_server(self, sockets: Path) -> None:
        """Remove the notes of a server that was killed; we hold the lock, so it is gone."""
        pid_file = self.cluster / "postmaster.pid"
        if pid_file.exists():
            self.say("The database was not stopped cleanly; it is recovering, please wait.")
            pid_file.unlink()
        for left in sockets.glob(".s.PGSQL.*"):
            left.unlink()

    def _run(self, account: Account, sockets: Path) -> None:
        assert self.lock is not None
        settings = SETTINGS | ({} if self.durable else FORGETFUL)
        settings["unix_socket_directories"] = f'"{sockets}"'
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = self.home / "server.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.rename(log.with_suffix(".log.old"))
        with open(log, "ab", opener=data_folder.open_private) as output:
            account.own(log)
            self.log_start = output.tell()
            self.process = subprocess.Popen(
                [account.programs / "postgres", "-D", self.cluster, *options],
                preexec_fn=account.become(signal.SIGINT),
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[self.lock.fileno],
                start_new_session=True,
            )
        # From here on the lock is the server's alone.
        self.lock.close()
        self.lock = None

    def _await_answer(self) -> None:
        started = time.monotonic()
        next_word = started + 10
        while not self.answers("postgres"):
            assert self.process is not None
            if self.process.poll() is not None:
                raise CannotStart(f"PostgreSQL ended at once: {self._last_words()}")
            now = time.monotonic()
            if now > started + RECOVERY:
                self.stop()
                raise CannotStart(f"PostgreSQL does not answer; see {self.home / 'server.log'}.")
            if now > next_word:
                self.say("The database is still recovering.")
                next_word = now + 10
            time.sleep(0.05)
        _make_database(layout.connection_settings(self.data))

    def _last_words(self) -> str:
        log = self.home / "server.log"
        with log.open("rb") as file:
            file.seek(self.log_start)
            lines = file.read().decode(errors="replace").strip().splitlines()
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line] or lines
        return f"{fatal[0] if fatal else 'it said nothing'} (see {log})"


@contextmanager
def running(data: Path, say: Callable[[str], None] = tell) -> Iterator[None]:
    """Have the embedded PostgreSQL for a block: the one that runs, else one for its length."""
    server = Server(data, say=say)
    data_folder.prepare(data)
    data_folder.prepare(server.home)
    users = Lock(data / "users.lock")
    users.take(shared=True, wait=True)
    try:
        own = _start_or_find(server)
        try:
            yield
        finally:
            if own:
                users.take(wait=True)  # others who use it end first
                server.stop()
    finally:
        users.close()


def _start_or_find(server: Server) -> bool:
    """Start the server unless it runs; True when it is ours to stop."""
    until = time.monotonic() + RECOVERY
    while time.monotonic() < until:
        if server.take():
            server.start()
            return True
        if server.answers():
            return False
        time.sleep(0.1)
    raise CannotStart(f"The database that {server.holder()} started does not answer.")


def _make_database(settings: dict[str, str]) -> None:
    with _connect(settings, "postgres") as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [layout.DATABASE]
        ).fetchone()
        if not found:
            connection.execute(
                sql.SQL("CREATE DATABASE {}").format(sql.Identifier(layout.DATABASE))
            )


def _connect(settings: dict[str, str], database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=database,
        connect_timeout=10,
        autocommit=True,
    )


def _environment() -> dict[str, str]:
    """Ours without what would talk PostgreSQL out of its settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "LC_", "LANG")) and name != "DATABASE_URL"
    }


def _remove_short_folder(home: Path) -> None:
    folder = layout.socket_folder(home)
    if folder.parent != home:
        shutil.rmtree(folder, ignore_errors=True)
