"""Files that are made to fill the memory or to reach elsewhere are refused."""

import io
import json
import tracemalloc
import zipfile

import pytest

from apps.cases.formats import FileRefused, Limits, Reading, detect, open_file
from tests.cases.importing import NS, packed, workbook

BOMB = """<?xml version="1.0"?><!DOCTYPE suite [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>
<suite><sections><section><name>&b;</name></section></sections></suite>"""
REACHES = '<!DOCTYPE testsuite SYSTEM "file:///etc/passwd"><testsuite name=""/>'


def drain(data, name, limits=None):
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    format = detect(stream, name)
    table = open_file(stream, name, format, {}, Reading(), limits or Limits())
    return sum(1 for _ in table.rows)


def refused(data, name, said, **limits):
    with pytest.raises(FileRefused, match=said):
        drain(data, name, Limits(**limits))


@pytest.mark.parametrize("data", [BOMB, REACHES])
def test_entities_and_document_types_in_xml(data):
    refused(data, "cases.xml", "Remove the DOCTYPE")


def test_entities_in_the_parts_of_a_workbook():
    for part in ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):
        parts = opened(workbook([["Title", "Tags"], ["a", "b"]]))
        parts[part] = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + parts[part]
        refused(packed(parts), "cases.xlsx", "Remove the DOCTYPE")


def opened(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_workbook_that_unpacks_to_hundreds_of_times_its_size():
    parts = opened(workbook([["Title", "Tags"], ["a", "b"]]))
    spaces = " " * (4 << 20)
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        "<sheetData>", f"<sheetData>{spaces}"
    )
    refused(packed(parts), "cases.xlsx", "times its size", ratio_from=1 << 20)
    refused(packed(parts), "cases.xlsx", "holds more than", unpacked_bytes=1 << 20)


def test_a_cell_far_out_takes_no_memory():
    parts = opened(workbook([["Title", "Tags"], ["a", "b"]]))
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    sheet = parts["xl/worksheets/sheet1.xml"].replace("</sheetData>", far)
    parts["xl/worksheets/sheet1.xml"] = sheet
    refused(packed(parts), "cases.xlsx", "lies beyond column 500")


def book_of(sheet, **parts):
    """A workbook whose one sheet holds these rows."""
    whole = opened(workbook([["Title", "Tags"], ["a", "b"]], **parts))
    whole["xl/worksheets/sheet1.xml"] = (
        f"<worksheet {NS}><sheetData>{sheet}</sheetData></worksheet>"
    )
    return packed(whole)


def cell(text, attributes='t="inlineStr"'):
    return f"<c {attributes}><is><t>{text}</t></is></c>"


HEADER = f'<row r="1">{cell("Title")}{cell("Tags")}</row>'


def read_book(data):
    table = open_file(io.BytesIO(data), "cases.xlsx", "xlsx", {}, Reading())
    return [(row.number, row.cells["Title"]) for row in table.rows]


def test_rows_of_one_number_or_of_none_get_numbers_of_their_own():
    numbers = ["2", "2", "²", "٣", "-7", "9", "3", "99999999", ""]
    rows = "".join(f'<row r="{number}">{cell("x")}</row>' for number in numbers)
    told = read_book(book_of(HEADER + rows))
    assert [number for number, _ in told] == [2, 3, 4, 5, 6, 9, 10, 11, 12]


@pytest.mark.parametrize("number", ["²", "٣", "-1", "x", "", "9" * 30])
def test_styles_and_places_of_texts_that_are_no_numbers(number):
    cells = f'<c t="s"><v>{number}</v></c><c s="{number}"><v>1</v></c>'
    assert read_book(book_of(f'{HEADER}<row r="2">{cells}</row>')) == [(2, "")]


@pytest.mark.parametrize("day", ["2958465", "2958465.9999999", "2957003", "1e300", "-1"])
def test_days_after_the_last_are_numbers(day):
    epoch = '<workbookPr date1904="1"/>'
    data = book_of(f'{HEADER}<row r="2"><c s="1"><v>{day}</v></c></row>', more=epoch)
    assert float(read_book(data)[0][1]) == float(day)


def test_many_merged_cells_and_a_merge_over_the_whole_sheet():
    rows = [["Title", "Tags"], ["a", "b"], [None, "c"]]
    assert drain(workbook(rows, merges=["A2:A1048576"]), "cases.xlsx") == 2
    many = [f"A{n}:A{n + 1}" for n in range(2, 100, 2)]
    refused(workbook(rows, merges=many), "cases.xlsx", "merged cells", merged=10)


def test_a_table_of_texts_larger_than_is_read():
    rows = [["Title", "Tags"], *([f"text {n}" * 100, ""] for n in range(100))]
    refused(workbook(rows), "cases.xlsx", "more text than is read", shared_text=10_000)


def test_entries_of_a_zip_that_lie_over_each_other():
    data = bytearray(workbook([["Title"], ["a"]]))
    at = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", at + 4)
    data[second + 42 : second + 46] = (1).to_bytes(4, "little")
    with pytest.raises(FileRefused):
        drain(bytes(data), "cases.xlsx")


def test_deep_json_and_deep_xml():
    refused('{"suites": ' + "[" * 5_000, "cases.json", "nested more than 200 deep")
    refused("<sections>" + "<section>" * 100, "cases.xml", "more than 64 deep")


def test_too_many_rows_and_columns():
    refused("Title,Tags\n" + "a,b\n" * 20, "cases.csv", "more than 10 rows", rows=10)
    refused(",".join(f"c{n}" for n in range(600)), "cases.csv", "600 columns")


UNKEPT = {
    "cases.csv": "Title,a\0b\nx\0y,z\n",
    "cases.md": "# s\0u\n## x\0y\n- a\0b: c\n### Steps\n1. \0\n",
    "own.json": {
        "format": "testoqa-cases", "version": 1, "suites": [{"path": ["s\0u"]}],
        "shared_steps": [{"title": "\0", "steps": [{"action": "\0"}]}],
        "fields": [{"name": "a\0b"}],
        "cases": [
            {"title": "x\0y", "suite": ["s\0u"], "steps": [{"action": "\0"}], "tags": ["\0"],
             "links": [{"title": "\0"}], "custom": {"a\0b": ["\0"]}, "key": "\0"},
        ],
    },
    "qase.json": {
        "suites": [
            {"title": "s\0u", "suites": [{"title": "\0", "cases": [
                {"id": 1, "title": "x\0y", "steps": [{"action": "\0"}], "tags": ["\0"],
                 "custom_fields": [{"title": "a\0b", "value": "\0"}]},
            ]}]},
        ],
    },
    "testrail.xml": "<sections><section><name>s\0u</name><cases><case><title>x\0y</title>"
    "</case></cases></section></sections>",
    "testlink.xml": '<testsuite name="s\0u"><testcase name="x\0y"/></testsuite>',
}  # fmt: skip


@pytest.mark.parametrize("name", UNKEPT)
def test_characters_that_no_database_keeps_are_replaced_and_counted(name):
    data = UNKEPT[name] if isinstance(UNKEPT[name], str) else json.dumps(UNKEPT[name])
    stream, reading = io.BytesIO(data.encode()), Reading()
    options = {"encoding": "utf-8"}
    table = open_file(stream, name, detect(stream, name), options, reading)
    (row,) = table.rows
    told = json.dumps([table.columns, row.cells, table.extras], ensure_ascii=False)
    told.encode()
    assert "\\u0000" not in told
    assert "x␀y" in told and ("s␀u" in told or name == "cases.csv")
    assert reading.repaired >= told.count("␀") - 1


def test_a_workbook_writes_such_characters_in_an_escape():
    rows = [["Title", "a_x0000_b"], ["x_x0000_y", "_xD800_"]]
    stream, reading = io.BytesIO(workbook(rows)), Reading()
    table = open_file(stream, "cases.xlsx", "xlsx", {}, reading)
    assert [row.cells for row in table.rows] == [{"Title": "x␀y", "a␀b": "\ufffd"}]


def test_a_file_that_breaks_off_late_is_refused_in_words_that_can_be_kept():
    data = '{"suites": [{"title": "A", "cases": [{"title": "x"}, {"title": "a\0b"}]}]}'
    with pytest.raises(FileRefused) as refusal:
        drain(data, "cases.json")
    assert "\0" not in str(refusal.value)


def long_file(kind, count=8_000):
    if kind == "csv":
        line = ",".join(["Pays for an order", "words " * 20, "x"])
        return ("Title,Steps,Tags\n" + f"{line}\n" * count).encode(), "cases.csv"
    if kind == "xml":
        case = "<case><title>Pays</title><custom><steps>{}</steps></custom></case>"
        cases = case.format("words " * 20) * count
        text = f"<sections><section><name>A</name><cases>{cases}</cases></section></sections>"
        return text.encode(), "cases.xml"
    case = '{"title": "Pays", "steps": [{"action": "' + "words " * 20 + '"}]}'
    cases = ",".join([case] * count)
    return f'{{"suites": [{{"title": "A", "cases": [{cases}]}}]}}'.encode(), "cases.json"


@pytest.mark.parametrize("kind", ["csv", "xml", "json"])
def test_a_long_file_is_read_in_little_memory(kind):
    data, name = long_file(kind)
    assert len(data) > 1_000_000
    stream = io.BytesIO(data)
    table = open_file(stream, name, detect(stream, name), {}, Reading())
    tracemalloc.start()
    try:
        assert sum(1 for _ in table.rows) == 8_000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
