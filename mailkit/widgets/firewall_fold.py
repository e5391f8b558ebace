"""Folds the heat-map: hosts of a zone that are treated alike share a row, their ports alike a column.

Folding follows what the rules promise, so that it is the same while cells are being tried.
Must not know: how a cell is worded or drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from mailkit.widgets.firewall_heat import judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mailkit.widgets.firewall_heat import Cell, Found, Heat, Judgement

FEW = 3
"""A zone with so many hosts shows each in a row of its own."""
MOST_COLUMNS = 10
T = TypeVar("T")


class Row(NamedTuple):
    """Callers of one zone."""

    zone: str
    hosts: tuple[str, ...]


class Column(NamedTuple):
    """What is called: the same ports of hosts of one zone."""

    zone: str
    hosts: tuple[str, ...]
    ports: tuple[int, ...]


class Table(NamedTuple):
    """`rows` × `columns`."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]


def cells_of(row: Row, column: Column) -> list[Cell]:
    """Every call that the folded cell stands for."""
    return [(s, d, port) for s in row.hosts for d in column.hosts for port in column.ports if s != d]


def fold(heat: Heat) -> Table:
    """The smallest table that hides no difference."""
    return Table(_rows(heat, heat.site.zones), _columns(heat, heat.site.zones))


def _rows(heat: Heat, zones: Mapping[str, str]) -> tuple[Row, ...]:
    alone = {heat.site.attacker, heat.site.inside.host, *heat.site.exchangers}
    size = {zone: sum(z == zone for z in zones.values()) for zone in zones.values()}
    vectors = {
        source: {target: _end(heat, (source, *target)) for target in heat.targets if target[0] != source}
        for source in heat.sources
    }
    kind = {s: (zones[s], s if size[zones[s]] <= FEW or s in alone else "") for s in heat.sources}
    groups = _merged(heat.sources, kind.__getitem__, vectors)
    order = {zone.name: number for number, zone in enumerate(heat.site.topology.zones)}
    return tuple(sorted((Row(zones[group[0]], tuple(group)) for group in groups), key=lambda row: order[row.zone]))


def _columns(heat: Heat, zones: Mapping[str, str]) -> tuple[Column, ...]:
    """Alike ports of a host first; then, of hosts outside and where there are too many, alike hosts of a zone."""
    vectors = {t: {s: _end(heat, (s, *t)) for s in heat.sources if s != t[0]} for t in heat.targets}
    by_host = _merged(heat.targets, lambda target: target[0], vectors)
    ports = {(group[0][0], tuple(port for _, port in group)): vectors[group[0]] for group in by_host}
    size = {zone: len({name for name, _ in ports if zones[name] == zone}) for zone in zones.values()}
    crowded = len(ports) > MOST_COLUMNS

    def kind(column: tuple[str, tuple[int, ...]]) -> tuple[str, tuple[int, ...], str]:
        name, at = column
        is_ours = zones[name] in heat.site.protected
        return (zones[name], at, name if is_ours and (not crowded or size[zones[name]] <= FEW) else "")

    merged = _merged(list(ports), kind, ports)
    columns = [Column(zones[g[0][0]], tuple(name for name, _ in g), g[0][1]) for g in merged]
    # What is to be protected comes first; else they stay in the order of the topology.
    return tuple(sorted(columns, key=lambda column: column.zone not in heat.site.protected))


def _end(heat: Heat, cell: Cell) -> tuple[Found, Judgement]:
    """What must be the same in cells that are folded: how the call ends, and whether that is as it should be."""
    found = heat.believed[cell]
    return found, judged(heat.site, cell, found)


def _merged(
    items: Iterable[T], kind: Callable[[T], object], vectors: Mapping[T, Mapping[Any, object]]
) -> list[list[T]]:
    """Items of one kind whose vectors do not contradict each other; what one has not, the other may have."""
    groups: list[tuple[object, dict[object, object], list[T]]] = []
    for item in items:
        vector = vectors[item]
        for known, seen, group in groups:
            if known == kind(item) and all(seen.get(key, found) == found for key, found in vector.items()):
                seen.update(vector)
                group.append(item)
                break
        else:
            groups.append((kind(item), dict(vector), [item]))
    return [group for _, _, group in groups]
