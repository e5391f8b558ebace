"""The mail-flow map as one SVG file, for where no script runs: its own paper, light colours, everything escaped.

Must not know: browsers, traitlets. One width, one layout; the picture in the page has more of both.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.widgets import flow_words as words
from mailkit.widgets import svg as draw
from mailkit.widgets.flow_places import DMZ, places, stopped_at, walls

if TYPE_CHECKING:
    from mailkit.widgets.flow_map import FlowMapModel
    from mailkit.widgets.flow_stations import Station
    from mailkit.widgets.hop import Hop

_WIDTH, _HALF, _WALL, _ROW, _TOP = 960, 26, 16, 138, 64
_TONES = {"passed": draw.PUSH, **dict.fromkeys(("refused", "rejected", "closed"), draw.NO), "deferred": draw.WAIT}
_DASHES = {"internet": "1 5", DMZ: "7 4"}
_LABEL = f"{draw.MIDDLE} {draw.BOLD} {draw.RIM}"


class _Spot(NamedTuple):
    x: float
    y: float


def svg(model: FlowMapModel, step: int) -> str:
    """The map at a step; "" while nothing was sent."""
    return _Picture(model, step).drawn() if model.hops else ""


class _Picture:
    """Where everything stands, and the marks."""

    def __init__(self, model: FlowMapModel, step: int) -> None:
        self._model, self._step = model, step
        self._standing = {s.name: p for s, p in zip(model.stations, places(model), strict=True) if p is not None}
        self._first_row = min(row for row, _column in self._standing.values())
        rows = max(row for row, _column in self._standing.values()) - self._first_row + 1
        self.bottom = _TOP + rows * _ROW
        self._zones: dict[str, tuple[float, float]] = {}
        self._at: dict[str, _Spot] = {}
        self._place()

    def _place(self) -> None:
        zones = self._model.topology.zones
        shown = [station for station in self._model.stations if station.name in self._standing]
        inside = {zone.name: [station for station in shown if station.zone == zone.name] for zone in zones}
        columns = {name: max([1, *(self._standing[s.name][1] + 1 for s in hosts)]) for name, hosts in inside.items()}
        unit = (_WIDTH - 2 - 24 * (len(zones) - 1)) / sum(columns.values())
        x = 1.0
        for name, hosts in inside.items():
            width = unit * columns[name]
            self._zones[name] = (x, width)
            for station in hosts:
                row, column = self._standing[station.name]
                beside = sum(self._standing[other.name][0] == row for other in hosts)
                slot = width / (columns[name] if row <= 0 else beside)
                self._at[station.name] = _Spot(x + slot * (column + 0.5), _TOP + (row - self._first_row) * _ROW + 40)
            x += width + 24

    def drawn(self) -> str:
        model = self._model
        marks = [self._zone(zone.name, zone.title or zone.name) for zone in model.topology.zones]
        marks += [self._wall(border) for border in walls(model)]
        marks += [self._hop(hop) for hop in model.hops]
        marks += [self._host(station) for station in model.stations if station.name in self._at]
        marks.append(draw.write(1, self.bottom + 34, model.where(self._step), draw.INK, 14, draw.SANS, draw.BOLD))
        height = self.bottom + 48
        label = _("Mail-flow map: {where}").format(where=model.where(self._step))
        return draw.drawing(_WIDTH, height, label, marks)

    def _zone(self, name: str, title: str) -> str:
        x, width = self._zones[name]
        dash = f'rx="8" stroke-dasharray="{_DASHES[name]}"' if name in _DASHES else 'rx="8"'
        return draw.box(x, 8, width, self.bottom - 8, draw.PAPER, draw.EDGE, dash) + draw.write(
            x + 12, 28, title, draw.INK_2, 12, draw.SANS
        )

    def _border(self, border: int) -> float:
        x, width = list(self._zones.values())[border]
        return x + width + 12

    def _wall(self, border: int) -> str:
        x = self._border(border) - _WALL / 2
        bricks = "".join(
            draw.path(f"M{x:g} {y}h{_WALL}M{x + (4 if y // 12 % 2 else 12):g} {y}v12", draw.EDGE, 1)
            for y in range(8, self.bottom - 11, 12)
        )
        return draw.box(x, 8, _WALL, self.bottom - 8, draw.TINTS[draw.MUTE], draw.EDGE) + bricks

    def _host(self, station: Station) -> str:
        x, y = self._at[station.name]
        state = self._model.state(self._step)[station.name]
        look = 'rx="7" stroke-width="1.5"' + (' stroke-dasharray="5 4"' if state.off else "")
        marks = draw.box(x - _HALF, y - _HALF, 2 * _HALF, 2 * _HALF, draw.PAPER, draw.EDGE, look)
        marks += draw.icon(station.icon, x - 14, y - 14, 28, draw.INK)
        lines = [(line, draw.INK, draw.SANS) for line in draw.broken(station.title, 20)]
        lines.append((draw.cut(station.label, 21), draw.INK_2, draw.MONO))
        lines += [(chip, draw.INK_2, draw.SANS) for chip in self._chips(station)]
        for number, (line, colour, font) in enumerate(lines):
            marks += draw.write(x, y + _HALF + 16 + 15 * number, line, colour, 12, font, draw.MIDDLE)
        return marks

    def _chips(self, station: Station) -> list[str]:
        state = self._model.state(self._step)[station.name]
        if state.off:
            return [_("off")]
        if state.queue:
            return [_("queue {number}").format(number=len(state.queue))]
        return [_("mailbox {number}").format(number=state.filed)] if state.filed else []

    def _hop(self, hop: Hop) -> str:
        start, end = self._at.get(hop.source), self._at.get(hop.target)
        passed = hop.outcome == "passed"
        colour = draw.PULL if passed and hop.kind == "pick-up" else _TONES.get(hop.outcome, draw.MUTE)
        label = f"{words.badge(hop.number)} {words.place(hop)}" + ("" if passed else f": {words.outcome(hop)}")
        if hop.middle:
            label += ", " + words.glance(hop.middle, self._model.title)
        if start is None or end is None:
            known = start or end or _Spot(_WIDTH / 2, 60)
            return draw.write(known.x, known.y - _HALF - 10, label, colour, 12, draw.SANS, draw.MIDDLE)
        bow = 60.0 if self._has_between(start, end) else 0.0
        begin, tip = _towards(start, end, _HALF + 8), _towards(end, start, _HALF + 8)
        tip = tip if passed else self._stop(hop, begin, tip)
        bend = _Spot((begin.x + tip.x) / 2, (begin.y + tip.y) / 2 - bow)
        curve = f"M{begin.x:g} {begin.y:g}Q{bend.x:g} {bend.y:g} {tip.x:g} {tip.y:g}"
        way = draw.path(curve, colour, 6 if hop.tls else 2, 'stroke-dasharray="6 5"' if colour == draw.MUTE else "")
        way += draw.path(curve, draw.PAPER, 3) if hop.tls else ""
        way += _arrow(bend, tip, colour, hollow=hop.kind == "pick-up") if passed else _cross(tip, colour)
        caller = begin if hop.caller == hop.source else tip
        way += draw.disc(caller.x, caller.y, 4.5, colour)
        y = (begin.y + tip.y) / 2 - bow / 2 - 12
        return way + draw.write((begin.x + tip.x) / 2, y, label, colour, 12, draw.SANS, _LABEL)

    def _has_between(self, start: _Spot, end: _Spot) -> bool:
        """Whether the straight way would lead through another host."""
        near, far = sorted((start.x, end.x))
        return any(near + 1 < spot.x < far - 1 and abs(spot.y - start.y) < _HALF for spot in self._at.values())

    def _stop(self, hop: Hop, begin: _Spot, tip: _Spot) -> _Spot:
        """Where a hop ended: at the firewall, half way, or at the host that refused."""
        border = stopped_at(self._model, hop)
        if border is not None and tip.x != begin.x:
            part = (self._border(border) - begin.x) / (tip.x - begin.x)
        else:
            part = 0.5 if hop.outcome == "broken" else 1.0
        return _Spot(begin.x + (tip.x - begin.x) * part, begin.y + (tip.y - begin.y) * part)


def _towards(start: _Spot, end: _Spot, by: float) -> _Spot:
    length = math.hypot(end.x - start.x, end.y - start.y) or 1.0
    return _Spot(start.x + (end.x - start.x) * by / length, start.y + (end.y - start.y) * by / length)


def _arrow(bend: _Spot, tip: _Spot, colour: str, *, hollow: bool) -> str:
    angle = math.degrees(math.atan2(tip.y - bend.y, tip.x - bend.x))
    place = f'transform="translate({tip.x:g} {tip.y:g}) rotate({angle:.1f})"'
    return draw.shape("M0 0l-11-6v12z", draw.PAPER if hollow else colour, colour, f'stroke-width="1.5" {place}')


def _cross(tip: _Spot, colour: str) -> str:
    return draw.disc(tip.x, tip.y, 9, draw.PAPER, colour) + draw.path(
        f"M{tip.x - 4:g} {tip.y - 4:g}l8 8m0-8l-8 8", colour, 2
    )
