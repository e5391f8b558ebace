"""Envelope, letter and arrived copies as one SVG file: a static picture on its own paper.

Must not know: browsers. Only what was sorted right lies on the envelope and on the sheet, as on the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.widgets import letter_words as words
from mailkit.widgets import svg as draw
from mailkit.widgets.letter_picture import sheets

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
    picture = _Drawing()
    picture.line(words.heading(model), draw.INK, 14, draw.BOLD)
    picture.line(words.progress(model), draw.INK_2, 12)
    picture.envelope(_cut(lying["envelope"]))
    picture.sheet(_cut(letter))
    picture.line(_("What arrived"), draw.INK, 14, draw.BOLD)
    for sentence in [*words.outcome(model), *words.not_reached(model)]:
        picture.line(sentence, draw.INK_2, 12)
    for copy in model.arrived:
        picture.line(words.title(copy), draw.INK, 13, draw.BOLD)
        picture.sheet(_cut(f"{name}: {value}" for name, value, _origin in copy.fields))
    return draw.drawing(_WIDTH, picture.y, _("Envelope and letter"), picture.marks)


def _cut(lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return found if len(found) <= _MOST else [*found[: _MOST - 1], "…"]


class _Drawing:
    """Marks, one below the other; `y` is where the next one begins."""

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.y = 10.0

    def line(self, text: str, fill: str, size: int, more: str = "") -> None:
        self.marks.append(draw.write(14, self.y + 14, draw.cut(text, _LONGEST + 10), fill, size, draw.SANS, more))
        self.y += 22

    def envelope(self, lines: list[str]) -> None:
        """Kraft paper with a flap."""
        height = 54 + _ROW * len(lines)
        self.marks.append(
            draw.box(14, self.y, _WIDTH - 28, height, draw.ENVELOPE, draw.ENVELOPE_EDGE, 'rx="3" stroke-width="1.5"')
        )
        flap = f"M14 {self.y:g}L{_WIDTH / 2:g} {self.y + 22:g}L{_WIDTH - 14} {self.y:g}"
        self.marks.append(draw.path(flap, draw.ENVELOPE_EDGE, 1.5))
        title = _("Envelope: decides delivery")
        self.marks.append(draw.write(28, self.y + 40, title, draw.INK, 13, draw.SANS, draw.BOLD))
        self._lines(lines, self.y + 60)
        self.y += height

    def sheet(self, lines: list[str]) -> None:
        """White paper with a dog-ear."""
        height = 20 + _ROW * max(1, len(lines))
        right = _WIDTH - 26
        edge = f"M26 {self.y:g}H{right - 16}l16 16V{self.y + height:g}H26z"
        self.marks.append(draw.shape(edge, draw.PAPER, draw.INK_2))
        self.marks.append(draw.path(f"M{right - 16} {self.y:g}v16h16", draw.INK_2, 1))
        self._lines(lines, self.y + 22)
        self.y += height + 12

    def _lines(self, lines: list[str], y: float) -> None:
        for at, text in enumerate(lines):
            self.marks.append(draw.write(38, y + _ROW * at, draw.cut(text, _LONGEST - 12), draw.INK, 12, draw.MONO))
