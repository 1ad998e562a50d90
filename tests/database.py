"""The PostgreSQL of a test run: one server in a folder of its own, a database for each worker."""

import os
import shutil
import tempfile
from pathlib import Path

from testoqa import secrets
from testoqa.postgres import Server


class TestServer:
    """A server that forgets everything at the end, and ends even when the test run is killed.

    With DATABASE_URL set, tests use that database and only the folder is their own.
    """

    __test__ = False

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="testoqa-tests-"))
        self.server = Server(self.folder, durable=False)

    def start(self) -> None:
        secrets.secret_key(self.folder)
        os.environ["TESTOQA_DATA"] = str(self.folder)
        if not os.environ.get("DATABASE_URL"):
            self.server.start()

    def stop(self) -> None:
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
