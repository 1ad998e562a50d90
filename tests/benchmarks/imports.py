"""JUnit files from the first byte sent to a run that shows them.

python -m tests.benchmarks.imports
"""

import sys
import threading
import time
from pathlib import Path

from tests.benchmarks import junit
from tests.benchmarks.running import forget_peak, load, make_api, memory, product
from tests.benchmarks.table import Figure, report

SIZES = {1_000: (0.25, "-"), 10_000: (0.8, "-"), 100_000: (5, "2.2-3.0")}
MEMORY_GOAL = 100
SHARDS, TESTS_OF_A_SHARD, SHARDS_GOAL = 20, 5_000, 8


def main():
    print(f"load {load()}")
    with product() as started:
        api = make_api(started, "WEB")
        warm = junit.write(started.data.parent / "warm.xml", 200)
        api.upload("WEB", warm)
        figures = [figure for size in SIZES for figure in imports(started, api, size)]
        figures += shards(started, api)
    return report("Imports: from the first byte to a run that shows it", figures)


def imports(started, api, size):
    goal, limit = SIZES[size]
    path = junit.write(started.data.parent / f"{size}.xml", size, first_suite=size)
    web, worker = started.child("testoqa.web"), started.child("testoqa.worker")
    for kind in ("new cases", "known cases"):
        for pid in (web, worker):
            forget_peak(pid)
        before = memory(web), memory(worker)
        began = time.perf_counter()
        receipt = api.upload("WEB", path, new=1)
        run = api.ask("GET", f"projects/WEB/runs/{receipt['run']['number']}/")
        took = time.perf_counter() - began
        assert run["counts"]["total"] == size, run
        yield Figure(f"{size:,} tests, {kind}", took, goal, "s", limit)
        more = memory(web) - before[0]
        yield Figure(f"{size:,} tests, {kind}, web process", more, MEMORY_GOAL, "MiB more")
        if size == max(SIZES):
            more = memory(worker) - before[1]
            yield Figure(f"{size:,} tests, {kind}, worker", more, MEMORY_GOAL, "MiB more")


def shards(started, api):
    """Twenty shards of one run at once, each over a connection of its own."""
    paths = [
        junit.write(Path(started.data.parent) / f"s{n}.xml", TESTS_OF_A_SHARD, first_suite=n * 100)
        for n in range(SHARDS)
    ]
    for kind in ("new cases", "known cases"):
        key = f"shards, {kind}"
        threads = [
            threading.Thread(
                target=api.upload,
                args=["WEB", path],
                kwargs={"run_key": key, "shard": f"{n + 1}/{SHARDS}"},
            )
            for n, path in enumerate(paths)
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        (run,) = api.ask("GET", f"projects/WEB/runs/?run_key={key.replace(' ', '%20')}")["results"]
        assert run["counts"]["total"] == SHARDS * TESTS_OF_A_SHARD, run
        assert run["state"] == "completed", run
        yield Figure(f"{SHARDS} shards of {TESTS_OF_A_SHARD:,}, {kind}", took, SHARDS_GOAL, "s")


if __name__ == "__main__":
    sys.exit(main())
