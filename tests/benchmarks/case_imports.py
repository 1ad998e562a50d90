"""Imports of cases from the start of the job to the last receipt.

python -m tests.benchmarks.case_imports
"""

import sys
import time

from tests.benchmarks import case_files
from tests.benchmarks.running import forget_peak, load, make_api, memory, product
from tests.benchmarks.table import Figure, report
from tests.site.client import form_of

CASES = 50_000
GOAL, MEMORY_GOAL = 60, 200
KINDS = {
    "tried out": ({"dry_run": True}, "Pays", "created"),
    "new cases": ({}, "Pays", "created"),
    "the same file again": ({}, "Pays", "unchanged"),
    "every case changed": ({}, "Buys", "updated"),
}


def main():
    print(f"load {load()}")
    with product() as started:
        api = make_api(started, "WEB")
        warm = case_files.write(started.data.parent / "warm.csv", 20)
        take_in(api, warm, {"dry_run": True})
        worker = started.child("testoqa.worker")
        figures = []
        for kind, (options, word, outcome) in KINDS.items():
            path = case_files.write(started.data.parent / "cases.csv", CASES, word=word)
            forget_peak(worker)
            before = memory(worker)
            began = time.perf_counter()
            done = take_in(api, path, options)
            took = time.perf_counter() - began
            assert done[outcome] == CASES, done
            figures.append(Figure(f"{CASES:,} CSV rows, {kind}", took, GOAL, "s"))
            more = memory(worker) - before
            figures.append(Figure(f"{CASES:,} CSV rows, {kind}, worker", more, MEMORY_GOAL, "MiB"))
    return report("Imports of cases: from the file to the last receipt", figures)


def take_in(api, path, options):
    """Send a file, start it, and wait for its end."""
    body, kind = form_of(path, {})
    sent = api.ask("POST", "projects/WEB/case-imports/", body, {"Content-Type": kind})
    address = f"projects/WEB/case-imports/{sent['id']}/"
    api.ask("POST", f"{address}start/", options)
    while (done := api.ask("GET", address))["state"] in ("queued", "reading"):
        time.sleep(0.1)
    assert done["state"] in ("done", "checked"), done
    return done


if __name__ == "__main__":
    sys.exit(main())
