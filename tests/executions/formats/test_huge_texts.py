"""Texts without end: read in little memory, cut in the middle, and said so."""

from pathlib import Path

import pytest

from .apart import CLOSE, MIB, OPEN, read_apart, repeated


def text_of_200_mb(path: Path) -> None:
    repeated(path, OPEN + b"<failure>", b"a" * 999 + b"\n", 200_000, b"</failure>" + CLOSE)


def cdata_of_200_mb(path: Path) -> None:
    head, tail = b"<system-out><![CDATA[", b"]]></system-out>"
    repeated(path, OPEN + head, b"a" * 1000, 200_000, tail + CLOSE)


def wide_text_of_200_mb(path: Path) -> None:
    block = ("a" * 996 + "🙂").encode()
    repeated(path, OPEN + b"<failure>", block, 200_000, b"</failure>" + CLOSE)


def every_text_huge(path: Path) -> None:
    with path.open("wb") as file:
        file.write(OPEN)
        for tag in (b"failure", b"system-out", b"system-err"):
            file.write(b"<" + tag + b">")
            for _ in range(60):
                file.write(tag * (MIB // len(tag)))
            file.write(b"</" + tag + b">")
        file.write(CLOSE)


def text_in_many_pieces(path: Path) -> None:
    repeated(path, OPEN + b"<failure>", b"a<b/>", 1_000_000, b"</failure>" + CLOSE)


def large_tries(path: Path) -> None:
    texts = b"<stackTrace>%b</stackTrace><system-out>%b</system-out>" % ((b"a" * 8 * MIB,) * 2)
    repeated(path, OPEN, b"<flakyFailure>" + texts + b"</flakyFailure>", 12, CLOSE)


def tries_without_end(path: Path) -> None:
    block = b"<flakyFailure>" + b"a" * 100_000 + b"</flakyFailure>"
    repeated(path, OPEN, block, 1_000, CLOSE)


HUGE = [
    text_of_200_mb, cdata_of_200_mb, wide_text_of_200_mb, every_text_huge, large_tries,
    tries_without_end,
]  # fmt: skip


@pytest.mark.parametrize("write", HUGE, ids=lambda write: write.__name__)
def test_a_huge_text_is_read_with_its_middle_cut_and_the_cut_said(write, tmp_path):
    path = tmp_path / "hostile"
    write(path)
    told = read_apart(path)
    path.unlink()
    assert told["refused"] is None
    assert told["results"] == 1
    assert told.get("length", 0) < 17 * MIB
    assert told["warnings"]
    for warning in told["warnings"]:
        assert "cut" in warning or "950 tries" in warning


def test_a_text_in_many_pieces_is_read_whole_in_little_memory(tmp_path):
    path = tmp_path / "hostile"
    text_in_many_pieces(path)
    told = read_apart(path)
    assert (told["refused"], told["length"]) == (None, 1_000_000)
    assert not [warning for warning in told["warnings"] if "cut" in warning]
