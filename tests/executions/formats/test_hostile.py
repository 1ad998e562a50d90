"""Hostile files: each is read in a process of its own with little memory and little time."""

import gzip
import io
import os
import resource
import socket
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from .apart import CLOSE, CPU_SECONDS, MEMORY, MIB, OPEN, read_apart, repeated


def billion_laughs(path: Path) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    path.write_text(
        f'<!DOCTYPE testsuite [<!ENTITY l0 "lol">{entities}]>'
        '<testsuite name="s"><testcase name="&l9;"/></testsuite>'
    )


def quadratic_entities(path: Path) -> None:
    head = b'<!DOCTYPE testsuite [<!ENTITY a "' + b"a" * MIB + b'">]>' + OPEN
    repeated(path, head, b"&a;", 100_000, CLOSE)


def default_attributes(path: Path) -> None:
    head = b'<!DOCTYPE testsuite [<!ATTLIST testcase name CDATA "' + b"a" * MIB + b'">]>'
    repeated(path, head + b"<testsuite>", b"<testcase/>", 100_000, b"</testsuite>")


def parameter_entities(path: Path) -> None:
    path.write_text(
        "<!DOCTYPE testsuite [<!ENTITY % a \"<!ENTITY b 'c'>\"> %a;]><testsuite>&b;</testsuite>"
    )


def parameter_entities_utf16(path: Path) -> None:
    path.write_bytes('<!DOCTYPE a [<!ENTITY % a "b"> %a;]><testsuite/>'.encode("utf-16"))


def depth_of_a_million(path: Path) -> None:
    repeated(path, b"", b"<testsuite>", 1_000_000)


def depth_within_a_failure(path: Path) -> None:
    repeated(path, OPEN + b"<failure>", b"<b>", 1_000_000)


def attribute_of_200_mb(path: Path) -> None:
    repeated(path, b'<testsuite><testcase name="', b"a" * 1000, 200_000, b'"/></testsuite>')


def comment_of_200_mb(path: Path) -> None:
    repeated(path, b"<testsuite><!-- ", b"a" * 1000, 200_000, b"--></testsuite>")


def instruction_of_200_mb(path: Path) -> None:
    repeated(path, b"<testsuite><?a ", b"a" * 1000, 200_000, b"?></testsuite>")


def element_name_of_200_mb(path: Path) -> None:
    repeated(path, b"<testsuite><", b"a" * 1000, 200_000, b"/></testsuite>")


def ten_million_attributes(path: Path) -> None:
    block = " ".join([f'a{number}=""' for number in range(100_000)]).encode() + b" "
    repeated(path, b"<testsuite><testcase ", block, 100, b"/></testsuite>")


def different_names_without_end(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"<testsuite>")
        for start in range(0, 1_000_000, 100_000):
            numbers = range(start, start + 100_000)
            file.write("".join([f"<e{number}/>" for number in numbers]).encode())
        file.write(b"</testsuite>")


def long_suite_names_nested(path: Path) -> None:
    repeated(path, b"", b'<testsuite name="' + b"a" * 4 * MIB + b'">', 40)


def nameless_without_end(path: Path) -> None:
    repeated(path, b"<testsuite>", b"<testcase/>", 5_000_000, b"</testsuite>")


def cut_within_a_text(path: Path) -> None:
    repeated(path, OPEN + b"<failure>", b"a" * 1000, 50_000)


def nul_bytes(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 * MIB)


def nul_bytes_within_xml(path: Path) -> None:
    with path.open("wb") as file:
        file.write(OPEN)
        file.truncate(200 * MIB)


def packed(path: Path, head: bytes, block: bytes, times: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    with path.open("wb") as file:
        file.write(packer.compress(head))
        for _ in range(times):
            file.write(packer.compress(block))
        file.write(packer.flush())


def gzip_bomb(path: Path) -> None:
    packed(path, OPEN + b"<failure>", b"a" * MIB, 64)


def gzip_of_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(gzip.compress(OPEN + CLOSE)))


def gzip_of_zip(path: Path) -> None:
    path.write_bytes(gzip.compress(archive({"a.xml": OPEN + CLOSE})))


def gzip_cut(path: Path) -> None:
    path.write_bytes(gzip.compress(OPEN + os.urandom(1000).hex().encode() + CLOSE)[:-20])


def gzip_of_nothing_over_and_over(path: Path) -> None:
    repeated(path, b"", gzip.compress(b""), 1_000_000)


def archive(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, body in members.items():
            opened.writestr(name, body)
    return file.getvalue()


def zip_of_100_000_entries(path: Path) -> None:
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    )  # fmt: skip
    directory = (entry + b"a") * 100_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 100_000 & 0xFFFF, 100_000 & 0xFFFF,
                      len(directory), len(local), 0)  # fmt: skip
    path.write_bytes(local + directory + end)


def zip_with_a_lying_count(path: Path) -> None:
    zip_of_100_000_entries(path)
    body = bytearray(path.read_bytes())
    struct.pack_into("<2H", body, len(body) - 14, 1, 1)
    path.write_bytes(body)


def zip_overlapping(path: Path) -> None:
    """Two entries of the directory that point at the same bytes."""
    body = archive({"a.xml": OPEN + CLOSE})
    at = body.index(b"PK\1\2")
    end = body.index(b"PK\5\6")
    twice = body[at:end] * 2
    tail = bytearray(body[end:])
    struct.pack_into("<2H2L", tail, 8, 2, 2, len(twice), at)
    path.write_bytes(body[:at] + twice + tail)


def zip_with_lying_sizes(path: Path) -> None:
    """The directory says that the member is one byte long."""
    body = bytearray(archive({"a.xml": OPEN + CLOSE}))
    struct.pack_into("<L", body, body.index(b"PK\1\2") + 24, 1)
    path.write_bytes(body)


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        opened.writestr("a.xml", OPEN + b"<failure>" + b"a" * 64 * MIB)


def zip_within_zip(path: Path) -> None:
    inner = archive({"a.xml": OPEN + CLOSE})
    path.write_bytes(archive({"a.zip": inner, "b.zip": inner}))


def zip_cut(path: Path) -> None:
    path.write_bytes(archive({"a.xml": OPEN + os.urandom(9000) + CLOSE})[:-30])


def zip_lzma_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as opened:
        opened.writestr("a.xml", b" " * 20 * MIB)


def json_depth_of_a_million(path: Path) -> None:
    repeated(path, b"[", b"[", 1_000_000)


def json_text_of_200_mb(path: Path) -> None:
    repeated(path, b'[{"name": "', b"a" * 1000, 200_000, b'"}]')


def json_keys_without_end(path: Path) -> None:
    repeated(path, b'[{"name": "a"', b', "a": 1', 10_000_000, b"}]")


REFUSED = [
    billion_laughs, quadratic_entities, default_attributes, parameter_entities,
    parameter_entities_utf16, depth_of_a_million, depth_within_a_failure, attribute_of_200_mb,
    comment_of_200_mb, instruction_of_200_mb, element_name_of_200_mb, ten_million_attributes,
    different_names_without_end, long_suite_names_nested, nameless_without_end, cut_within_a_text,
    nul_bytes, nul_bytes_within_xml, gzip_bomb, gzip_of_gzip, gzip_of_zip, gzip_cut,
    gzip_of_nothing_over_and_over, zip_of_100_000_entries, zip_with_a_lying_count, zip_overlapping,
    zip_with_lying_sizes, zip_bomb, zip_within_zip, zip_cut, zip_lzma_bomb,
    json_depth_of_a_million, json_text_of_200_mb, json_keys_without_end,
]  # fmt: skip


@pytest.mark.parametrize("write", REFUSED, ids=lambda write: write.__name__)
def test_a_hostile_file_is_refused_in_little_time_and_memory(write, tmp_path):
    path = tmp_path / "hostile"
    write(path)
    told = read_apart(path)
    path.unlink()
    assert told["refused"], told
    assert told["cpu"] < CPU_SECONDS


def test_a_name_that_climbs_out_of_a_zip_is_a_label_and_writes_nothing(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    path = inside / "hostile"
    path.write_bytes(archive({"../../up.xml": OPEN + CLOSE, "/etc/up.xml": OPEN + CLOSE}))
    told = read_apart(path)
    assert told["results"] == 2
    assert [entry.name for entry in tmp_path.rglob("*")] == ["inside", "hostile"]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a SYSTEM "{url}"><testsuite><testcase name="a"/></testsuite>',
        '<!DOCTYPE a PUBLIC "-//a" "{url}"><testsuite><testcase name="a"/></testsuite>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "{url}">]><testsuite><testcase name="&b;"/></testsuite>',
        '<!DOCTYPE a [<!ENTITY % b SYSTEM "{url}"> %b;]><testsuite/>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><testsuite>&b;</testsuite>',
    ],
)
def test_nothing_outside_the_file_is_ever_asked_for(text, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        path = tmp_path / "hostile"
        path.write_text(text.format(url=f"http://127.0.0.1:{listener.getsockname()[1]}/a.dtd"))
        told = read_apart(path)
        assert "DOCTYPE" in told["refused"]
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_schema_location_is_only_an_attribute(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/a.xsd"
        path = tmp_path / "report"
        path.write_text(
            '<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:noNamespaceSchemaLocation="{url}"><testcase name="a"/></testsuite>'
        )
        assert read_apart(path)["results"] == 1
        with pytest.raises(TimeoutError):
            listener.accept()


def test_the_memory_limit_of_these_tests_bites():
    """The tests above would prove nothing if the limit were not in force."""
    code = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))\n"
        f"b'a' * {2 * MEMORY}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert "MemoryError" in done.stderr
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != MEMORY
