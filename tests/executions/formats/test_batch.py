import io
import json

import pytest

from apps.executions.formats import (
    FileRefused,
    ItemRefused,
    Limits,
    Reading,
    parse_batch_item,
    read_batch,
)


def read(body: bytes, content_type="application/json", **limits):
    reading = Reading()
    stream = io.BytesIO(body)
    found = read_batch(stream, content_type=content_type, reading=reading, limits=Limits(**limits))
    return list(found), reading


WHOLE = {
    "name": "rounds[EUR]", "suite": "shop.CartTest", "case": "WEB-12", "status": "failed",
    "duration_ms": 12, "started_at": "2026-11-20T10:11:12.5+02:00", "message": "m", "trace": "t",
    "output": "o", "parameters": {"a": [1]}, "attempt": 2, "properties": {"k": "v"},
}  # fmt: skip


def test_every_field_of_an_item_arrives():
    result = parse_batch_item(WHOLE, 7)
    assert (result.name, result.key, result.bracket) == (
        "rounds[EUR]",
        "shop.CartTest::rounds",
        "EUR",
    )
    assert result.suite_path == ("shop", "CartTest")
    assert (result.case, result.status, result.duration_ms) == ("WEB-12", "failed", 12)
    assert result.started_at.isoformat() == "2026-11-20T08:11:12.500000+00:00"
    assert (result.message, result.trace, result.output) == ("m", "t", "o")
    assert (result.parameters, result.attempt, result.properties) == ({"a": [1]}, 2, {"k": "v"})
    assert (result.index, result.line) == (7, None)


def test_a_full_name_has_the_key_of_suite_and_name():
    one = parse_batch_item({"name": "shop.CartTest::adds", "status": "passed"}, 0)
    two = parse_batch_item({"name": "adds", "suite": "shop.CartTest", "status": "passed"}, 0)
    assert one.key == two.key
    assert one.suite_path == two.suite_path


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": None}, "name is required"),
        ({"name": " "}, "name is required"),
        ({"name": 3}, "name has to be a text, and this is a number"),
        ({"suite": ["a"]}, "suite has to be a text, and this is a list"),
        ({"case": "twelve"}, "case is 'twelve'"),
        ({"status": None}, "status is required"),
        ({"status": "PASSED"}, "status is 'PASSED'"),
        ({"status": []}, "status is"),
        ({"duration_ms": True}, "duration_ms has to be a whole number, and this is true or false"),
        ({"duration_ms": 1.5}, "duration_ms has to be a whole number, and this is 1.5"),
        ({"duration_ms": "12"}, "duration_ms has to be a whole number, and this is a text"),
        ({"duration_ms": -1}, "duration_ms has to be between 0"),
        ({"duration_ms": 2**60}, "duration_ms has to be between 0"),
        ({"started_at": 5}, "started_at has to be an ISO 8601 time"),
        ({"started_at": "yesterday"}, "started_at is 'yesterday'"),
        ({"message": {}}, "message has to be a text, and this is an object"),
        ({"parameters": []}, "parameters has to be an object"),
        ({"parameters": {"a": "x" * 70_000}}, "parameters are 70,0"),
        ({"attempt": 0}, "attempt has to be between 1"),
        ({"properties": {"k": 1}}, "properties.k has to be a text"),
        ({"colour": "red"}, "unknown field colour"),
    ],
)
def test_a_wrong_field_is_refused_by_name(change, reason):
    with pytest.raises(ItemRefused, match=reason.replace("(", r"\(")):
        parse_batch_item(WHOLE | change, 0)


@pytest.mark.parametrize("item", [None, [], "text", 1, True])
def test_what_is_no_object_is_refused(item):
    with pytest.raises(ItemRefused, match="has to be an object"):
        parse_batch_item(item, 0)


def test_a_bad_item_is_refused_and_the_others_are_read():
    body = json.dumps([WHOLE, {"name": "x"}, WHOLE]).encode()
    results, reading = read(body)
    assert [result.index for result in results] == [0, 2]
    assert reading.received == 3
    assert reading.refused == [
        {
            "index": 1,
            "reason": "status is required: one of passed, failed, error, skipped, blocked",
        }
    ]


def test_ndjson_is_read_by_lines():
    line = json.dumps(WHOLE).encode()
    results, reading = read(line + b"\r\n\n" + line, "application/x-ndjson; charset=utf-8")
    assert len(results) == reading.received == 2


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[", b"[{}", b"[{},", b"[{},]", b"[{} {}]", b"[{}]x", b"[,{}]", b"{", b"{}", b"[[}]",
        b'[{"name": NaN}]', b'[{"name": "a]', b'{"results": 3}', b'{"results": [', b"nothing",
        b'[{"a": \xff}]', b"\xff\xfe[\0]\0", b'[{"name": "x" "y"}]',
    ],
)  # fmt: skip
def test_broken_json_is_refused_whole(body):
    with pytest.raises(FileRefused):
        read(body)


def test_an_item_across_chunks_with_brackets_and_escapes_in_its_texts():
    trace = 'said "}]" and \\ and [[[ ' * 20_000
    items = [WHOLE | {"trace": trace, "name": f"n{number}"} for number in range(3)]
    results, _ = read(json.dumps(items, indent=3).encode())
    assert [result.trace for result in results] == [trace] * 3
    results, _ = read(json.dumps({"a": ["{", '"'], "results": items, "z": "]"}).encode())
    assert [result.name for result in results] == ["n0", "n1", "n2"]


def test_nul_and_half_surrogates_are_replaced_and_counted():
    body = rb'[{"name": "a\u0000b", "status": "passed", "message": "\ud83d", "properties": {}}]'
    (result,), reading = read(body)
    assert (result.name, result.message) == ("a␀b", "�")
    assert reading.repaired == 2
    assert len(reading.warnings) == 1


def test_a_long_text_keeps_head_and_tail_and_says_so():
    item = {"name": "n", "status": "failed", "output": "h" * 600_000 + "t" * 600_000}
    (result,), reading = read(json.dumps([item]).encode(), text=1 << 20)
    assert result.output.startswith("h" * 524_288)
    assert result.output.endswith("t" * 524_288)
    assert "[… 151,424 characters cut here …]" in result.output
    assert reading.warnings == [
        "“n”: 151,424 characters cut from the middle of its output; the first 524,288 and the last "
        "524,288 are kept."
    ]
    (result,), reading = read(json.dumps([item]).encode())
    assert result.output == item["output"]
    assert not reading.warnings


def test_nesting_and_item_size_have_limits():
    with pytest.raises(FileRefused, match="nested deeper"):
        read(b"[" * 100_000)
    with pytest.raises(FileRefused, match="nested deeper"):
        read(b'[{"name": ' + b"[" * 100_000)
    with pytest.raises(FileRefused, match="more than 1 MiB"):
        read(b'[{"name": "' + b"x" * (3 << 20) + b'"}]', item_bytes=1 << 20)
    deep = json.dumps([WHOLE | {"parameters": {"a": [[[[[1]]]]]}}]).encode()
    _, reading = read(deep, item_depth=4)
    assert reading.refused == [{"index": 0, "reason": "the result is nested too deep"}]


def test_a_time_that_no_test_can_have_is_not_kept_and_said():
    item = {"name": "a", "status": "passed", "started_at": "9999-12-31T23:59:59Z"}
    (result,), reading = read(json.dumps([item]).encode())
    assert result.started_at is None
    assert reading.warnings == [
        "Timestamps before 1970 or more than a day ahead of now are not kept: 1."
    ]
