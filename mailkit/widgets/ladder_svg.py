"""The ladder as one SVG file: a static picture on its own paper, with the light colours as they are.

Must not know: browsers, what is open or has the focus. Everything from the run is escaped text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.widgets import flow_words as words
from mailkit.widgets import svg as draw
from mailkit.widgets.ladder_picture import outcome, way

if TYPE_CHECKING:
    from mailkit.widgets.ladder import LadderModel
    from mailkit.widgets.ladder_rows import Row

ROWS = 200
_AT_ITS_END = 'text-anchor="end"'
_CALLS = ("call", "reject", "drop", "closed", "off")
_ROW, _TOP, _TEXT = 26, 88, 720
"""Heights of a row and of the heads, width of what stands beside the lanes."""


def svg(model: LadderModel, most: int = ROWS) -> str:
    """The shown rows, conversation by conversation; "" where there are none."""
    rows = model.in_order()
    if not rows:
        return ""
    drawn, left = rows[:most], len(rows) - most
    picture = _Picture(model)
    height = _TOP + _ROW * len(drawn) + (_ROW if left > 0 else 0) + 12
    marks = [picture.head(height - 12)]
    marks += [picture.row(row, _TOP + _ROW * place) for place, row in enumerate(drawn)]
    if left > 0:
        more = _("… and {number} rows more").format(number=left)
        marks.append(draw.write(picture.lane + 12, height - 22, more, draw.INK_2, 12, draw.SANS))
    width = picture.lane + _TEXT
    return draw.drawing(width, height, _("Ladder: {number} rows").format(number=len(rows)), marks)


class _Picture:
    """Where each host's line stands, and the marks of a row between them."""

    def __init__(self, model: LadderModel) -> None:
        self._model = model
        self._lanes = model.lanes
        self._step = 110 if len(self._lanes) <= 8 else 48
        self.lane = self._step * max(1, len(self._lanes))
        self._at = {lane.name: self._step * (n + 0.5) for n, lane in enumerate(self._lanes)}

    def head(self, bottom: int) -> str:
        """Names, and a line down for each host."""
        marks = []
        for lane in self._lanes:
            x = self._at[lane.name]
            marks.append(draw.icon(lane.kind, x - 11, 4, 22, draw.INK))
            lines = draw.broken(lane.title, 14 if self._step > 100 else 6)
            marks += [
                draw.write(x, 42 + 14 * k, line, draw.INK, 12, draw.SANS, f"{draw.MIDDLE} {draw.BOLD}")
                for k, line in enumerate(lines)
            ]
            marks.append(draw.path(f"M{x:g} {_TOP - 4}V{bottom}", draw.LINE, 1))
        return "".join(marks)

    def row(self, row: Row, y: int) -> str:
        """The mark between the hosts, and the text beside it."""
        tone, chip = outcome(row)
        end = self.lane + _TEXT - 8
        at = words.clock(row.at, self._model.began)
        time = draw.write(end, y + 17, at, draw.INK_2, 12, draw.SANS, _AT_ITS_END)
        room = _TEXT - 12 - 16 - draw.breadth(at)
        state = draw.chip(end - _TEXT + 20 + room, y + 3, chip[0], chip[1], tone) if chip else ""
        room -= draw.breadth(chip[1]) + 48 if chip else 8
        return self._arrow(row, y + 13, tone) + self._words(row, y, tone, room) + state + time

    def _words(self, row: Row, y: int, tone: str, room: float) -> str:
        if row.kind in _CALLS:
            text = draw.shortened(f"{words.badge(row.call)} {row.text}", room * 0.95)  # bold is a little wider
            band = draw.box(self.lane, y + 2, _TEXT, _ROW - 4, draw.SUNKEN, "none")
            return band + draw.write(self.lane + 12, y + 17, text, draw.INK, 12, draw.SANS, draw.BOLD)
        is_line = row.kind == "line"
        fill = draw.TONES.get(tone, draw.INK if row.kind in ("line", "message") else draw.INK_2)
        text = draw.shortened(row.text, room, is_line)
        return draw.write(self.lane + 12, y + 17, text, fill, 12, draw.MONO if is_line else draw.SANS)

    def _arrow(self, row: Row, y: int, tone: str = "") -> str:
        start, end = self._at.get(row.source), self._at.get(row.target)
        colour = draw.TONES.get(tone, draw.WAYS[way(row)])
        if start is None:
            return ""
        if end is None or end == start:
            return draw.disc(start, y, 4, draw.PAPER, draw.EDGE)
        if row.kind in ("tls", "end"):
            left, right = min(start, end), max(start, end)
            tube = f"M{left + 6:g} {y - 5}H{right - 6:g}M{left + 6:g} {y + 5}H{right - 6:g}"
            lock = draw.icon("lock", (left + right) / 2 - 6, y - 7, 12, colour)
            over = draw.path(f"M{left:g} {y}H{right:g}", draw.LINE, 1.5)
            return draw.path(tube, colour, 1.5) + lock if row.kind == "tls" else over
        return self._shaft(row, start, end, y, colour)

    def _shaft(self, row: Row, start: float, end: float, y: int, colour: str) -> str:
        way_on = 1 if end > start else -1
        if row.kind in ("drop", "reject", "closed", "off"):
            stop = start + (end - start) * (0.45 if row.kind in ("drop", "off") else 0.8)
            dash = 'stroke-dasharray="6 5"' if row.kind in ("drop", "off") else ""
            cross = f"M{stop - 5:g} {y - 5}l10 10m0 -10l-10 10"
            failed = draw.EDGE if row.kind in ("drop", "off") else draw.TONES["no"]
            return draw.path(f"M{start:g} {y}H{stop:g}", failed, 2, dash) + draw.path(cross, failed, 2)
        tip = end - way_on * 3
        head = f"M{tip:g} {y}l{-9 * way_on} -5v10z"
        dots = 'stroke-dasharray="0 5" stroke-linecap="round"' if row.kind == "dns" else ""
        back = tip - way_on * 8
        if row.encrypted:
            tube = f"M{start + way_on * 3:g} {y - 3}H{back:g}M{start + way_on * 3:g} {y + 3}H{back:g}"
            shaft = draw.path(tube, colour, 1.2)
        else:
            shaft = draw.path(f"M{start + way_on * 3:g} {y}H{back:g}", colour, 2.5 if dots else 1.8, dots)
        fill = draw.PAPER if row.by == "S" else colour
        return shaft + draw.shape(head, fill, colour, 'stroke-width="1.5" stroke-linejoin="round"')
