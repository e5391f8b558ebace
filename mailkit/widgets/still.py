"""A static picture of lines of text side by side, as a saved notebook shows it without a kernel.

Must not know: what the lines say. Everything is escaped text (`svg.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.widgets.svg import BOLD, INK, INK_2, MONO, NO, PUSH, SANS, SUNKEN, TINTS, box, cut, drawing, write

if TYPE_CHECKING:
    from collections.abc import Sequence

Tone = Literal["ink", "ink2", "push", "no"]
Band = Literal["", "sunken", "no"]
_TONES: dict[Tone, str] = {"ink": INK, "ink2": INK_2, "push": PUSH, "no": NO}
_BANDS = {"sunken": SUNKEN, "no": TINTS[NO]}
_ROW, _MARGIN = 24, 12


class Cell(NamedTuple):
    """A text that begins `x` px from the left and is cut after `most` characters."""

    x: int
    text: str
    most: int = 100
    tone: Tone = "ink"
    is_bold: bool = False
    is_mono: bool = False


class Line(NamedTuple):
    """Cells side by side; `band` is the tint behind them, "" for none."""

    cells: Sequence[Cell]
    band: Band = ""


def still(lines: Sequence[Line], label: str, width: int = 880) -> str:
    """The picture as a file. `label` says what it is of."""
    height = 2 * _MARGIN + _ROW * len(lines)
    return drawing(width, height, label, (_line(line, _MARGIN + _ROW * n, width) for n, line in enumerate(lines)))


def _line(line: Line, top: int, width: int) -> str:
    band = ""
    if line.band:
        band = box(_MARGIN - 6, top, width - 2 * _MARGIN + 12, _ROW, _BANDS[line.band], "none")
    return band + "".join(_cell(cell, top + 16) for cell in line.cells)


def _cell(cell: Cell, y: int) -> str:
    text = cut(cell.text, cell.most)
    size, font = (12, MONO) if cell.is_mono else (13, SANS)
    return write(_MARGIN + cell.x, y, text, _TONES[cell.tone], size, font, BOLD if cell.is_bold else "")
