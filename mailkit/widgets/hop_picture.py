"""The hop map as data for the page: every label, the strip of hosts and hops, the ladder of fields, what is open.

Must not know: widgets, pixels. The browser gets finished sentences, so that it holds none itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailkit.locale import _, language
from mailkit.widgets import hop_words as words
from mailkit.widgets.flow_words import badge, cut, harmless
from mailkit.widgets.hop_map import MOST_LINES

if TYPE_CHECKING:
    from mailkit.widgets.hop_map import HopMapModel
    from mailkit.widgets.hop_trace import Leg, Rung, Trip

Data = dict[str, Any]


def catalogue() -> dict[str, str]:
    """Every label that does not depend on the message."""
    return {
        "widget": _("Hop map and Received ladder"),
        "hops": _("Hops of the message"),
        "fields": _("Received fields, the newest on top"),
        "read": _("Servers write on top, so the lowest field is the oldest. Read from the bottom up."),
        "keys": _("Arrow keys go from hop to hop and from field to field · Enter opens · Esc closes"),
        "none": _("It has no Received field: no server has passed it on."),
        "hop": _("hop {number}"),
        "nobody": words.nobody(),
        "opened": _("What is open"),
        "choose": _("Choose a hop or a field: here stands the conversation that wrote it."),
        "field": _("The field as it stands in the message"),
        "clauses": _("What it says"),
        "said": _("The conversation that wrote it"),
        "no_field": _("This hop left no field in this message."),
        "rests": _("it rests here"),
        "refresh": _("Read again"),
        "words": _("The same in words"),
    }


def picture(model: HopMapModel) -> Data:
    """The whole widget; what is open comes apart, see `details`."""
    return {
        "lang": language(),
        "heading": words.heading(model),
        "summary": words.summary(model),
        "trips": [_trip(model, trip) for trip in model.trips],
        "text": words.text(model),
    }


def _trip(model: HopMapModel, trip: Trip) -> Data:
    return {
        "title": words.title(model, trip),
        "strip": _strip(model, trip),
        "rungs": _rungs(trip),
        "own": trip is model.trips[-1],
    }


def _strip(model: HopMapModel, trip: Trip) -> list[Data]:
    """Hosts and hops in turn."""
    if not trip.start:
        return []
    found = [_host(model, trip.start)]
    for leg in words.shown_legs(trip):
        if isinstance(leg, int):
            found.append({"is": "gap", "text": words.left_out(leg)})
            continue
        found.append(_hop(model, leg))
        if leg.flow is not None:
            found.append(_host(model, leg.flow.server, reached=leg.stop is not None))
    return found


def _host(model: HopMapModel, host: str, *, reached: bool = True) -> Data:
    return {"is": "host", "name": host, "title": model.title(host), "icon": model.kind(host), "reached": reached}


def _hop(model: HopMapModel, leg: Leg) -> Data:
    return {
        "is": "hop",
        "n": leg.number,
        "badge": badge(leg.number),
        "place": words.place(leg),
        "wire": words.wire(leg) if leg.flow else "",
        "tls": leg.encrypted,
        "failed": leg.stop is None,
        "marks": [list(mark) for mark in words.marks(leg)],
        "mx": [[one.preference, harmless(one.host), words.exchanger(one), one.fate] for one in leg.mx],
        "sentence": words.sentence(model, leg),
    }


def _rungs(trip: Trip) -> list[Data]:
    found: list[Data] = []
    shown = words.shown_rungs(trip)
    for at, rung in enumerate(shown):
        if isinstance(rung, int):
            found.append({"is": "gap", "text": words.left_out(rung)})
            continue
        below = shown[at + 1] if at + 1 < len(shown) else None
        found.append(
            {**_rung(rung), "later": "" if below is None or isinstance(below, int) else words.later(rung, below)}
        )
    return found


def _rung(rung: Rung) -> Data:
    said = {clause: value for clause, value, _meaning in words.parts(rung)}
    rest = [f"{clause} {said[clause]}" for clause in ("via", "with", "id", "for") if clause in said]
    return {
        "is": "rung",
        "n": rung.leg or -rung.place,
        "badge": badge(rung.leg) if rung.leg else "?",
        "forged": not rung.leg,
        "by": said.get("by", ""),
        "from": said.get("from", ""),
        "rest": " ".join(rest),
        "at": said.get(";", ""),
        "raw": "" if said else harmless(rung.value),
    }


def details(model: HopMapModel) -> Data:
    """What is open; {} when nothing is."""
    leg, rung = model.leg, model.rung
    if leg is None and rung is None:
        return {}
    said = model.conversation()
    more = len(said) - MOST_LINES
    return {
        "n": model.selected,
        "title": words.sentence(model, leg) if leg else words.nobody(),
        "note": "" if leg else words.forged(model),
        "mx_title": words.exchangers(model, leg) if leg else "",
        "mx": _hop(model, leg)["mx"] if leg else [],
        "field": cut(f"Received: {harmless(rung.value)}") if rung else "",
        "clauses": [list(part) for part in words.parts(rung)] if rung else [],
        "said": [[line.by, cut(line.text), line.encrypted] for line in said[:MOST_LINES]],
        "said_title": _("Conversation {number} wrote it").format(number=model.number_of(leg.flow))
        if leg and leg.flow and rung
        else _("The conversation"),
        "more": _("… and {number} lines more; the ladder shows them all").format(number=more) if more > 0 else "",
    }
