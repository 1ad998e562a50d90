"""JUnit XML in all its dialects, read as a stream in bounded memory."""

from collections.abc import Iterator
from xml.parsers import expat

from apps.artifacts.reading.charset import find_encoding, repaired, to_utf8
from apps.artifacts.reading.guarded_xml import Unreadable, Watch, failure, guarded_parser
from apps.artifacts.reading.notes import FileRefused

from .results import Limits, Reading, Result
from .testcases import TestFile
from .unpack import Part


def read_junit(part: Part, head: bytes, reading: Reading, limits: Limits) -> Iterator[list[Result]]:
    """The results of one XML file, as many at a time as one chunk of it completes.

    A file that holds forbidden characters is read again, repaired.
    """
    encoding = find_encoding(head, part.name, reading)
    mark, handed_on = reading.mark(), 0
    try:
        chunks = part.chunks()
        for results in _parse(
            chunks if encoding == "utf-8" else to_utf8(chunks, encoding), part, reading, limits
        ):
            handed_on += len(results)
            yield results
        return
    except (Unreadable, UnicodeDecodeError):
        reading.rewind(mark)
    before = reading.repaired
    chunks = repaired(part.chunks(), encoding, part.name, reading, limits)
    try:
        # Up to the first bad character both readings give the same results.
        for results in _parse(chunks, part, reading, limits):
            yield results[handed_on:]
            handed_on = max(handed_on - len(results), 0)
    except Unreadable as error:
        raise FileRefused(str(error)) from error
    if reading.repaired > before:
        reading.warn(
            "characters",
            f"{part.name} holds characters that XML does not allow "
            f"({reading.repaired - before:,}); they were replaced by visible ones.",
        )


def _parse(
    chunks: Iterator[bytes], part: Part, reading: Reading, limits: Limits
) -> Iterator[list[Result]]:
    parser = guarded_parser(part.name)
    test_file = TestFile(part, parser, reading, limits)
    watch = Watch(parser, part.name, limits)
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            watch.check(chunk)
            yield test_file.take()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise failure(error, part.name) from error
    yield test_file.take()
    test_file.finish()
