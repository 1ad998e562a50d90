"""Tables as people write them: encodings, delimiters, quotes, lists, headers, merged cells."""

import pytest

from apps.cases.formats import FileRefused, plain
from apps.cases.intake.meaning import SYNONYMS, guess
from tests.cases.importing import packed, workbook

from .reading import read

TEXT = "Название;Заметки\nВход в систему;Прочее\n"


@pytest.mark.parametrize(
    ("codec", "found", "warned"),
    [
        ("utf-8", "utf-8", False),
        ("utf-8-sig", "utf-8", False),
        ("utf-16", "utf-16", False),
        ("utf-16-le", "utf-16", False),
        ("cp1251", "windows-1251", True),
    ],
)
def test_encodings_are_found_or_guessed_with_a_warning(codec, found, warned):
    result = read(TEXT.encode(codec))
    assert (result.options["encoding"], result.columns) == (found, ["Название", "Заметки"])
    assert result.drafts[0].title == "Вход в систему"
    assert bool(result.reading.warnings) is warned
    if warned:
        assert "which is a guess" in result.reading.warnings[0]


def test_western_letters_are_guessed_and_another_encoding_may_be_chosen():
    data = "Title,Größe\nÜber uns,groß\n".encode("cp1252")
    assert read(data).options["encoding"] == "windows-1252"
    chosen = read(data, encoding="windows-1251")
    assert chosen.options["encoding"] == "windows-1251" and chosen.reading.warnings == []
    wrong = read(data, encoding="utf-8")
    assert wrong.reading.repaired == 4 and "no text in utf-8" in wrong.reading.warnings[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_and_cells_may_hold_newlines(delimiter):
    rows = [["Title", "Steps", "Tags"], ["Pays", '"a\nb, c; d"', "x"], ["Signs in", "", ""]]
    result = read("\r\n".join(delimiter.join(row) for row in rows))
    assert result.options["delimiter"] == delimiter
    assert [row.number for row in result.rows] == [2, 3]
    assert result.rows[0].cells["Steps"] == "a\nb, c; d"


def test_a_title_above_the_header_and_the_line_of_excel_are_passed_over():
    assert read("sep=|\nTitle|Tags\nA|x\n").columns == ["Title", "Tags"]
    assert read("All cases,,\n\nTitle,Tags\nA,x\n").columns == ["Title", "Tags"]


def test_columns_may_lack_a_name_or_share_one_and_rows_may_be_short():
    result = read("Title,,Steps,Steps\nA\nB,x,y,z,,\n")
    assert result.columns == ["Title", "Column 2", "Steps", "Steps (2)"]
    assert [row.problem for row in result.rows] == ["", ""]


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "cases.csv", "is empty"),
        (b"\xd0\xcf\x11\xe0rest", "cases.xls", "Save it as .xlsx"),
        (b"PK\x03\x04 cut", "cases.xlsx", "has no directory at its end"),
        (packed({"a.txt": "x"}), "cases.xlsx", "is a zip file and no workbook"),
        (b'Title,Tags\n"never closed,' + b"x" * 200_000, "cases.csv", "(does not|never) close"),
        (packed({"content.xml": "<x/>"}), "cases.ods", "is an OpenDocument file. Save it as .xlsx"),
        (b"<!DOCTYPE html>\n<html></html>", "cases.xls", "is a web page. Open it in a spreadsheet"),
        (b"\xef\xbb\xbf<table><tr>", "cases.xls", "is a web page"),
        (b"%PDF-1.4\n%\xe2\n1 0 obj, x\n", "cases.csv", "is a PDF. Send CSV, an Excel"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "cases.png", "is a picture. Send CSV"),
        (b"\x1f\x8b\x08\0\0", "cases.csv.gz", "Unpack it"),
        (b"{\\rtf1\\ansi}", "cases.rtf", "RTF"),
        (b'\n[ {"title": "a"}]', "cases.json", 'a JSON list.*"cases": …} with the list in it'),
        (b"[]", "cases.json", "a JSON list"),
        (b"<sections><section>", "cases.xml", "the file ends in the middle"),
        (b'{"suites": [', "cases.json", "cases.json ends in the middle, in line 1. Send the whole"),
        (b'{"suites": [],\n "cases": ["\xc3\xa4" 1]}', "cases.json", "line 2, column 17 cannot be"),
        (b"\x00\x01\x02\x00" * 100, "cases.csv", "NUL bytes"),
        (b"# Suite alone", "cases.md", "holds no case"),
    ],
)
def test_what_is_no_file_of_cases_is_refused_with_advice(data, name, said):
    with pytest.raises(FileRefused, match=said):
        read(data, name)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (
            '{"title" "a"}]}',
            r"is no JSON: line 70,003, column 14 cannot be read\. Look there .*\.$",
        ),
        ('{"title": "a"}', r"ends in the middle, in line 70,003\. Send the whole file\.$"),
    ],
)
def test_broken_json_is_told_in_a_sentence_with_its_place(broken, said):
    head = '{"format": "testoqa-cases", "version": 1,\n"cases": [\n'
    data = "\ufeff" + head + '{"title": "ä"},\n' * 70_000 + "  " + broken
    with pytest.raises(FileRefused, match=said) as refused:
        read(data, "cases.json")
    assert "\n" not in str(refused.value)


GOOD = "".join(f"Pays {n},Shop,x\n" for n in range(50))
STRAY = [
    (f'Stray,Load,"an unclosed quote\n{GOOD}', 2),
    (f'{GOOD}Stray,Load,"an unclosed quote', 52),
    (f'Stray,"two\nlines","never closed\n{GOOD}', 3),
    (f'Stray,Load,"closed below\n{GOOD}Pays,"in quotes",x\n{GOOD}', 2),
    (f'Stray,Load,"long\n{GOOD * 200}', 2),
]


@pytest.mark.parametrize(("rows", "line"), STRAY)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_quote_that_is_not_closed_refuses_the_file_and_names_its_line(rows, line, end):
    data = f"Title,Suite,Description\n{rows}".replace("\n", end)
    with pytest.raises(FileRefused, match=f"cases.csv, line {line}: .* (does not|never) close"):
        read(data)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('"two\nlines"', "two\nlines"),
        ('"two\nlines" ', "two\nlines "),
        ('"says ""hi"",\n""bye"""', 'says "hi",\n"bye"'),
        ('""""', '"'),
        ('5" disk', '5" disk'),
        ('="007"', '="007"'),
        ('"a" b', "a b"),
        ('"5" disk"', '5 disk"'),
    ],
)
def test_quotes_as_spreadsheets_and_tools_write_them_are_read(cell, said):
    result = read(f"Title,Suite,Description\nA,{cell},x\nB,{cell},{cell}")
    assert [row.cells["Suite"] for row in result.rows] == [said, said]
    assert result.rows[1].cells["Description"] == said


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("a, b;c\nd", ["a", "b", "c", "d"]),
        ('"a; b"', ["a; b"]),
        ('c, "a; ""b""" , d', ["c", 'a; "b"', "d"]),
        ('"""a"" b"', ['"a" b']),
        ('"a", "b c"', ['"a"', '"b c"']),
        ('5" disk, "a" b; "', ['5" disk', '"a" b', '"']),
    ],
)
def test_several_names_in_a_cell(cell, tags):
    assert read(f'Title;Tags\nA;"{cell.replace('"', '""')}"\n').drafts[0].tags == tags


@pytest.mark.parametrize(
    ("cell", "actions"),
    [
        ("1. Open 2. Pay 3. Leave", ["Open", "Pay", "Leave"]),
        ("1) Open 2) Pay", ["Open", "Pay"]),
        ("1) Open\n2) Pay", ["Open", "Pay"]),
        ("1. Open\n2. Pay 3. Leave", ["Open", "Pay 3. Leave"]),
        ("1. Pay 2) 2.5 and 2.", ["Pay 2) 2.5 and 2."]),
        ("1) Pay in 3) days", ["Pay in 3) days"]),
        ("Pay 1. by card 2. by bill", ["Pay 1. by card 2. by bill"]),
        (r"1. Pay \2. x", ["Pay 2. x"]),
        (r"Pay \2. x", [r"Pay \2. x"]),
    ],
)
def test_numbers_part_the_steps_of_a_cell(cell, actions):
    (draft,) = read(f'Title,Steps\nA,"{cell}"\n').drafts
    assert [step["action"] for step in draft.steps] == actions


def test_numbers_within_a_line_stay_where_the_tool_has_a_line_for_each():
    (draft,) = read("v2.id,title,steps_actions\n1,A,1. a 2. b\n").drafts
    assert [step["action"] for step in draft.steps] == ["a 2. b"]


GUESSED = [
    "title", "suite", "steps", "expected", "data", "preconditions", "description", "priority",
    "severity", "status", "type", "owner", "estimate", "tags", "links", "requirements",
    "automation_key",
]  # fmt: skip


@pytest.mark.parametrize(
    "header",
    [
        "Titel;Ordner;Schritt;Erwartet;Testdaten;Vorbedingung;Beschreibung;Priorität;Schweregrad;"
        "Status;Typ;Verantwortlich;Aufwand;Schlagwörter;Links;Anforderungen;"
        "Automatisierungsschlüssel",
        "Titre;Dossier;Étapes;Résultat attendu;Données;Préconditions;Description;Priorité;Gravité;"
        "Statut;Type;Responsable;Durée;Étiquettes;Liens;Exigences;Clé d’automatisation",
        "Título;Carpeta;Pasos;Resultado esperado;Datos;Precondiciones;Descripción;Prioridad;"
        "Severidad;Estado;Tipo;Responsable;Estimación;Etiquetas;Enlaces;Requisitos;"
        "Clave de automatización",
    ],
)
def test_columns_are_known_by_their_names_in_other_languages(header):
    columns = header.split(";")
    assert list(guess(columns, "", []).items()) == list(zip(columns, GUESSED, strict=True))


def test_no_name_of_a_column_has_two_meanings():
    names = [plain(name) for names in SYNONYMS.values() for name in names.split(",")]
    assert len(names) == len(set(names))


HEADER = ["Id", "Title", "Suite", "Step", "Expected result", "Due"]


def test_merged_cells_count_for_all_their_rows():
    rows = [
        HEADER,
        [1, "Pays", "Shop", "Open the cart", "Two things", (45_658,)],
        [None, None, None, "Pay", "It is paid", None],
        [2, "Signs in", None, "Sign in", None, 1.5],
    ]
    data = workbook(rows, merges=["A2:A3", "B2:B3", "C2:C4"], sheets=["Cases", "Notes"])
    result = read(data, "cases.xlsx")
    assert (result.options["sheet"], result.options["sheets"]) == ("Cases", ["Cases", "Notes"])
    assert result.rows[0].cells["Due"] == "2025-01-01" and result.rows[2].cells["Due"] == "1.5"
    one, two = result.drafts
    assert [step["action"] for step in one.steps] == ["Open the cart", "Pay"]
    assert (one.external_id, two.external_id) == ("1", "2")
    assert (one.suite, two.suite) == (("Shop",), ("Shop",))
    with pytest.raises(FileRefused, match="“Notes” has no header"):
        read(data, "cases.xlsx", sheet="Notes")
