"""Files of cases for tests, and the way from a file to its receipts."""

import io
import zipfile
from xml.sax.saxutils import escape

from django.core.files.uploadedfile import SimpleUploadedFile

from apps.cases import lifecycle
from apps.cases.models import CaseImport


def upload(project, data, name="cases.csv", *, by, **chosen):
    """A sent file; texts are UTF-8."""
    data = data.encode() if isinstance(data, str) else data
    file = SimpleUploadedFile(name, data)
    return lifecycle.send_case_file(project, file, by=by, filename=name, **chosen)


class Importer:
    """take(data) imports as somebody, by the real worker, and answers the ended import."""

    def __init__(self, project, by, run_jobs):
        self.project, self.by, self.run_jobs = project, by, run_jobs

    def take(self, data, name="cases.csv", *, mapping=None, dry_run=False, reading=None, **chosen):
        arrival = upload(self.project, data, name, by=self.by, **(reading or {}))
        lifecycle.start_case_import(arrival, by=self.by, mapping=mapping, dry_run=dry_run, **chosen)
        self.run_jobs()
        return CaseImport.objects.get(pk=arrival.pk)


def told(arrival):
    """[(row, outcome, column, reason)] of an import."""
    return [(row.row, row.outcome, row.column, row.reason) for row in arrival.rows.all()]


def outcomes(arrival):
    return [row.outcome for row in arrival.rows.all()]


def workbook(rows, *, merges=(), sheets=("Cases",), more="", others=()):
    """An .xlsx of one sheet with these rows of texts and numbers, and `others` beside it, of which
    those without rows are empty.
    """
    texts: list[str] = []
    lines, *further = ([*_lines(of_sheet, texts)] for of_sheet in (rows, *others))
    merged = "".join(f'<mergeCell ref="{area}"/>' for area in merges)
    merged = f"<mergeCells>{merged}</mergeCells>" if merged else ""
    further += [[]] * (len(sheets) - 1 - len(further))
    names = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="x" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    items = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f"<workbook {NS} xmlns:r='r'>{more}<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>",
        "xl/sharedStrings.xml": f"<sst {NS}>{items}</sst>",
        "xl/styles.xml": f'<styleSheet {NS}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
        "</cellXfs></styleSheet>",
        "xl/worksheets/sheet1.xml": _sheet(lines, merged),
        **{f"xl/worksheets/sheet{n}.xml": _sheet(lines) for n, lines in enumerate(further, 2)},
    }
    return packed(parts)


def packed(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _sheet(lines, merged=""):
    return f"<worksheet {NS}><sheetData>{''.join(lines)}</sheetData>{merged}</worksheet>"


def _lines(rows, texts):
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(number, place, value, texts) for place, value in enumerate(row))
        yield f'<row r="{number}">{cells}</row>'


def _cell(number, place, value, texts):
    reference = f"{chr(65 + place)}{number}"
    if value is None:
        return ""
    if isinstance(value, tuple):  # a date, by its serial number
        return f'<c r="{reference}" s="1"><v>{value[0]}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{reference}"><v>{value}</v></c>'
    texts.append(value)
    return f'<c r="{reference}" t="s"><v>{len(texts) - 1}</v></c>'
