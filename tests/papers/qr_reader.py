"""Reads a QR code of the sizes that a variant's code needs, as a camera does once it has found the modules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
MASKS = (
    lambda r, c: (r + c) % 2, lambda r, c: r % 2, lambda r, c: c % 3, lambda r, c: (r + c) % 3,
    lambda r, c: (r // 2 + c // 3) % 2, lambda r, c: r * c % 2 + r * c % 3,
    lambda r, c: (r * c % 2 + r * c % 3) % 2, lambda r, c: ((r + c) % 2 + r * c % 3) % 2,
)  # fmt: skip
FORMAT_MASK = 0b101010000010010
TIMING = 6
Rows = Sequence[Sequence[bool]]


def read(rows: Rows) -> str:
    """What the code says. Only one block of data is looked for, and no error is corrected."""
    bits = "".join(str(int(bit)) for bit in _data(rows))
    mode, bits = bits[:4], bits[4:]
    if mode == "0100":
        length = int(bits[:8], 2)
        return bytes(int(bits[8 + 8 * at : 16 + 8 * at], 2) for at in range(length)).decode()
    assert mode == "0010", f"mode {mode}"
    length, bits = int(bits[:9], 2), bits[9:]
    text = ""
    while len(text) + 1 < length:
        pair, bits = int(bits[:11], 2), bits[11:]
        text += LETTERS[pair // 45] + LETTERS[pair % 45]
    return text + (LETTERS[int(bits[:6], 2)] if len(text) < length else "")


def mask_of(rows: Rows) -> int:
    """Which mask the format information beside the upper left finder names."""
    places = [(8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)] + [(row, 8) for row in (7, 5, 4, 3, 2, 1, 0)]
    told = int("".join(str(int(rows[row][column])) for row, column in places), 2) ^ FORMAT_MASK
    return told >> 10 & 0b111


def _data(rows: Rows) -> Iterator[bool]:
    """The bits of the code in order, in columns of two modules from the right, up and down in turn."""
    size, mask = len(rows), MASKS[mask_of(rows)]
    columns = [column for column in range(size - 1, 0, -2) if column > TIMING]
    columns += [column - 1 for column in range(TIMING, 0, -2)]
    for turn, right in enumerate(columns):
        for row in range(size - 1, -1, -1) if turn % 2 == 0 else range(size):
            for column in (right, right - 1):
                if not _is_pattern(row, column, size):
                    yield rows[row][column] ^ (mask(row, column) == 0)


def _is_pattern(row: int, column: int, size: int) -> bool:
    finder = (row < 9 and column < 9) or (row < 9 and column >= size - 8) or (row >= size - 8 and column < 9)
    align = size > 21 and size - 9 <= row <= size - 5 and size - 9 <= column <= size - 5
    return finder or align or TIMING in (row, column)
