"""From the reader to the temporary table: one binary COPY, with bounded memory."""

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import orjson
from django.db import connection

from ..formats import Reading, Result
from ..identity import canonical_json, variant_hash
from ..models import INLINE_TEXT

SORT_MEMORY = "64MB"
"""Of the database's process while it takes a large file in; its default spills to disk early."""

# An earlier upload of the same transaction may have left its tables.
INCOMING = f"""
SET LOCAL work_mem = '{SORT_MEMORY}';
DROP TABLE IF EXISTS pg_temp.incoming, pg_temp.incoming_try, pg_temp.test, pg_temp.matched,
    pg_temp.unknown, pg_temp.place, pg_temp.placed, pg_temp.met, pg_temp.earlier;
CREATE TEMPORARY TABLE incoming (
    ord integer NOT NULL,
    key text NOT NULL,
    key_hash uuid GENERATED ALWAYS AS (md5(key)::uuid) STORED,
    case_number integer,
    suite_path text NOT NULL,
    title text NOT NULL,
    case_title text,
    base bytea NOT NULL,
    label text NOT NULL,
    attempt integer,
    retry boolean NOT NULL,
    verdict varchar(7) NOT NULL,
    duration_ms bigint,
    started_at timestamptz,
    message text NOT NULL,
    trace text NOT NULL,
    output text NOT NULL,
    parameters text NOT NULL,
    properties text NOT NULL
) ON COMMIT DROP;
CREATE TEMPORARY TABLE incoming_try (
    ord integer NOT NULL,
    position integer NOT NULL,
    verdict varchar(7) NOT NULL,
    duration_ms bigint,
    message text NOT NULL,
    trace text NOT NULL,
    output text NOT NULL
) ON COMMIT DROP;
"""
COPY_RESULTS = """
COPY incoming (ord, key, case_number, suite_path, title, case_title, base, label, attempt, retry,
    verdict, duration_ms, started_at, message, trace, output, parameters, properties)
FROM STDIN (FORMAT BINARY)
"""
RESULT_TYPES = (
    "int4 text int4 text text text bytea text int4 bool varchar "
    "int8 timestamptz text text text text text"
).split()
COPY_TRIES = """
COPY incoming_try (ord, position, verdict, duration_ms, message, trace, output)
FROM STDIN (FORMAT BINARY)
"""
TRY_TYPES = "int4 int4 varchar int8 text text text".split()
PATH_SEPARATOR = "\x1f"
SURELY_INLINE = INLINE_TEXT // 4
"""So many characters fit into a row whatever bytes they take."""


class Spill:
    """Rows kept in a file until the connection is free again; read back once, in order."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by close()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, row: tuple) -> None:
        pickle.dump(row, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._count += 1

    def __iter__(self) -> Iterator[tuple]:
        self._file.seek(0)
        for _ in range(self._count):
            yield pickle.load(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error) -> None:
        self._file.close()


@dataclass
class Copied:
    """What the copy left behind: how many rows, the tests' time, and texts too long for a row."""

    long_texts: Spill
    rows: int = 0
    duration_ms: int = 0
    explicit_cases: bool = False


def copy_results(
    results: Iterable[Result],
    reading: Reading,
    *,
    project_key: str,
    configuration: dict,
    attempt: int | None,
    long_texts: Spill,
) -> Copied:
    """Fill the temporary table `incoming`; items that cannot be stored go to reading.refused."""
    copied = Copied(long_texts)
    variant_of = cache_of_variants(configuration)
    suite_path, joined_path = (), ""
    with Spill() as tries, connection.cursor() as cursor:
        cursor.execute(INCOMING)
        with cursor.copy(COPY_RESULTS) as copy:
            copy.set_types(RESULT_TYPES)
            write = copy.write_row
            for result in results:
                case_number = case_title = None
                if result.case:
                    case_number = _case_number(result, project_key, reading)
                    if case_number is None:
                        continue
                    copied.explicit_cases = True
                if result.bracket:
                    case_title = result.stem
                if result.parameters:
                    base = variant_hash(result.bracket, result.parameters, configuration)
                    label = label_of(result.bracket, result.parameters, configuration)
                else:
                    base, label = variant_of(result.bracket)
                if result.suite_path is not suite_path:
                    # The reader gives the tests of one class the same one.
                    suite_path = result.suite_path
                    joined_path = PATH_SEPARATOR.join(suite_path)
                texts = result.message, result.trace, result.output
                if sum(map(len, texts)) > SURELY_INLINE:
                    texts = _inline_texts(texts, "", result.index, copied)
                copied.rows += 1
                copied.duration_ms += result.duration_ms or 0
                write(
                    (
                        result.index,
                        result.key,
                        case_number,
                        joined_path,
                        result.name,
                        case_title,
                        base,
                        label,
                        result.attempt or attempt,
                        result.dialect_retry,
                        result.status,
                        result.duration_ms,
                        result.started_at,
                        *texts,
                        canonical_json(result.parameters) if result.parameters else "{}",
                        orjson.dumps(result.properties).decode() if result.properties else "{}",
                    )
                )
                for position, earlier in enumerate(result.tries):
                    tries.add(_try_row(result.index, position, earlier, copied))
        if tries:
            _copy_tries(cursor, tries)
        cursor.execute("CREATE INDEX ON incoming (ord)")
        cursor.execute("ANALYZE incoming (ord, key_hash, case_number, base)")
    if copied.long_texts:
        cut = ", or what is kept of one that was cut," if reading.texts_cut else ""
        reading.warnings.append(
            f"{len(copied.long_texts)} texts are longer than 64 KiB: their beginning is shown "
            f"with the result, the whole{cut} is a file beside it."
        )
    return copied


def cache_of_variants(configuration):
    """The hash and label of a variant without parameters; many tests share their brackets."""

    @lru_cache(maxsize=4096)
    def variant_of(bracket):
        return variant_hash(bracket, None, configuration), label_of(bracket, None, configuration)

    return variant_of


def label_of(bracket, parameters, configuration) -> str:
    """How people see a variant: the bracket, parameters and configuration of the result."""
    pairs = {**(parameters or {}), **(configuration or {})}
    parts = [bracket] if bracket else []
    parts += [f"{name}={value}" for name, value in pairs.items()]
    return " · ".join(parts)


def _case_number(result, project_key, reading):
    prefix, _, number = result.case.partition("-")
    if prefix == project_key and number.isascii() and number.isdigit() and len(number) < 10:
        return int(number)
    reading.refused.append(
        {"index": result.index, "reason": f"{result.case} is not a case of {project_key}."}
    )
    return None


def _inline_texts(texts, of, ord_, copied):
    kinds = ("message", "trace", "output")
    return [_inline(text, of + kind, ord_, copied) for text, kind in zip(texts, kinds, strict=True)]


def _inline(text, kind, ord_, copied):
    """The part that fits into the row; the whole is stored as a file after the copy."""
    if len(text) * 4 <= INLINE_TEXT:
        return text
    inline = text[:INLINE_TEXT].encode()
    if len(text) <= INLINE_TEXT and len(inline) <= INLINE_TEXT:
        return text
    copied.long_texts.add((ord_, kind, text))
    return inline[:INLINE_TEXT].decode(errors="ignore")


def _try_row(ord_, position, earlier, copied):
    texts = earlier.message, earlier.trace, earlier.output
    texts = _inline_texts(texts, f"try {position + 1} ", ord_, copied)
    return (ord_, position, earlier.status, earlier.duration_ms, *texts)


def _copy_tries(cursor, tries):
    with cursor.copy(COPY_TRIES) as copy:
        copy.set_types(TRY_TYPES)
        for row in tries:
            copy.write_row(row)
