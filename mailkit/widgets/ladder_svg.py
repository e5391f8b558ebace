"""The ladder as one SVG file: a static picture on its own paper, with the light colours as they are.

Must not know: browsers, what is open or has the focus. Everything from the run is escaped text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.trace.dialogue import service
from mailkit.widgets import flow_words as words
from mailkit.widgets import meanings
from mailkit.widgets.ladder_picture import way
from mailkit.widgets.paper import (
    EDGE,
    INK,
    INK2,
    LINE,
    MONO,
    PAPER,
    SANS,
    SUNKEN,
    TONES,
    WAYS,
    broken,
    document,
    path,
    shortened,
    write,
)

if TYPE_CHECKING:
    from mailkit.widgets.ladder import LadderModel
    from mailkit.widgets.ladder_rows import Row

ROWS = 200
_CALLS = ("call", "reject", "drop", "closed", "off")
_ROW, _TOP, _TEXT, _LONGEST = 26, 64, 620, 78


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
        marks.append(write(picture.lane + 12, height - 22, more, INK2, 12, SANS))
    width = picture.lane + _TEXT
    label = _("Ladder: {number} rows").format(number=len(rows))
    return document(width, height, label, "".join(marks))


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
            lines = broken(lane.title, 14 if self._step > 100 else 6)
            marks += [
                write(x, 18 + 14 * k, line, INK, 12, SANS, 'text-anchor="middle" font-weight="600"')
                for k, line in enumerate(lines)
            ]
            marks.append(path(f"M{x:g} {_TOP - 4}V{bottom}", LINE, 1))
        return "".join(marks)

    def row(self, row: Row, y: int) -> str:
        """The mark between the hosts, and the text beside it."""
        if row.kind in _CALLS:
            return self._heading(row, y) + self._arrow(row, y + 13)
        reply = row.kind == "line" and row.by == "S"
        tone = meanings.tone_of(service(row.port), row.text) if reply else "no" if row.kind == "fault" else ""
        fill = TONES.get(tone, INK if row.kind in ("line", "message") else INK2)
        font = MONO if row.kind == "line" else SANS
        text = shortened(row.text, _LONGEST)
        return self._arrow(row, y + 13, tone) + write(self.lane + 12, y + 17, text, fill, 12, font)

    def _heading(self, row: Row, y: int) -> str:
        text = f"{words.badge(row.call)} {words.clock(row.at, self._model.began)}  {row.text}"
        band = f'<rect x="{self.lane}" y="{y + 2}" width="{_TEXT}" height="{_ROW - 4}" fill="{SUNKEN}"/>'
        return band + write(self.lane + 12, y + 17, text, INK, 12, SANS, 'font-weight="600"')

    def _arrow(self, row: Row, y: int, tone: str = "") -> str:
        start, end = self._at.get(row.source), self._at.get(row.target)
        colour = TONES.get(tone, WAYS[way(row)])
        if start is None:
            return ""
        if end is None or end == start:
            return f'<circle cx="{start:g}" cy="{y}" r="4" fill="{PAPER}" stroke="{EDGE}" stroke-width="1.5"/>'
        if row.kind in ("tls", "end"):
            left, right = min(start, end), max(start, end)
            shape = f"M{left + 6:g} {y - 5}H{right - 6:g}M{left + 6:g} {y + 5}H{right - 6:g}"
            return path(shape, colour, 1.5) if row.kind == "tls" else path(f"M{left:g} {y}H{right:g}", LINE, 1.5)
        return self._shaft(row, start, end, y, colour)

    def _shaft(self, row: Row, start: float, end: float, y: int, colour: str) -> str:
        way_on = 1 if end > start else -1
        if row.kind in ("drop", "reject", "closed", "off"):
            stop = start + (end - start) * (0.45 if row.kind in ("drop", "off") else 0.8)
            dash = 'stroke-dasharray="6 5"' if row.kind in ("drop", "off") else ""
            cross = f"M{stop - 5:g} {y - 5}l10 10m0 -10l-10 10"
            failed = EDGE if row.kind in ("drop", "off") else TONES["no"]
            return path(f"M{start:g} {y}H{stop:g}", failed, 2, dash) + path(cross, failed, 2)
        tip = end - way_on * 3
        head = f"M{tip:g} {y}l{-9 * way_on} -5v10z"
        dots = 'stroke-dasharray="0 5" stroke-linecap="round"' if row.kind == "dns" else ""
        back = tip - way_on * 8
        if row.encrypted:
            tube = f"M{start + way_on * 3:g} {y - 3}H{back:g}M{start + way_on * 3:g} {y + 3}H{back:g}"
            shaft = path(tube, colour, 1.2)
        else:
            shaft = path(f"M{start + way_on * 3:g} {y}H{back:g}", colour, 2.5 if dots else 1.8, dots)
        fill = PAPER if row.by == "S" else colour
        return shaft + f'<path d="{head}" fill="{fill}" stroke="{colour}" stroke-width="1.5" stroke-linejoin="round"/>'
