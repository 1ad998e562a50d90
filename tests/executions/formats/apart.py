"""Reading a file in a process of its own, with little memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

CPU_SECONDS = 2.0
MEMORY = 160 << 20  # of address space, on top of what the interpreter has when it begins
MIB = 1 << 20

# Reads argv[1] under a limit on its address space and tells what came of it.
READER = """
import json, resource, sys, time
from apps.executions.formats import FileRefused, Reading, read_results
with open("/proc/self/statm") as statm:
    used = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[2]),) * 2)
started, reading, told = time.process_time(), Reading(), {"refused": None, "results": 0}
try:
    with open(sys.argv[1], "rb") as stream:
        for result in read_results(stream, filename="hostile", reading=reading):
            told["results"] += 1
            told["length"] = max(told.get("length", 0), len(result.trace), len(result.output))
except FileRefused as refusal:
    told["refused"] = str(refusal)
told["cpu"] = time.process_time() - started
told["warnings"] = reading.warnings
print(json.dumps(told))
"""


def read_apart(path: Path) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", READER, str(path), str(MEMORY)],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        env={"PYTHONPATH": os.getcwd(), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def repeated(path: Path, head: bytes, block: bytes, times: int, tail: bytes = b"") -> None:
    """Write one block many times; large files are cheap to make this way."""
    many = max(1, MIB // len(block))
    with path.open("wb") as file:
        file.write(head)
        for _ in range(times // many):
            file.write(block * many)
        file.write(block * (times % many))
        file.write(tail)


OPEN = b'<testsuite name="s"><testcase name="a">'
CLOSE = b"</testcase></testsuite>"
