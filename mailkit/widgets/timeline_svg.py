"""The availability timeline as one SVG file, for where no script runs: its own paper, light colours, escaped text.

Must not know: browsers, traitlets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.widgets import svg as draw
from mailkit.widgets import timeline_words
from mailkit.widgets.timeline_events import FIREWALL, grouped
from mailkit.widgets.timeline_picture import look, ticks

if TYPE_CHECKING:
    from mailkit.widgets.timeline import TimelineModel
    from mailkit.widgets.timeline_events import Event

_WIDTH, _LEFT, _RIGHT, _LANE, _TOP = 960, 210, 24, 46, 40
_COLOURS = draw.WAYS | draw.TONES | {"ink-2": draw.INK_2}
_RIM = f"{draw.MIDDLE} {draw.RIM}"


def svg(model: TimelineModel) -> str:
    """All of the run; "" while nothing has happened."""
    return _Picture(model).drawn() if model.events else ""


class _Picture:
    """Where lanes and times stand, and the marks."""

    def __init__(self, model: TimelineModel) -> None:
        self._model = model
        self._y = {lane.name: _TOP + _LANE * n + _LANE / 2 for n, lane in enumerate(model.lanes)}
        self._bottom = _TOP + _LANE * len(model.lanes)
        self._last: dict[str, float] = {}

    def drawn(self) -> str:
        model = self._model
        marks = [self._tick(at, label) for at, label in ticks(model)]
        marks += [self._lane(name) for name in self._y]
        marks += [self._group(group) for group in grouped(model.events)]
        now = self._x(model.now)
        marks.append(draw.path(f"M{now:g} {_TOP - 6}V{self._bottom}", draw.INK, 2))
        marks.append(draw.write(now, _TOP - 22, _("now"), draw.INK, 12, draw.SANS, _RIM))
        told = [timeline_words.account(account, model.clock) for account in model.accounts[-6:]]
        lines = [part for line in told for part in draw.broken(line, 130)]
        for number, line in enumerate(lines):
            marks.append(draw.write(8, self._bottom + 24 + 18 * number, line, draw.INK, 12, draw.SANS))
        height = self._bottom + 24 + 18 * len(lines)
        label = _("Availability timeline up to {time}").format(time=model.clock(model.now))
        return draw.drawing(_WIDTH, height, label, marks)

    def _x(self, at: float) -> float:
        model = self._model
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (at - model.began) / (model.end - model.began)

    def _tick(self, at: float, label: str) -> str:
        x = self._x(self._model.began + at)
        return draw.path(f"M{x:g} {_TOP - 4}V{self._bottom}", draw.LINE, 1) + draw.write(
            x, _TOP - 8, label, draw.INK_2, 12, draw.SANS, draw.MIDDLE
        )

    def _lane(self, name: str) -> str:
        y, model = self._y[name], self._model
        marks = draw.write(8, y + 4, draw.cut(model.title(name), 28), draw.INK, 12, draw.SANS, draw.BOLD)
        marks += draw.path(f"M{_LEFT} {y:g}H{self._x(model.now):g}", draw.EDGE, 1.5)
        for span in (span for span in model.queued if span.host == name):
            start, end = self._x(span.start), self._x(span.end or model.now)
            queue = draw.TINTS[draw.WAIT], draw.WAIT, 'stroke-dasharray="4 3"'
            marks += draw.box(start, y + 4, max(end - start, 2), 12, *queue)
        for span in (span for span in model.off if span.host == name):
            start, end = self._x(span.start), self._x(span.end or model.now)
            off = draw.TINTS[draw.MUTE], draw.EDGE, 'stroke-dasharray="5 4"'
            marks += draw.box(start, y - 12, max(end - start, 2), 24, *off)
            marks += draw.write((start + end) / 2, y + 4, _("off"), draw.INK_2, 12, draw.SANS, _RIM)
        return marks

    def _group(self, group: list[Event]) -> str:
        """The same attempt made several times has lines for each, and one sign with their number."""
        event = group[0]
        if event.kind == "switch" or event.source not in self._y:
            return ""
        tone, icon = look(event)
        colour = _COLOURS[tone]
        dash = 'stroke-dasharray="5 4"' if tone == "mute" else ""
        target = self._target(event)
        marks = ""
        if target is not None:
            marks = "".join(
                draw.path(f"M{x:g} {self._y[event.source]:g}V{target:g}", colour, 1.5, dash) for x in self._lines(group)
            )
        x = self._free(event, (self._x(group[0].at) + self._x(group[-1].at)) / 2)
        y = self._y[event.source] if target is None else target
        count = draw.write(x + 11, y + 4, f"×{len(group)}", colour, 12, draw.SANS, draw.RIM) if len(group) > 1 else ""
        return marks + draw.disc(x, y, 9, draw.PAPER) + draw.icon(icon, x - 7, y - 7, 14, colour) + count

    def _lines(self, group: list[Event]) -> list[float]:
        found: list[float] = []
        for event in group:
            x = self._x(event.at)
            if not found or x - found[-1] > 5:
                found.append(x)
        return found

    def _free(self, event: Event, x: float) -> float:
        """Beside the sign before it on that lane."""
        lane = event.target or event.source
        self._last[lane] = max(x, self._last.get(lane, -99) + 20)
        return self._last[lane]

    def _target(self, event: Event) -> float | None:
        """Where the line of a call ends: at the machine, or at the firewall that stopped it."""
        if not event.target or event.target not in self._y:
            return None
        if event.outcome in ("dropped", "rejected") and FIREWALL in self._y:
            return self._y[FIREWALL]
        return self._y[event.target]
