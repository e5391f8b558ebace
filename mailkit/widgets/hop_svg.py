"""The hop map as one SVG file: hops as rows, the fields as a ladder below; a static picture on its own paper.

Must not know: browsers, what is open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.widgets import hop_words as words
from mailkit.widgets import svg as draw
from mailkit.widgets.flow_words import badge, harmless

if TYPE_CHECKING:
    from mailkit.widgets.hop_map import HopMapModel
    from mailkit.widgets.hop_trace import Leg, Rung, Trip

_WIDTH, _LONGEST = 760, 104


def svg(model: HopMapModel) -> str:
    """All of it; "" for a message that no server has passed on."""
    if not model.legs and not model.rungs:
        return ""
    picture = _Drawing(model)
    picture.line(14, words.heading(model), draw.INK, 14, draw.SANS, draw.BOLD)
    picture.line(14, words.summary(model), draw.INK_2)
    for trip in model.trips:
        picture.trip(trip)
    return draw.drawing(_WIDTH, picture.y + 10, _("Hop map and Received ladder"), picture.marks)


class _Drawing:
    """Marks, one below the other; `y` is where the next one begins."""

    def __init__(self, model: HopMapModel) -> None:
        self._model = model
        self.marks: list[str] = []
        self.y = 10.0

    def line(self, x: float, text: str, fill: str, size: int = 12, font: str = draw.SANS, more: str = "") -> None:
        self.marks.append(draw.write(x, self.y + 14, draw.cut(text, _LONGEST), fill, size, font, more))
        self.y += 20

    def trip(self, trip: Trip) -> None:
        self.y += 6
        self.line(14, words.title(self._model, trip), draw.INK, 13, draw.SANS, draw.BOLD)
        for leg in words.shown_legs(trip):
            if isinstance(leg, int):
                self.line(40, words.left_out(leg), draw.INK_2)
            else:
                self._leg(leg)
        for rung in words.shown_rungs(trip):
            if isinstance(rung, int):
                self.line(40, words.left_out(rung), draw.INK_2)
            else:
                self._rung(rung)

    def _leg(self, leg: Leg) -> None:
        colour = draw.TONES["no"] if leg.stop is None or leg.again else draw.WAYS["push"]
        self.marks.append(draw.disc(24, self.y + 10, 4, colour))
        self.marks.append(draw.path(f"M28 {self.y + 10:g}h18m-6 -5l6 5l-6 5", colour, 2))
        self.line(56, f"{badge(leg.number)} {words.sentence(self._model, leg)}", draw.INK)
        for tone, _icon, word in words.marks(leg):
            self.line(74, word, draw.TONES[tone], 12, draw.SANS, draw.BOLD)
        for one in leg.mx:
            self.line(74, f"MX {one.preference} {harmless(one.host)}: {words.exchanger(one)}", draw.WAYS["ask"])

    def _rung(self, rung: Rung) -> None:
        said = " ".join(f"{clause} {value}" for clause, value, _m in words.parts(rung) if clause not in ("(…)", ";"))
        dash = "" if rung.leg else 'stroke-dasharray="5 4"'
        fill = draw.PAPER if rung.leg else draw.SUNKEN
        self.marks.append(draw.box(14, self.y + 2, _WIDTH - 28, 40, fill, draw.INK_2, f'rx="3" {dash}'))
        self.y += 3
        mark = badge(rung.leg) if rung.leg else f"? {words.nobody()}"
        self.line(24, f"{mark}  {words.moment(rung.field.at)}", draw.INK, 12, draw.SANS, draw.BOLD)
        self.y -= 2
        self.line(24, draw.cut(said or harmless(rung.value), 98), draw.INK, 12, draw.MONO)
        self.y += 4
