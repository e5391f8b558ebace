"""The sentences of the hop map: each hop, whom DNS had named, what a field says, what nobody in the lab wrote.

Must not know: widgets, positions. Whatever came over the wire is made harmless here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.trace.dialogue import service
from mailkit.widgets.flow_words import badge, harmless

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mailkit.widgets.hop_map import HopMapModel
    from mailkit.widgets.hop_trace import Exchanger, Leg, Rung, Trip

MOST_RUNGS = 12
"""Fields of one message that are shown; those in the middle are counted. Of a loop, more would bury the page."""


def nobody() -> str:
    """As on a chip."""
    return _("nobody in this lab wrote this")


def forged(model: HopMapModel) -> str:
    """What follows from it."""
    if not model.legs:
        return _("No server of this lab has had this message, so nothing here proves what its fields say.")
    return _(
        "The letter had this field when it was handed in. Whoever hands a letter in can write below what he likes; "
        "he cannot change what servers put on top later."
    )


def heading(model: HopMapModel) -> str:
    """Which message."""
    subject = harmless(model.subject) or _("(no subject)")
    return _("Message: {subject}").format(subject=subject)


def summary(model: HopMapModel) -> str:
    """How many hops and fields there are, and what is odd."""
    legs, rungs = model.legs, model.rungs
    if not legs and not model.trips[-1].notice:
        return _("Received fields: {fields}. No server of this lab has had this message.").format(fields=len(rungs))
    told = [_("Hops: {hops}. Received fields: {fields}.").format(hops=len(legs), fields=len(rungs))]
    if model.forged:
        told.append(_("Written by nobody in this lab: {count}.").format(count=len(model.forged)))
    if any(leg.again for leg in legs):
        told.append(_("It went in circles."))
    return " ".join(told)


def title(model: HopMapModel, trip: Trip) -> str:
    """What one of the ways is."""
    if trip.notice:
        return _("The notice: {host} tells the sender that it failed").format(host=model.title(trip.start))
    return _("The letter that failed") if trip is not model.trips[-1] else _("The way of the message")


# -- hops


def place(leg: Leg) -> str:
    """Service and port, as on a pill."""
    return f"{service(leg.flow.port)} {leg.flow.port}" if leg.flow else _("no server")


def sentence(model: HopMapModel, leg: Leg) -> str:
    """Who called whom, and what came of it."""
    known = {"client": model.title(leg.client), "reply": harmless(leg.reply), "recipient": harmless(leg.recipient)}
    if leg.flow is None:
        return _("{client} found no server for {recipient}: {reply}").format(**known)
    known |= {"server": model.title(leg.flow.server), "port": str(leg.flow.port), "service": service(leg.flow.port)}
    if leg.stop is None:
        return _("{client} calls {server}, port {port} ({service}). Failed: {reply}").format(**known)
    known["id"] = leg.stop.queue_id
    return _("{client} calls {server}, port {port} ({service}). Taken as {id}.").format(**known)


def marks(leg: Leg) -> list[tuple[str, str, str]]:
    """(tone, icon, word) of what is out of the ordinary; success is quiet."""
    found = []
    if leg.reply:
        code = leg.reply[:3] if leg.reply[:3].isdigit() else ""
        found.append(("no", "bounce", _("bounced {code}").format(code=code).strip()))
    if leg.again:
        found.append(("no", "reset", _("here again: a loop")))
    if leg.attempts > 1:
        found.append(("wait", "wait", _("attempt {number}").format(number=leg.attempts)))
    return found


def wire(leg: Leg) -> str:
    """What the wire showed."""
    return _("TLS") if leg.encrypted else _("in clear")


def exchanger(one: Exchanger) -> str:
    """What became of a server that DNS had named."""
    if one.fate == "failed":
        return {
            None: _("nobody is at its address"),
            "drop": _("no answer"),
            "off": _("no answer"),
            "reject": _("refused by the firewall"),
            "closed": _("nobody listens"),
            "accept": _("answered, but did not take it"),
        }[one.verdict]
    return {"took": _("took it"), "refused": _("refused it"), "unasked": _("not called")}[one.fate]


def exchangers(model: HopMapModel, leg: Leg) -> str:
    """The question to DNS; "" where none was asked."""
    if not leg.mx:
        return ""
    sentence = _("{client} asked DNS who takes mail for {domain}. The lowest number is called first:")
    return sentence.format(client=model.title(leg.client), domain=harmless(leg.domain))


# -- fields


def parts(rung: Rung) -> list[tuple[str, str, str]]:
    """(clause, value, what it means) of a field (RFC 5321 §4.4); what it does not say is left out."""
    field = rung.field
    found = [
        ("from", field.helo, _("the name that the caller gave")),
        ("(…)", field.info, _("whom the server saw calling")),
        ("by", field.by, _("who wrote this field")),
        ("via", field.via, _("over which link")),
        ("with", field.protocol, protocol(field.protocol)),
        ("id", field.queue_id, _("its number in that server's queue")),
        ("for", field.recipient, _("the envelope's recipient, if there was one alone")),
        (";", moment(field.at), _("when, on that server's clock")),
    ]
    return [(clause, harmless(value), meaning) for clause, value, meaning in found if value]


def protocol(word: str) -> str:
    """What the word says of TLS and login (RFC 3848)."""
    kind = word.upper()
    if kind.startswith("UTF8SMTP"):  # ESMTP that takes addresses beyond ASCII (RFC 6531 §4.3)
        kind = kind.replace("UTF8", "E")
    known = {
        "SMTP": _("the old SMTP, in clear, nobody logged in"),
        "ESMTP": _("in clear, nobody logged in"),
        "ESMTPS": _("with TLS, nobody logged in"),
        "ESMTPA": _("in clear, the sender logged in"),
        "ESMTPSA": _("with TLS, the sender logged in"),
    }
    return known.get(kind, _("a word that RFC 3848 does not have"))


def moment(at: datetime | None) -> str:
    """Time and zone as the field has them."""
    return f"{at:%Y-%m-%d %H:%M:%S %z}".rstrip() if at else ""


def later(rung: Rung, below: Rung) -> str:
    """How long after the field below; what differs in their zones."""
    upper, lower = rung.field.at, below.field.at
    if upper is None or lower is None:
        return _("no time to compare")
    if (upper.tzinfo is None) != (lower.tzinfo is None):
        return _("one of them has no time zone")
    seconds = round((upper - lower).total_seconds())
    told = duration(seconds)
    if upper.utcoffset() == lower.utcoffset():
        return told
    return _("{later}; the zone changes from {old} to {new}").format(later=told, old=f"{lower:%z}", new=f"{upper:%z}")


def duration(seconds: int) -> str:
    """In words."""
    if not seconds:
        return _("in the same second")
    hours, rest = divmod(abs(seconds), 3600)
    minutes, left = divmod(rest, 60)
    units = ((hours, _("{n} h")), (minutes, _("{n} min")), (left, _("{n} s")))
    told = " ".join(unit.format(n=n) for n, unit in units if n)
    return (
        _("{time} later").format(time=told)
        if seconds > 0
        else _("{time} earlier: one of the clocks is off, or a field is forged").format(time=told)
    )


def shown_rungs(trip: Trip) -> list[Rung | int]:
    """The fields that are shown; a number stands for so many that are left out."""
    rungs = list(trip.rungs)
    if len(rungs) <= MOST_RUNGS:
        return list(rungs)
    half = MOST_RUNGS // 2
    return [*rungs[:half], len(rungs) - MOST_RUNGS, *rungs[-half:]]


def shown_legs(trip: Trip) -> list[Leg | int]:
    """The hops that are shown, likewise."""
    legs = list(trip.legs)
    return list(legs) if len(legs) <= 10 else [*legs[:6], len(legs) - 9, *legs[-3:]]


def left_out(count: int) -> str:
    """What stands where some are left out."""
    return _("… {count} more of the same …").format(count=count)


# -- the whole in words


def text(model: HopMapModel) -> str:
    """Every hop, every field, and what is open."""
    lines = [heading(model), summary(model)]
    for trip in model.trips:
        lines += [f"{title(model, trip)}:", *_hops(model, trip), *_fields(trip)]
    return "\n".join([*lines, *_opened(model)])


def _hops(model: HopMapModel, trip: Trip) -> Iterator[str]:
    for leg in shown_legs(trip):
        if isinstance(leg, int):
            yield f"  {left_out(leg)}"
            continue
        told = [sentence(model, leg), *(word for _tone, _icon, word in marks(leg))]
        yield f"  {badge(leg.number)} {' · '.join(told)}"
        if leg.mx:
            yield f"     {exchangers(model, leg)}"
            yield from (f"       {one.preference} {harmless(one.host)}: {exchanger(one)}" for one in leg.mx)


def _fields(trip: Trip) -> Iterator[str]:
    if not trip.rungs:
        return
    yield _("  Received, read from the bottom up:")
    for rung in shown_rungs(trip):
        if isinstance(rung, int):
            yield f"   {left_out(rung)}"
            continue
        mark = badge(rung.leg) if rung.leg else "?"
        said = " ".join(f"{clause} {value}" for clause, value, _meaning in parts(rung) if clause != "(…)")
        yield f"   {mark} {said or harmless(rung.value)}" + ("" if rung.leg else f"  [{nobody()}]")


def _opened(model: HopMapModel) -> Iterator[str]:
    if model.rung is not None:
        yield f"{harmless('Received: ' + model.rung.value)}"
    for line in model.conversation():
        yield f"    {line.by}: {harmless(line.text)}".rstrip()
