"""The test data of one process: what is recorded, which set lies in the database, what failed."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections, transaction

from testoqa.testing import cache, catalogue, clock, created, people, replay, sequences
from testoqa.testing.cache import Cache, Recorded
from testoqa.testing.initial import initial
from testoqa.testing.recording import Recorder
from testoqa.testing.registry import EnsureDataError, Populate, Registry
from testoqa.testing.restoring import Contents, Database
from testoqa.testing.scripts import Script

Names = tuple[str, ...]


@dataclass
class Choices:
    """What the command line and the ini file ask for."""

    mode: str
    cache: Cache
    base: str = ""
    now: str = "real"
    modules: list[str] = field(default_factory=list)
    sources: list[Path] = field(default_factory=list)
    verify: bool = False


@dataclass
class Failure:
    """Why the rows of a function are missing, and for which test they were first wanted."""

    cause: BaseException
    first: str = ""


class TestData:
    """Knows the scripts of all functions, and puts the wanted set into the database."""

    __test__ = False

    def __init__(
        self,
        alias: str,
        registry: Registry,
        choices: Choices,
        say: Callable[[str], None] = print,
        renew: Callable[[], None] | None = None,
    ) -> None:
        self.alias = alias
        self.registry = registry
        self.choices = choices
        self.renew = renew
        self.say = say
        self.told_of_passwords = False
        self.database = Database(alias, say)
        self.recorded = Recorded({}, {}, {})
        self.failures: dict[str, Failure] = {}
        self.sets: dict[Names, Contents] = {}
        self.present: list[str] = []
        self.recorder: Recorder | None = None
        self.calls: dict[str, int] = {}
        self.fingerprints: dict[Names, dict[str, str | None]] = {}
        self.module = ""

    def open(self, wanted: Mapping[str, Iterable[Any]]) -> None:
        """Find or make the scripts, then leave the database as migrations left it.

        `wanted` tells what the tests of each file use: in uncached mode nothing else runs.
        """
        everything = self.order(self.registry.functions)
        mode = self.choices.mode
        if mode in ("uncached", "save"):
            self.recorded = self._record(self.order(chain.from_iterable(wanted.values())))
            if mode == "save":
                self._save(wanted)
        elif mode == "saved":
            pass  # each file of tests brings its own
        elif mode == "build":
            with self.choices.cache.lock():
                self._build(everything)
        elif mode == "cached":
            self.recorded = self.choices.cache.require(self.key_parts())
        else:
            with self.choices.cache.lock():
                found = self.choices.cache.find(self.key_parts())
                if found is None:
                    self._build(everything)
                else:
                    self.recorded = found
        self.database.seeds = {**sequences.seeds(self.database.raw), **self.recorded.seeds}
        self._put(())
        self.database.restart_sequences(sequences.seeds(self.database.raw, headroom=1))

    def order(self, wanted: Iterable[Any], asker: str = "uses") -> list[Populate]:
        return self.registry.order(wanted, base=self.choices.base, asker=asker)

    def key_parts(self) -> dict[str, str]:
        return cache.key_parts(
            self.database.raw,
            self.registry.functions.values(),
            self.choices.sources,
            f"{self.choices.base} {self.choices.now}",
            day=f"{datetime.now(UTC):%F}" if self.choices.now == "real" else "",
        )

    def names(self, wanted: Iterable[Any], asker: str) -> Names:
        return tuple(function.name for function in self.order(wanted, asker))

    def begin(self, names: Names | None, test: str) -> None:
        """Before a test, outside its transaction: the rows of these functions and no others.

        None is for a test that uses no data set: it finds what it would find without this plugin.
        """
        self.database.started_by = self.database.started_by or test
        if names is None:
            if self.database.names:
                self._put(())
            self.present = []
            self.database.started_by = test
            return
        if self.choices.mode == "saved":
            self._bring(test.partition("::")[0])
        self._require_recorded(names, test)
        if self.database.names != names:
            self._put(names)
            self.database.restart_sequences()
        elif self.database.start_again():
            self._forget_cached_rows()
        self.present = list(names)
        self.database.started_by = test

    def end(self, *, fresh_database: bool = False) -> None:
        """After a test that commits: back to the data set."""
        look = self.database.look_for_changes()
        if fresh_database or look.structure != self.database.structure:
            self._renew()
        elif self.database.names is not None and self.database.restore(look):
            self._forget_cached_rows()

    def ensure(self, function: Populate) -> None:
        """A function was called: run it while building, else replay what is not there yet."""
        if self.recorder is not None:
            self.recorder.record(function)
            return
        for each in self.order([function]):
            if each.name in self.present:
                continue
            if each.name in self.recorded.scripts:
                with transaction.atomic(using=self.alias):
                    replay.replay(
                        self.database.raw,
                        self.recorded.scripts[each.name],
                        self.database.tables,
                        replica=self.database.replica,
                    )
            else:
                self._recorder().record(each)
            self.present.append(each.name)

    def created(self, row: Any) -> bool:
        """Whether the row is neither of migrations nor of the functions that were replayed."""
        recorded = self.recorded.scripts
        scripts = [self._ground(), *(recorded[name] for name in self.present if name in recorded)]
        table = self.database.table(row._meta.db_table)
        return created.is_new(self.database.raw, table, row, scripts)

    def verify(self, test: str) -> None:
        """Compare every table with the data set: finds what flags cannot see."""
        names = self.database.names
        if names is None or names not in self.fingerprints:
            return
        now, then = self.database.fingerprint(), self.fingerprints[names]
        differing = sorted(name for name in now if now[name] != then.get(name))
        if differing:
            self.database.forget()
            raise EnsureDataError(
                f"--ensure-data-verify: after {test} {', '.join(differing)} "
                f"{'differ' if len(differing) > 1 else 'differs'} from the data set. Something "
                "wrote where no trigger sees it: look for DISABLE TRIGGER, or a thread that "
                "outlives the test."
            )

    def _save(self, wanted: Mapping[str, Iterable[Any]]) -> None:
        """Keep for each file of tests what it uses, except what failed."""
        with self.choices.cache.lock():
            parts = self.key_parts()
            for path, references in wanted.items():
                names = [function.name for function in self.order(references)]
                scripts = {
                    name: self.recorded.scripts[name]
                    for name in names
                    if name in self.recorded.scripts
                }
                saved = Recorded(self.recorded.initial, scripts, self.recorded.seeds)
                self.choices.cache.save(_module(path), parts, saved)

    def _bring(self, path: str) -> None:
        """Use the rows that were saved for this file of tests, and no longer those of another."""
        if path == self.module:
            return
        schema = catalogue.fingerprint_of_schema(self.database.raw)
        self.recorded = self.choices.cache.saved(_module(path), path, schema)
        self.module = path
        self.database.seeds = self.recorded.seeds
        self.database.forget()
        self.sets.clear()
        self.fingerprints.clear()

    def _build(self, functions: list[Populate]) -> None:
        """Record every function and write the scripts, unless one failed."""
        self.recorded = self._record(functions)
        if not self.failures:
            self.choices.cache.write(self.key_parts(), self.recorded)
        elif self.choices.mode == "build":
            name, failure = next(iter(self.failures.items()))
            raise EnsureDataError(_failed(name, failure)) from failure.cause

    def _record(self, functions: list[Populate]) -> Recorded:
        """Run the functions one after another on the rows that migrations left.

        All take their numbers from one run of the sequences, so no two scripts share a number, and
        any of them can be replayed together.
        """
        database = self.database
        ground = initial(database.raw, database.tables)
        database.fill((), [ground])
        database.restart_sequences(sequences.seeds(database.raw, headroom=1))
        scripts: dict[str, Script] = {}
        self.recorder = self._recorder()
        try:
            for function in functions:
                with self._clock():
                    self._record_one(self.recorder, function, scripts)
            self.recorder.require_nothing_written()
        finally:
            self.recorder = None
        return Recorded(ground, scripts, sequences.seeds(database.raw))

    def _recorder(self) -> Recorder:
        return Recorder(self.alias, self.database.tables, self._modules())

    def _record_one(
        self, recorder: Recorder, function: Populate, scripts: dict[str, Script]
    ) -> None:
        """A failure is kept for the tests that want these rows; what depends on it fails too."""
        for name in self.names([function], function.name)[:-1]:
            if name in self.failures:
                self.failures[function.name] = self.failures[name]
                return
        recorder.require_nothing_written()
        self.calls[function.name] = self.calls.get(function.name, 0) + 1
        try:
            script = scripts[function.name] = recorder.record(function)
        except Exception as error:
            self.failures[function.name] = Failure(error)
            return
        if not self.told_of_passwords and (said := people.slow(function.name, script)):
            self.told_of_passwords = True
            self.say(said)

    def _clock(self) -> AbstractContextManager[Any]:
        """Each function runs at the instant at which the tests begin."""
        if self.choices.now == "real":
            return nullcontext()
        return clock.stopped(clock.instant(self.choices.now))

    def _require_recorded(self, names: Names, test: str) -> None:
        for name in names:
            if failure := self.failures.get(name):
                failure.first = failure.first or test
                raise EnsureDataError(_failed(name, failure)) from failure.cause
        missing = [name for name in names if name not in self.recorded.scripts]
        if missing and self.choices.mode == "saved":
            path = test.partition("::")[0]
            raise EnsureDataError(
                f"{missing[0]} is not among the rows saved for {path}. Save them again: "
                f"pytest --ensure-data=save {path}"
            )
        if missing:
            raise EnsureDataError(
                f"{missing[0]} was not recorded: name its module in ensure_data_modules."
            )

    def _put(self, names: Names) -> None:
        contents = self.sets.get(names)
        if contents is None:
            wanted = [self.recorded.scripts[name] for name in names]
            self.sets[names] = self.database.fill(names, [self._ground(), *wanted])
        else:
            self.database.load(contents)
        if self.choices.verify and names not in self.fingerprints:
            self.fingerprints[names] = self.database.fingerprint()
        self._forget_cached_rows()

    def _ground(self) -> Script:
        """The rows that migrations left."""
        return self.recorded.initial or initial(self.database.raw, self.database.tables)

    def _renew(self) -> None:
        if self.renew is None:
            raise EnsureDataError(
                f"{self.database.started_by} changed the schema, and there is no template to take "
                "a fresh database from: leave out --reuse-db and --nomigrations."
            )
        self.renew()
        self.database.forget()
        self.database.look()

    def _forget_cached_rows(self) -> None:
        """Django remembers content types by their numbers, which may be others now."""
        if apps.is_installed("django.contrib.contenttypes"):
            from django.contrib.contenttypes.models import ContentType

            ContentType.objects.clear_cache()

    def _modules(self) -> set[str]:
        """Where functions are defined: also those of modules that no ini name names."""
        defining = {function.body.__module__ for function in self.registry.functions.values()}
        return defining.union(self.choices.modules)

    @property
    def connection(self) -> Any:
        return connections[self.alias]


def _module(path: str) -> str:
    """tests/runs/test_x.py is tests.runs.test_x."""
    return path.removesuffix(".py").replace("/", ".")


def _failed(name: str, failure: Failure) -> str:
    cause = failure.cause
    lines = str(cause).strip().splitlines() or [""]
    first = f" (first at {failure.first})" if failure.first else ""
    return f"data set of {name} failed in this process: {type(cause).__name__} {lines[0]}{first}"
