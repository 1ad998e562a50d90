"""How long until the first page, and what the idle tree holds in memory.

python -m tests.benchmarks.starts
"""

import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.benchmarks.running import PASSWORD, load, shared_memory
from tests.benchmarks.table import Figure, report
from tests.site.product import Product, environment

FIRST_GOAL, LATER_GOAL, MEMORY_GOAL = 20, 5, 512
IDLE = 15


def main():
    print(f"load {load()}")
    with tempfile.TemporaryDirectory(prefix="testoqa-bench-") as name:
        folder = Path(name)
        first, _ = start(folder)
        later, idle = start(folder, idle=True)
    return report(
        "Start and idle",
        [
            Figure("first start with the demo, to the first page", first, FIRST_GOAL, "s"),
            Figure("later start, to the first page", later, LATER_GOAL, "s"),
            Figure("idle memory of the whole tree (PSS)", idle, MEMORY_GOAL, "MiB"),
        ],
    )


def start(folder, *, idle=False):
    """Seconds to the first page, and MiB of the tree after it has idled."""
    env = environment(TESTOQA_ADMIN_PASSWORD=PASSWORD)
    product = Product(folder, folder / "data", env)
    product.demo = True
    began = time.perf_counter()
    product.start()
    try:
        product.ready()
        with urllib.request.urlopen(f"{product.address}accounts/login/", timeout=10) as page:
            assert page.status == 200
        took = time.perf_counter() - began
        if idle:
            time.sleep(IDLE)
        held = shared_memory(product.family()) if idle else 0.0
        product.stop()
    finally:
        product.end()
    return took, held


if __name__ == "__main__":
    sys.exit(main())
