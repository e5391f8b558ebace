"""The hop map as one SVG file: hops as rows, the fields as a ladder below; a static picture on its own paper.

Must not know: browsers, what is open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.widgets import hop_words as words
from mailkit.widgets.flow_words import badge, harmless
from mailkit.widgets.paper import (
    INK,
    INK2,
    MONO,
    PAPER,
    SANS,
    SUNKEN,
    TONES,
    WAYS,
    box,
    document,
    path,
    shortened,
    write,
)

if TYPE_CHECKING:
    from mailkit.widgets.hop_map import HopMapModel
    from mailkit.widgets.hop_trace import Leg, Rung, Trip

_WIDTH, _LONGEST = 760, 104
_BOLD = 'font-weight="600"'


def svg(model: HopMapModel) -> str:
    """All of it; "" for a message that no server has passed on."""
    if not model.legs and not model.rungs:
        return ""
    drawing = _Drawing(model)
    drawing.line(14, words.heading(model), INK, 14, SANS, _BOLD)
    drawing.line(14, words.summary(model), INK2)
    for trip in model.trips:
        drawing.trip(trip)
    return document(_WIDTH, drawing.y + 10, _("Hop map and Received ladder"), "".join(drawing.marks))


class _Drawing:
    """Marks, one below the other; `y` is where the next one begins."""

    def __init__(self, model: HopMapModel) -> None:
        self._model = model
        self.marks: list[str] = []
        self.y = 10.0

    def line(self, x: float, text: str, fill: str, size: int = 12, font: str = SANS, more: str = "") -> None:
        self.marks.append(write(x, self.y + 14, shortened(text, _LONGEST), fill, size, font, more))
        self.y += 20

    def trip(self, trip: Trip) -> None:
        self.y += 6
        self.line(14, words.title(self._model, trip), INK, 13, SANS, _BOLD)
        for leg in words.shown_legs(trip):
            if isinstance(leg, int):
                self.line(40, words.left_out(leg), INK2)
            else:
                self._leg(leg)
        for rung in words.shown_rungs(trip):
            if isinstance(rung, int):
                self.line(40, words.left_out(rung), INK2)
            else:
                self._rung(rung)

    def _leg(self, leg: Leg) -> None:
        colour = TONES["no"] if leg.stop is None or leg.again else WAYS["push"]
        self.marks.append(f'<circle cx="24" cy="{self.y + 10:g}" r="4" fill="{colour}"/>')
        self.marks.append(path(f"M28 {self.y + 10:g}h18m-6 -5l6 5l-6 5", colour, 2))
        self.line(56, f"{badge(leg.number)} {words.sentence(self._model, leg)}", INK)
        for tone, _icon, word in words.marks(leg):
            self.line(74, word, TONES[tone], 12, SANS, _BOLD)
        for one in leg.mx:
            self.line(74, f"MX {one.preference} {harmless(one.host)}: {words.exchanger(one)}", WAYS["ask"])

    def _rung(self, rung: Rung) -> None:
        said = " ".join(f"{clause} {value}" for clause, value, _m in words.parts(rung) if clause not in ("(…)", ";"))
        dash = "" if rung.leg else 'stroke-dasharray="5 4"'
        self.marks.append(box(14, self.y + 2, _WIDTH - 28, 40, PAPER if rung.leg else SUNKEN, INK2, f'rx="3" {dash}'))
        self.y += 3
        mark = badge(rung.leg) if rung.leg else f"? {words.nobody()}"
        self.line(24, f"{mark}  {words.moment(rung.field.at)}", INK, 12, SANS, _BOLD)
        self.y -= 2
        self.line(24, shortened(said or harmless(rung.value), 98), INK, 12, MONO)
        self.y += 4
