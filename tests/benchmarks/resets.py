"""What it costs to bring the test database back after a test, beside other ways to do it.

    python -m tests.benchmarks.resets [500 5000 50000]

500, 5,000 and 50,000 rows of the example project (11 tables), on a server that forgets on a crash.
Each test writes six times in three commits to five tables. The goals are ratios of figures of this
same process: the least of the rounds, since the machine's other work only adds to them.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection, connections, transaction

from testoqa.testing import ensure_data
from testoqa.testing.cache import Cache
from testoqa.testing.registry import registry
from testoqa.testing.session import Choices, TestData
from tests.benchmarks.table import Figure, report
from tests.database import TestServer
from tests.testing.project import EXAMPLE

AGAINST_LOADDATA = {500: 40, 5_000: 100, 50_000: 500}
AGAINST_SCRIPT = 3
ROUNDS = {500: 15, 5_000: 15, 50_000: 7}
SLOW_ROUNDS = {500: 3, 5_000: 2, 50_000: 1}


def main() -> int:
    server = TestServer()
    server.start()
    try:
        use_example()
        sizes = [int(size) for size in sys.argv[1:]] or AGAINST_LOADDATA
        return report("Reset after a test", [figure for rows in sizes for figure in measure(rows)])
    finally:
        connections.close_all()
        server.stop()


def use_example():
    """Let this process be one of the example project, on the server that was just started."""
    from testoqa.postgres import connection_settings

    settings = connection_settings(Path(os.environ["TESTOQA_DATA"]))
    known = ("NAME", "HOST", "PORT", "USER", "PASSWORD")
    os.environ["EXAMPLE_DATABASE"] = json.dumps({k: settings[k] for k in known if k in settings})
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    sys.path.insert(0, str(EXAMPLE))
    django.setup()
    call_command("migrate", verbosity=0)


def fill(rows):
    """About this many rows: a tenth orders, a fifth users, a fifth likes, half items."""
    from django.contrib.auth.models import User
    from shop.models import Item, Order, Shelf

    users = User.objects.bulk_create(User(username=f"person {n}") for n in range(rows // 5))
    shelves = Shelf.objects.bulk_create(
        Shelf(name=f"shelf {n}") for n in range(max(rows // 500, 5))
    )
    items = Item.objects.bulk_create(
        Item(shelf=shelves[n % len(shelves)], name=f"item {n}") for n in range(rows // 2)
    )
    through = Item.liked_by.through
    through.objects.bulk_create(through(item=items[n], user=users[n]) for n in range(len(users)))
    Order.objects.bulk_create(Order(item=items[n]) for n in range(rows // 10))


def write():
    """What a test does: six writes, three commits."""
    from django.contrib.auth.models import User
    from shop.models import Item, Order, Shelf

    with transaction.atomic():
        shelf = Shelf.objects.create(name="new")
        item = Item.objects.create(shelf=shelf, name="new")
    with transaction.atomic():
        item.liked_by.add(User.objects.order_by("id").first())
        Order.objects.create(item=item)
    with transaction.atomic():
        Item.objects.filter(name="item 7").update(price=9)
        User.objects.create(username="new")


def measure(rows):
    registry.functions.clear()

    @ensure_data
    def populate():
        fill(rows)

    with tempfile.TemporaryDirectory() as folder:
        data = TestData("default", registry, Choices("uncached", Cache(Path(folder))))
        data.open({"": [populate]})
        data.begin(("populate",), "benchmark")
        others = other_ways(Path(folder))
        if rows > 5_000:
            del others["serialized rollback"]  # takes as many minutes as loaddata

        def test():
            data.database.restart_sequences()  # Django's ways leave them where rows lie
            write()

        least = {}
        for name, reset in {"ours": data.end, **others}.items():
            rounds = ROUNDS[rows] if name in ("ours", "script") else SLOW_ROUNDS[rows]
            least[name] = min(timed(test, reset) for _ in range(rounds))
            data.database.forget()
            data.begin(("populate",), "benchmark")
        nothing = min(timed(lambda: None, data.end) for _ in range(30))
        rolled_back = min(timed(lambda: None, lambda: begin(data)) for _ in range(30))
    connection.cursor().execute("DROP SCHEMA _testoqa CASCADE")
    call_command("flush", verbosity=0, interactive=False)
    title = f"{rows:,} rows: "
    for name, figure in least.items():
        print(f"  {title}{name:22} {figure:12,.2f} ms {figure / least['ours']:10,.1f} ×")
    return [
        Figure(
            f"{title}reset, {factor} × faster than {name}",
            least["ours"],
            least[name] / factor,
            "ms",
        )
        for name, factor in (("loaddata", AGAINST_LOADDATA[rows]), ("script", AGAINST_SCRIPT))
    ] + [
        Figure(f"{title}after a test that wrote nothing", nothing, 1, "ms"),
        Figure(f"{title}before a test that is rolled back", rolled_back, 0.5, "ms"),
    ]


def begin(data):
    """What is added to a test that is rolled back: the look for changes, and the sequences."""
    data.begin(("populate",), "benchmark")
    data.database.raw.execute("SELECT set_config('testoqa.quiet', 'on', true)")


def timed(test, reset):
    """Milliseconds that the reset takes."""
    test()
    began = time.perf_counter()
    reset()
    return (time.perf_counter() - began) * 1000


def other_ways(folder):
    """Django's two, and a script of INSERTs, one for each row, as pg_dump --inserts writes it."""
    dump = folder / "data.json"
    call_command("dumpdata", "auth", "shop", output=str(dump), verbosity=0)
    serialized = connection.creation.serialize_db_to_string()
    script = insert_script()

    def flush():
        call_command("flush", verbosity=0, interactive=False)

    def loaddata():
        flush()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM auth_permission")
        call_command("loaddata", str(dump), verbosity=0)

    def rollback():
        flush_quietly()
        connection.creation.deserialize_db_from_string(serialized)

    def flush_quietly():
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)

    def run_script():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(script)

    return {"script": run_script, "serialized rollback": rollback, "loaddata": loaddata}


def insert_script():
    """Empty every table, then fill it, in one round trip."""
    parts = ["SET LOCAL session_replication_role = replica"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relname <> "
            "'django_migrations' AND relnamespace = 'public'::regnamespace"
        )
        tables = [name for (name,) in cursor.fetchall()]
        parts += [f"DELETE FROM {table}" for table in tables]
        for table in tables:
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum), "
                "string_agg(format('quote_nullable(%%I)', attname), ' || '', '' || ' "
                "ORDER BY attnum) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                "AND NOT attisdropped AND attgenerated = ''",
                [table],
            )
            columns, values = cursor.fetchone()
            cursor.execute(f"SELECT {values} FROM {table}")
            parts += [
                f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({row})"
                for (row,) in cursor.fetchall()
            ]
    return ";\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
