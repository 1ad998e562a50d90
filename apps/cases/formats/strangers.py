"""Files that hold no cases for us, known by their first bytes, and what to send instead."""

import re

from apps.artifacts.reading.notes import FileRefused

SEND = (
    "Send CSV, an Excel workbook (.xlsx), Markdown, our own JSON, or what another tool exports as "
    "CSV, XML or JSON."
)
BEGINS = {
    b"%PDF-": f"a PDF. {SEND}",
    b"\x89PNG": f"a picture. {SEND}",
    b"\xff\xd8\xff": f"a picture. {SEND}",
    b"GIF8": f"a picture. {SEND}",
    b"{\\rtf": f"a text of a word processor (RTF). {SEND}",
    b"\x1f\x8b": "packed by gzip. Unpack it and send the file within.",
    b"7z\xbc\xaf": "packed by 7-Zip. Unpack it and send the file within.",
    b"Rar!": "packed by RAR. Unpack it and send the file within.",
    b"\xd0\xcf\x11\xe0": "an Excel workbook of the old kind (.xls), or one with a password. "
    "Save it as .xlsx without a password and send it again.",
}
LIST = re.compile(rb"\[\s*[\]{\[]")
PAGE = re.compile(rb"(?:<![^>]*>\s*|<\?[^>]*>\s*)*<(?:html|head|body|table|div)\b", re.IGNORECASE)


def refuse_stranger(head: bytes, bare: bytes, filename: str) -> None:
    """Raise FileRefused for such a file; `bare` is its head without marks and space before it."""
    told = next((told for start, told in BEGINS.items() if head.startswith(start)), "")
    if LIST.match(bare):
        told = (
            'a JSON list, and our own JSON is an object. Write {"format": "testoqa-cases", '
            '"version": 1, "cases": …} with the list in it, and send that.'
        )
    elif PAGE.match(bare):
        told = "a web page. Open it in a spreadsheet, save it as .xlsx and send that."
    if told:
        raise FileRefused(f"{filename} is {told}")
