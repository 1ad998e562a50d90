"""Pictures drawn by hand, so that the demo has files to show and ships none."""

import struct
import zlib
from io import BytesIO

WHITE, PAPER, LINE, MUTED, INK = 0xFFFFFF, 0xF3F4F6, 0xD1D5DB, 0x6B7280, 0x111827
BLUE, RED, PALE_RED = 0x2F5BD8, 0xB91C1C, 0xFEE2E2
WIDTH, HEIGHT = 5, 7
"""Of a letter, in its own points."""

# Columns of a letter from the left, the lowest bit on top.
LETTERS = {
    "A": "7e1111117e", "B": "7f49494936", "C": "3e41414122", "D": "7f4141221c", "E": "7f49494941",
    "F": "7f09090901", "G": "3e4149497a", "H": "7f0808087f", "I": "00417f4100", "J": "2040413f01",
    "K": "7f08142241", "L": "7f40404040", "M": "7f020c027f", "N": "7f0408107f", "O": "3e4141413e",
    "P": "7f09090906", "Q": "3e4151215e", "R": "7f09192946", "S": "4649494931", "T": "01017f0101",
    "U": "3f4040403f", "V": "1f2040201f", "W": "3f4038403f", "X": "6314081463", "Y": "0708700807",
    "Z": "6151494543", "0": "3e5149453e", "1": "00427f4000", "2": "4261514946", "3": "2141454b31",
    "4": "1814127f10", "5": "2745454539", "6": "3c4a494930", "7": "0171090503", "8": "3649494936",
    "9": "064949291e", ".": "0060600000", ",": "0050300000", "-": "0808080808", ":": "0036360000",
    "%": "2313086462", "/": "2010080402", "#": "147f147f14",
}  # fmt: skip


class Picture:
    """A canvas of points; `png` gives the file."""

    def __init__(self, width: int, height: int, colour: int = WHITE) -> None:
        self.width, self.height = width, height
        self.rows = [bytearray(colour.to_bytes(3) * width) for _ in range(height)]

    def box(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        """A filled rectangle, cut where it leaves the picture."""
        right = min(x + width, self.width)
        line = colour.to_bytes(3) * max(0, right - x)
        for row in self.rows[y : y + height]:
            row[3 * x : 3 * right] = line

    def text(self, x: int, y: int, words: str, colour: int = INK, size: int = 2) -> None:
        """Words in capitals, `size` points of the picture to a point of the letter."""
        for letter in words.upper():
            for column, bits in enumerate(bytes.fromhex(LETTERS.get(letter, "00" * WIDTH))):
                for row in range(HEIGHT):
                    if bits >> row & 1:
                        self.box(x + column * size, y + row * size, size, size, colour)
            x += (WIDTH + 1) * size

    def png(self) -> BytesIO:
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        points = zlib.compress(b"".join(b"\0" + row for row in self.rows))
        return BytesIO(
            b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", header)
            + _chunk(b"IDAT", points)
            + _chunk(b"IEND", b"")
        )


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def expired_checkout() -> BytesIO:
    """What the browser showed when the 3-D Secure test gave up."""
    picture = Picture(880, 520, PAPER)
    picture.box(0, 0, 880, 56, INK)
    picture.text(32, 18, "Harbour shop", WHITE, 3)
    picture.text(640, 22, "Staging c4d9aa0", LINE)
    for place, step in enumerate(["Address", "Delivery", "Payment", "Done"]):
        x = 32 + place * 208
        picture.box(x, 84, 192, 6, BLUE if place < 3 else LINE)
        picture.text(x, 100, step, INK if place < 3 else MUTED)
    picture.box(32, 140, 816, 84, PALE_RED)
    picture.box(32, 140, 6, 84, RED)
    picture.text(60, 158, "Your session has expired.", RED, 3)
    picture.text(60, 194, "Please start the checkout again.", RED)
    picture.box(32, 248, 520, 232, WHITE)
    picture.text(56, 272, "Payment", INK, 3)
    picture.text(56, 316, "Card ending in 3184", MUTED)
    picture.box(56, 344, 472, 40, PAPER)
    picture.box(56, 408, 220, 44, LINE)
    picture.text(92, 423, "Buy now", WHITE)
    picture.box(576, 248, 272, 232, WHITE)
    picture.text(600, 272, "Order", INK, 3)
    for place, (name, price) in enumerate(
        [("Linen shirt", "59.90"), ("Deck shoes", "89.00"), ("Delivery", "4.90")]
    ):
        picture.text(600, 320 + place * 28, name, MUTED)
        picture.text(836 - len(price) * 12, 320 + place * 28, price)
    picture.box(600, 412, 236, 2, LINE)
    picture.text(600, 432, "Total", INK)
    picture.text(764, 432, "153.80", INK)
    return picture.png()


def invoice_layout() -> BytesIO:
    """Where things stand on an invoice, to compare a printed one with."""
    picture = Picture(620, 800)
    picture.text(48, 48, "Harbour shop", BLUE, 4)
    picture.text(48, 104, "Layout of the invoice, version 7", MUTED)
    for x, y, width, height, words in [
        (48, 150, 250, 110, "1 Address of buyer"),
        (340, 150, 232, 110, "2 Number and date"),
        (48, 290, 524, 40, "3 Greeting"),
        (48, 360, 524, 210, "4 Lines: article, amount, price"),
        (320, 590, 252, 90, "5 VAT, total"),
        (48, 590, 250, 90, "6 Gift card, rest"),
        (48, 710, 524, 50, "7 Company, tax number, bank"),
    ]:
        picture.box(x, y, width, height, LINE)
        picture.box(x + 2, y + 2, width - 4, height - 4, WHITE)
        picture.text(x + 14, y + 14, words)
    for line in range(4):
        picture.box(62, 420 + line * 36, 496, 2, PAPER)
    return picture.png()
