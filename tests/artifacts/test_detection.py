import pytest

from apps.artifacts.detection import TextCheck, content_type

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"


def detected(data, name="file", pieces=1):
    check = TextCheck()
    size = max(1, -(-len(data) // pieces))
    for start in range(0, len(data), size):
        check.feed(data[start : start + size])
    check.feed(b"", final=True)
    return content_type(data[:8192], name, is_text=check.passed)


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"plain words\n", "a.log", "text/plain"),
        (b"", "empty.log", "text/plain"),
        (b"\x1b[31mred\x1b[0m\n", "colours.log", "text/plain"),
        ("Grüße\n".encode(), "a.txt", "text/plain"),
        ("Grüße\n".encode("latin-1"), "a.txt", "application/octet-stream"),
        (b"words\x00words", "a.txt", "application/octet-stream"),
        (b"<html><script>alert(1)</script>", "a.txt", "text/html"),
        (b"words before <script>alert(1)</script>", "a.txt", "text/html"),
        (b"\n  <!DOCTYPE html>\n", "a.png", "text/html"),
        (b"<svg onload='alert(1)'>", "a.png", "image/svg+xml"),
        (b"<?xml version='1.0'?><svg>", "a.svg", "image/svg+xml"),
        (b"<?xml version='1.0'?><testsuites/>", "junit.xml", "application/xml"),
        (b"window.x = 1", "a.js", "text/javascript"),
        (b'{"a": 1}', "a.json", "application/json"),
        ("Grüße\n".encode("utf-16"), "a.txt", "text/plain"),
        ("Grüße\n".encode("utf-32"), "a.txt", "text/plain"),
        (b"\xff\xfe\x00\xd8\x00\x00", "a.txt", "application/octet-stream"),
        (b"MARC\x00\xff", "a.mar", "application/octet-stream"),
        (PNG, "a.txt", "image/png"),
        (PNG, "evil.html", "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "a", "image/jpeg"),
        (b"GIF89a\x01\x00\x01\x00\x80\xff", "a", "image/gif"),
        (b"GIF89a=1;alert(1)//", "a.gif", "text/plain"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 \xff", "a", "image/webp"),
        (b"%PDF-1.7\n%\xff\xff", "a.pdf", "application/pdf"),
        (b"%PDF-1.7\nall in letters", "a.txt", "application/pdf"),
        (b"PK\x03\x04\x14\x00\x00\x00\x08\x00\xff", "trace.zip", "application/zip"),
        (b"PK\x03\x04\x14\x00\x00\x00\x08\x00\xff", "a.png", "application/zip"),
        (b"\x01\x02\x03\x04nothing known\xff", "a.png", "application/octet-stream"),
    ],
)
def test_the_bytes_say_what_a_file_is(data, name, expected):
    assert detected(data, name) == expected


def test_a_letter_cut_between_two_pieces_is_still_text():
    assert detected("ü".encode() * 9, pieces=9) == "text/plain"
    assert detected("üüü".encode(), pieces=6) == "text/plain"


def test_a_letter_cut_by_the_end_is_no_text():
    assert detected("ü".encode()[:1]) == "application/octet-stream"
