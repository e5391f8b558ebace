"""Turns the model of the mail-flow map into plain data for the browser, all of it text and numbers.

Must not know: pixels, traitlets. The browser gets finished sentences, so that it holds none itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailkit.locale import _, language
from mailkit.trace.dialogue import service
from mailkit.widgets import flow_words as words
from mailkit.widgets.flow_places import places, stopped_at, walls

if TYPE_CHECKING:
    from mailkit.net.zones import Zone
    from mailkit.widgets.flow_map import FlowMapModel, Station
    from mailkit.widgets.hop import Hop

Data = dict[str, Any]


def catalogue() -> dict[str, str]:
    """Every label that does not depend on the run."""
    return {
        "widget": _("Mail-flow map"),
        "map": _("Map of the run. Arrow keys go from host to host, Enter selects one."),
        "back": _("Back"),
        "play": _("Play"),
        "next": _("Next hop"),
        "reset": _("Reset"),
        "latest": _("Show the latest run"),
        "clock": _("Lab clock"),
        "caller": _("dot: who calls"),
        "arrow": _("arrow: where the letter goes"),
        "tube": _("tube: TLS"),
        "plain": _("single line: anyone may read"),
        "dots": _("dots: question to DNS"),
        "envelope": _("Envelope: decides delivery"),
        "letter": _("Letter: only read by people"),
        "selected": _("selected"),
        "moving": _("on its way"),
        "not_yet": _("not yet"),
        "words": _("The same in words"),
        "hops": _("Hops of this run"),
        "log": _("Log"),
        "no_log": _("nothing so far"),
        "live": _("Live"),
        "recorded": _("Recorded run"),
        "firewall": _("firewall"),
        "firewall_off": _("firewall: off"),
    }


def picture(model: FlowMapModel) -> Data:
    """The map as data; every list by step has an entry for each step from 0 to the last."""
    steps = range(model.last + 1)
    return {
        "lang": language(),
        "zones": [_zone(model, zone) for zone in model.topology.zones],
        "walls": walls(model),
        "legs": _("one firewall, {legs} legs").format(legs=len(walls(model)) + 1)
        if len(walls(model)) > 1
        else _("firewall"),
        "guarded": [model.firewall_is_on(step) for step in steps],
        "hosts": [
            _host(model, station, place)
            for station, place in zip(model.stations, places(model), strict=True)
            if place is not None
        ],
        "hops": [_hop(model, hop) for hop in model.hops],
        "dns": model.dns,
        "where": [model.where(step) for step in steps],
        "clock": [model.clock(step) for step in steps],
        "text": [model.text(step) for step in steps],
        "envelope": model.envelope,
        "fields": [list(field) for field in model.fields],
        "open": model.still_to_come,
    }


def _zone(model: FlowMapModel, zone: Zone) -> Data:
    pairs = zip(model.stations, places(model), strict=True)
    folded = sum(place is None and station.zone == zone.name for station, place in pairs)
    more = _("and {number} hosts more").format(number=folded) if folded else ""
    return {"name": zone.name, "title": words.harmless(zone.title) or zone.name, "more": more}


def _host(model: FlowMapModel, station: Station, place: tuple[int, int]) -> Data:
    steps = range(model.last + 1)
    return {
        "name": station.name,
        "title": station.title,
        "label": station.label,
        "kind": station.icon,
        "serves": station.kind == "server",
        "part": any(station.name in (hop.source, hop.target) for hop in model.hops),
        "watched": any(station.name in (hop.source, hop.target) for hop in model.hops if hop.middle),
        "off": [model.state(step)[station.name].off for step in steps],
        "fallen": [model.state(step)[station.name].fallen for step in steps],
        "zone": station.zone,
        "row": place[0],
        "column": place[1],
        "chips": [_chip(model, station, step) for step in steps],
        "rows": [_rows(model, station, step) for step in steps],
        "log": [list(line) for line in model.log(station.name)],
    }


def _chip(model: FlowMapModel, station: Station, step: int) -> Data | None:
    """What hangs under a server: its queue while something is in it, else what it filed."""
    state = model.state(step)[station.name]
    if state.off:
        return {"icon": "plug", "text": _("off")}
    if state.fallen:
        return {"icon": "warn", "text": _("compromised")}
    if state.queue:
        return {"icon": "wait", "text": _("queue {number}").format(number=len(state.queue))}
    if station.kind == "server" and (state.filed or _keeps_mail(model, station)):
        return {"icon": "mailbox", "text": _("filed {number}").format(number=state.filed)}
    if station.icon == "relay":
        return {"icon": "relay", "text": _("keeps no mail")}
    return None


def _keeps_mail(model: FlowMapModel, station: Station) -> bool:
    return any(server.host == station.name and server.users for server in model.topology.servers)


def _rows(model: FlowMapModel, station: Station, step: int) -> list[list[str]]:
    """What the panel says of a selected host, as label and value."""
    rows = [[_("Address"), station.address]]
    ports = ", ".join(f"{port} ({service(port)})" for port in station.ports)
    rows.append([_("Listens"), ports or _("nowhere, so nobody can push mail to it")])
    if station.kind == "server":
        state = model.state(step)[station.name]
        boxes = ", ".join(f"{path}: {count}" for path, count in state.mailboxes)
        rows += [[_("Queue"), ", ".join(state.queue) or _("empty")], [_("Mailboxes"), boxes or _("empty")]]
    return rows


def _hop(model: FlowMapModel, hop: Hop) -> Data:
    return {
        "badge": words.badge(hop.number),
        "number": str(hop.number),
        "caller": hop.caller,
        "from": hop.source,
        "to": hop.target,
        "pill": words.place(hop),
        "tls": hop.tls,
        "pulls": hop.kind == "pick-up",
        "outcome": "bounced" if hop.act == "bounced" else hop.outcome,
        "state": words.outcome(hop),
        "sentence": words.sentence(hop, model.title),
        "notes": words.notes(hop, model.began, model.title),
        "asks": next((f"{q.kind}?" for q in hop.questions if q.kind == "MX" and not q.remembered), ""),
        "wall": stopped_at(model, hop),
        "middle": _middle(model, hop),
    }


def _middle(model: FlowMapModel, hop: Hop) -> Data | None:
    """Who stands on the wire, and what he has of it."""
    if hop.middle is None:
        return None
    return {
        "by": hop.middle.by,
        "text": words.glance(hop.middle, model.title),
        "tube": hop.middle.kind == "certificate",
    }
