"""A static picture of lines of text as SVG, on its own paper and with the light colours as they are.

Must not know: what the lines say. Everything is escaped text; it is what a saved notebook shows without a kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Sequence

Tone = Literal["ink", "ink2", "push", "wait", "no"]
_TONES: dict[str, str] = {"ink": "#1b2129", "ink2": "#4a5462", "push": "#005f9e", "wait": "#7a4f00", "no": "#a83b00"}
_PAPER, _BANDS = "#ffffff", {"sunken": "#f4f6f8", "no": "#fdebe2", "push": "#e4f0fa"}
_SANS = "system-ui, sans-serif"
_MONO = "ui-monospace, Menlo, Consolas, monospace"
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
    band: Literal["", "sunken", "no", "push"] = ""


def still(lines: Sequence[Line], label: str, width: int = 880) -> str:
    """The picture as a file; "" where there are no lines. `label` says what it is of."""
    if not lines:
        return ""
    height = 2 * _MARGIN + _ROW * len(lines)
    drawn = "".join(_line(line, _MARGIN + _ROW * n, width) for n, line in enumerate(lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label={quoteattr(label)}><rect width="{width}" height="{height}" fill="{_PAPER}"/>'
        f"{drawn}</svg>\n"
    )


def _line(line: Line, top: int, width: int) -> str:
    band = ""
    if line.band:
        size = f'x="{_MARGIN - 6}" y="{top}" width="{width - 2 * _MARGIN + 12}" height="{_ROW}"'
        band = f'<rect {size} fill="{_BANDS[line.band]}"/>'
    return band + "".join(_cell(cell, top + 16) for cell in line.cells)


def _cell(cell: Cell, y: int) -> str:
    text = cell.text if len(cell.text) <= cell.most else cell.text[: cell.most - 1] + "…"
    font = f'font-family="{_MONO if cell.is_mono else _SANS}" font-size="{12 if cell.is_mono else 13}"'
    weight = ' font-weight="600"' if cell.is_bold else ""
    return f'<text x="{_MARGIN + cell.x}" y="{y}" fill="{_TONES[cell.tone]}" {font}{weight}>{escape(text)}</text>'
