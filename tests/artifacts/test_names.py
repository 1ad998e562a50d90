import pytest

from apps.artifacts.names import LONGEST, clean_name, ending


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("screen.png", "screen.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\logs\\run.log", "run.log"),
        ("..", "file"),
        ("", "file"),
        ("/", "file"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u2066b\u2069.txt", "ab.txt"),
        ("no\x00thing\x1b[31m.txt", "nothing[31m.txt"),
        ("two\r\nSet-Cookie: a=b.txt", "two Set-Cookie: a=b.txt"),
        ("  many   spaces .txt ", "many spaces .txt"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        ("отчёт.txt", "отчёт.txt"),
        ("cafe\u0301.txt", "café.txt"),
        ("lone\ud800.txt", "lone.txt"),
        (".env", ".env"),
        ("ends with dots...", "ends with dots"),
    ],
)
def test_a_name_keeps_what_can_be_seen(given, kept):
    assert clean_name(given) == kept


def test_a_long_name_is_cut_before_its_ending():
    name = clean_name("x" * 500 + ".png")
    assert len(name) == LONGEST
    assert name.endswith("x.png")


def test_a_long_ending_is_cut_as_well():
    assert len(clean_name("x." + "y" * 500)) == LONGEST


@pytest.mark.parametrize(
    ("name", "expected"), [("Report.HTML", "html"), (".env", ""), ("file", ""), ("a.tar.gz", "gz")]
)
def test_an_ending_is_what_follows_the_last_dot(name, expected):
    assert ending(name) == expected
