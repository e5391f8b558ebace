"""Where the hosts of a map stand among each other, and where the firewall between their zones does.

Must not know: pixels. A place is a row and a column in a zone; a border is the number of the zone before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailkit.widgets.flow_map import FlowMapModel
    from mailkit.widgets.flow_stations import Station
    from mailkit.widgets.hop import Hop

MOST_ON_THE_WAY, MOST_BELOW = 3, 6
DMZ = "dmz"


def places(model: FlowMapModel) -> list[tuple[int, int] | None]:
    """(row, column in its zone) of each host; None: it is folded away, for its zone has many that do nothing here.

    Row 0 is the letter's way, in the order in which it comes by. DNS is above it, other hosts are below, two in a row.
    Where the letter did not come, a zone's servers stand in row 0, at most two, with a PC beside a single one.
    """
    found: dict[str, tuple[int, int]] = {}
    parts = _taking_part(model.hops)
    leftwards = _is_leftwards(model)
    for zone in model.topology.zones:
        inside = [station for station in model.stations if station.zone == zone.name]
        way = _on_the_way(inside, parts, leftwards=leftwards)
        found.update({name: (0, column) for column, name in enumerate(way)})
        for number, station in enumerate(s for s in inside if s.kind == "dns" and s.name not in way):
            found[station.name] = (-1, _beside(model, way) + number)
        below = [station.name for station in inside if station.name not in found]
        shown = sorted(below, key=lambda name: name not in parts)[:MOST_BELOW]
        rest = [name for name in below if name in shown]
        found.update({name: (1 + number // 2, number % 2) for number, name in enumerate(rest)})
    return [found.get(station.name) for station in model.stations]


def _taking_part(hops: Iterable[Hop]) -> list[str]:
    """Who had to do with the letter, in the order in which it came by."""
    return list(dict.fromkeys(name for hop in hops for name in (hop.source, hop.target) if name))


def _is_leftwards(model: FlowMapModel) -> bool:
    order = [zone.name for zone in model.topology.zones]
    zones = {station.name: order.index(station.zone) for station in model.stations}
    parts = _taking_part(model.hops)
    return bool(parts) and zones[parts[-1]] < zones[parts[0]]


def _on_the_way(inside: list[Station], parts: list[str], *, leftwards: bool) -> list[str]:
    names = [station.name for station in inside]
    mine = [name for name in parts if name in names][:MOST_ON_THE_WAY]
    servers = [station.name for station in inside if station.kind == "server"][:2]
    pcs = [station.name for station in inside if station.kind == "pc"]
    usual = [name for name in (servers + pcs[:1] if len(servers) == 1 else servers) if name not in mine]
    way = mine + usual[: max(0, 2 - len(mine))]
    in_order = [name for name in names if name in way]
    if leftwards:
        mine.reverse()
    return in_order if mine == [name for name in in_order if name in mine] else mine + way[len(mine) :]


def _beside(model: FlowMapModel, way: list[str]) -> int:
    """The column of DNS: not above who asks, else nothing would be seen of the question."""
    askers = [hop.caller for hop in model.hops if hop.questions]
    at = next((way.index(name) for name in askers if name in way), None)
    if at is None:
        return 0
    return 0 if at > 0 else min(1, len(way) - 1)


def walls(model: FlowMapModel) -> list[int]:
    """The borders with a leg of the firewall: both sides of a DMZ; else where it stopped a hop of this letter."""
    order = [zone.name for zone in model.topology.zones]
    if DMZ in order:
        at = order.index(DMZ)
        return [border for border in (at - 1, at) if 0 <= border < len(order) - 1]
    return sorted({border for hop in model.hops if (border := stopped_at(model, hop)) is not None})


def stopped_at(model: FlowMapModel, hop: Hop) -> int | None:
    """The border at which the firewall stopped a hop, seen from who called; None when it did not."""
    if hop.outcome not in ("dropped", "rejected"):
        return None
    order = [zone.name for zone in model.topology.zones]
    zones = {station.name: order.index(station.zone) for station in model.stations}
    near, far = zones[hop.caller], zones[hop.server]
    borders = list(range(near, far)) if near < far else list(range(near - 1, far - 1, -1))
    if DMZ in order:
        at = order.index(DMZ)
        return next((border for border in borders if border in (at - 1, at)), borders[-1] if borders else None)
    return borders[-1] if borders else None
