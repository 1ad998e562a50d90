"""Rules of reading that no single kept file shows."""

import gzip
import io
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from apps.executions.formats import FileRefused, Limits, Reading, read_results


def read(body: bytes, filename="report.xml", **limits):
    reading = Reading()
    stream = io.BytesIO(body)
    limits = Limits(**limits)
    found = list(read_results(stream, filename=filename, reading=reading, limits=limits))
    return found, reading


def suite(*tests: str) -> bytes:
    return f'<testsuite name="shop">{"".join(tests)}</testsuite>'.encode()


def test_the_reader_needs_no_django():
    code = "import sys, apps.executions.formats; sys.exit('django' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_repaired_reading_gives_no_result_twice_and_none_too_few():
    """The bad character comes late, when thousands of results were handed on already."""
    tests = [f'<testcase classname="c" name="n{number}"/>' for number in range(5_000)]
    tests[4_900] = '<testcase classname="c" name="n4900\x1b"/>'
    results, reading = read(suite(*tests))
    assert [result.index for result in results] == list(range(5_000))
    assert results[4_900].name == "n4900␛"
    assert reading.received == 5_000
    assert reading.repaired == 1


def test_a_repair_notes_each_warning_once():
    tests = ['<testcase name="a" time="long"/>', "<testcase/>"]
    tests += [f'<testcase name="n{number}"/>' for number in range(5_000)]
    results, reading = read(suite(*tests, '<testcase name="\x01"/>'))
    assert len(results) == 5_002
    assert reading.refused == [
        {"line": 1, "reason": "the test case has neither a name nor a classname"}
    ]
    assert [warning for warning in reading.warnings if "long" in warning].__len__() == 1


def test_a_file_that_stays_broken_is_refused_with_its_place():
    with pytest.raises(FileRefused, match=r"report\.xml, line 1, column \d+: not well-formed"):
        read(b'<testsuite><testcase name="a & b"/></testsuite>')
    with pytest.raises(FileRefused, match="mismatched tag"):
        read(b"<testsuite><testcase></testsuite>")
    with pytest.raises(FileRefused, match="undefined entity"):
        read(b"<testsuite><testcase name='&nbsp;'/></testsuite>")


@pytest.mark.parametrize("length", [0, 1, 30, 60])
def test_every_cut_of_a_file_is_refused(length):
    body = suite('<testcase name="a"><failure>x</failure></testcase>')
    with pytest.raises(FileRefused):
        read(body[:length])


def test_an_unknown_encoding_and_a_codec_that_is_none_are_refused():
    for encoding in ("klingon", "rot13", "zlib", "idna", "unicode_escape"):
        body = f'<?xml version="1.0" encoding="{encoding}"?><testsuite/>'.encode()
        with pytest.raises(FileRefused, match="not known here"):
            read(body)


def test_a_text_past_its_limit_keeps_head_and_tail_and_says_so():
    test = (
        f'<testcase name="a"><failure message="m">{"h" * 5_000}{"t" * 5_000}</failure></testcase>'
    )
    (result,), reading = read(suite(test), text=1_000)
    assert result.trace == "h" * 500 + "\n[… 9,000 characters cut here …]\n" + "t" * 500
    assert reading.warnings == [
        "report.xml, line 1, “a”: 9,000 characters cut from the middle of its trace; the first 500 "
        "and the last 500 are kept."
    ]


@pytest.mark.parametrize("letter", ["a", "é", "ж", "🙂"])
def test_a_long_text_is_kept_whole_up_to_8_mib_in_memory(letter):
    bytes_each = {"a": 1, "é": 1, "ж": 2, "🙂": 4}[letter]
    text = letter * ((8 << 20) // bytes_each)
    (result,), reading = read(suite(f'<testcase name="a"><failure>{text}</failure></testcase>'))
    assert result.trace == text
    assert not reading.warnings


def test_a_text_of_wide_characters_takes_no_more_memory():
    text = "a" * 900 + "🙂" * 900
    (result,), reading = read(
        suite(f'<testcase name="a"><failure>{text}</failure></testcase>'), text=1_000
    )
    assert result.trace == "a" * 125 + "\n[… 1,550 characters cut here …]\n" + "🙂" * 125
    assert "the first 125 and the last 125 are kept" in reading.warnings[0]


def test_tries_share_the_room_of_their_texts():
    tries = [f"<flakyFailure>{letter * 900}</flakyFailure>" for letter in "abc"]
    (result,), reading = read(
        suite(f'<testcase name="a">{"".join(tries)}</testcase>'), text=3_900, try_text=100
    )
    assert [len(earlier.trace) for earlier in result.tries[:2]] == [900, 900]
    assert result.tries[2].trace.startswith("c" * 50 + "\n[… 800 characters cut here …]")
    assert "800 characters cut from the middle of its try; the first 50" in reading.warnings[0]


def test_tries_past_their_limit_are_counted_in_a_warning():
    flaky = '<flakyFailure message="m">x</flakyFailure>' * 60
    (result,), reading = read(suite(f'<testcase name="a">{flaky}</testcase>'))
    assert len(result.tries) == 50
    assert "10 tries past the first 50 not kept" in reading.warnings[0]


def test_warnings_of_one_kind_are_counted_past_the_first_twenty():
    _, reading = read(suite(*['<testcase name="a" time="long"/>'] * 100))
    assert len(reading.warnings) == 21
    assert reading.warnings[-1] == "80 more notes of times."


def test_thousands_of_entries_without_a_name_refuse_the_file():
    with pytest.raises(FileRefused, match="More than 5 entries"):
        read(suite(*["<testcase/>"] * 10), refused=5)


def test_gzip_of_several_members_is_read_to_its_end():
    body = suite('<testcase name="a"/>')
    packed = gzip.compress(body[:20]) + gzip.compress(body[20:]) + b"\0" * 512
    assert len(read(packed)[0]) == 1
    with pytest.raises(FileRefused, match="goes on with something else"):
        read(packed + b"rubbish")
    with pytest.raises(FileRefused, match="ends before"):
        read(gzip.compress(body)[:-9])
    damaged = bytearray(gzip.compress(body))
    damaged[-6] ^= 1
    with pytest.raises(FileRefused, match="damaged"):
        read(bytes(damaged))


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return packed.getvalue()


def test_a_zip_without_a_result_file_and_one_with_a_broken_one_are_refused():
    with pytest.raises(FileRefused, match="holds no result file"):
        read(zipped(a=b"text", b=b"<project/>"))
    with pytest.raises(FileRefused, match=r"report\.zip:b"):
        read(zipped(a=suite('<testcase name="a"/>'), b=b"<testsuite><testcase"), "report.zip")


def test_progress_counts_bytes_of_the_upload_and_never_goes_back():
    tests = [f'<testcase classname="c" name="n{number}"/>' for number in range(20_000)]
    tests[19_000] = '<testcase name="\x02"/>'
    for body in (suite(*tests), gzip.compress(suite(*tests)), zipped(a=suite(*tests))):
        reading, seen = Reading(), []
        for _ in read_results(io.BytesIO(body), filename="f", reading=reading):
            seen.append(reading.bytes_read)
        assert seen == sorted(seen)
        assert reading.bytes_read == reading.bytes_total == len(body)


def test_a_file_of_another_kind_is_named():
    with pytest.raises(FileRefused, match="its root is “html”"):
        read(b"<html></html>")
    with pytest.raises(FileRefused, match="neither XML nor JSON"):
        read(b"%PDF-1.7")
    with pytest.raises(FileRefused, match="is empty"):
        read(b"")
    with pytest.raises(FileRefused, match="holds zip data within gzip"):
        read(gzip.compress(zipped(a=b"x")))


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "moment",
    ["9999-12-31T23:59:59", "0001-01-01T00:00:00", "1969-06-01T00:00:00Z", "in two days"],
)
def test_a_time_that_no_test_can_have_is_not_kept_and_counted_once(moment):
    if moment == "in two days":
        moment = (datetime.now(UTC) + 2 * DAY).isoformat()
    tests = [f'<testcase name="{name}" timestamp="{moment}"/>' for name in "ab"]
    body = f'<testsuite timestamp="{moment}">{"".join(tests)}<testcase name="c"/></testsuite>'
    results, reading = read(body.encode())
    assert [result.started_at for result in results] == [None] * 3
    assert reading.warnings == [
        "Timestamps before 1970 or more than a day ahead of now are not kept: 3."
    ]


def test_a_clock_that_is_a_little_ahead_is_believed():
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=13)
    (result,), reading = read(suite(f'<testcase name="a" timestamp="{moment.isoformat()}"/>'))
    assert result.started_at == moment
    assert not reading.warnings


def test_a_repair_counts_each_strange_time_once():
    tests = ['<testcase name="a" timestamp="9999-12-31T23:59:59"/>']
    tests += [f'<testcase name="n{number}"/>' for number in range(5_000)]
    reading = read(suite(*tests, '<testcase name="\x01"/>'))[1]
    assert (
        "Timestamps before 1970 or more than a day ahead of now are not kept: 1."
        in reading.warnings
    )
