"""Envelope, letter and arrived copies as one SVG file: a static picture on its own paper.

Must not know: browsers. Only what was sorted right lies on the envelope and on the sheet, as on the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.widgets import letter_words as words
from mailkit.widgets.letter_picture import sheets
from mailkit.widgets.paper import (
    ENVELOPE,
    ENVELOPE_EDGE,
    INK,
    INK2,
    MONO,
    PAPER,
    SANS,
    box,
    document,
    path,
    shortened,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailkit.widgets.letter import LetterModel

_WIDTH, _ROW, _LONGEST = 720, 19, 92
_MOST = 12
"""Lines of one sheet or one copy that are drawn."""


def svg(model: LetterModel) -> str:
    """The whole; "" before there is a letter."""
    if model.letter is None:
        return ""
    lying = sheets(model)
    letter = [*lying["header"], *([""] if lying["header"] and lying["body"] else []), *lying["body"]]
    drawing = _Drawing()
    drawing.line(words.heading(model), INK, 14, 'font-weight="600"')
    drawing.line(words.progress(model), INK2, 12)
    drawing.envelope(_cut(lying["envelope"]))
    drawing.sheet(_cut(letter))
    drawing.line(_("What arrived"), INK, 14, 'font-weight="600"')
    for sentence in [*words.outcome(model), *words.not_reached(model)]:
        drawing.line(sentence, INK2, 12)
    for copy in model.arrived:
        drawing.line(words.title(copy), INK, 13, 'font-weight="600"')
        drawing.sheet(_cut(f"{name}: {value}" for name, value, _origin in copy.fields))
    return document(_WIDTH, drawing.y, _("Envelope and letter"), "".join(drawing.marks))


def _cut(lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return found if len(found) <= _MOST else [*found[: _MOST - 1], "…"]


class _Drawing:
    """Marks, one below the other; `y` is where the next one begins."""

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.y = 10.0

    def line(self, text: str, fill: str, size: int, more: str = "") -> None:
        self.marks.append(write(14, self.y + 14, shortened(text, _LONGEST + 10), fill, size, SANS, more))
        self.y += 22

    def envelope(self, lines: list[str]) -> None:
        """Kraft paper with a flap."""
        height = 54 + _ROW * len(lines)
        self.marks.append(box(14, self.y, _WIDTH - 28, height, ENVELOPE, ENVELOPE_EDGE, 'rx="3" stroke-width="1.5"'))
        self.marks.append(
            path(f"M14 {self.y:g}L{_WIDTH / 2:g} {self.y + 22:g}L{_WIDTH - 14} {self.y:g}", ENVELOPE_EDGE, 1.5)
        )
        self.marks.append(write(28, self.y + 40, _("Envelope: decides delivery"), INK, 13, SANS, 'font-weight="600"'))
        self._lines(lines, self.y + 60)
        self.y += height

    def sheet(self, lines: list[str]) -> None:
        """White paper with a dog-ear."""
        height = 20 + _ROW * max(1, len(lines))
        right = _WIDTH - 26
        edge = f"M26 {self.y:g}H{right - 16}l16 16V{self.y + height:g}H26z"
        self.marks.append(f'<path d="{edge}" fill="{PAPER}" stroke="{INK2}"/>')
        self.marks.append(path(f"M{right - 16} {self.y:g}v16h16", INK2, 1))
        self._lines(lines, self.y + 22)
        self.y += height + 12

    def _lines(self, lines: list[str], y: float) -> None:
        for at, text in enumerate(lines):
            self.marks.append(write(38, y + _ROW * at, shortened(text, _LONGEST - 12), INK, 12, MONO))
