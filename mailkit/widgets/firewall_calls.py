"""Calls of a lab as evidence: what became of each, which rule decided, which reply, in one line.

Must not know: what a call was made for.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.trace.dialogue import heading, lines
from mailkit.trace.transcript import Dialled
from mailkit.widgets.flow_words import harmless

if TYPE_CHECKING:
    from mailkit.lab.lab import Lab
    from mailkit.trace.transcript import CallVerdict, Transcript

LETTER_TAKEN = "queued as"
DNS = 53


class Call(NamedTuple):
    """One call, made. `rule` is the deciding rule from 1; None: the default, or `inside_zone`: no firewall is asked."""

    number: int
    source: str
    destination: str
    port: int
    verdict: CallVerdict
    rule: int | None
    inside_zone: bool
    reply: str
    line: str

    @property
    def came_through(self) -> bool:
        """The firewall let it pass, whether or not somebody listens there."""
        return self.verdict in ("accept", "closed", "off")


def knock(lab: Lab, source: str, destination: str, port: int) -> Dialled:
    """Connect, hang up, and say what became of it."""
    with contextlib.suppress(ConnectionRefusedError, TimeoutError):
        lab.host(source).connect(lab.host(destination).address, port).close()
    call = lab.transcript.last(Dialled)
    assert call is not None
    return call


def calls(lab: Lab, since: int = 0) -> list[Call]:
    """The calls of a lab from that number on, counted from 0."""
    zones = {host.name: host.zone for host in lab.topology.hosts}
    made = lab.transcript.only(Dialled)
    return [_call(lab.transcript, number, record, zones) for number, record in enumerate(made[since:], since + 1)]


def _call(transcript: Transcript, number: int, record: Dialled, zones: dict[str, str]) -> Call:
    flow = record.flow
    same = zones[flow.client] == zones[flow.server]
    reply = _reply(transcript, record)
    return Call(
        number, flow.client, flow.server, flow.port, record.verdict, record.rule, same, reply,
        _line(number, record, same, reply),
    )  # fmt: skip


def _line(number: int, record: Dialled, same: bool, reply: str) -> str:
    parts = [heading(number, record)]
    if record.verdict in ("accept", "closed"):
        parts.append(decider(record.rule, same))
    return " · ".join([*parts, *filter(None, [reply])])


def _reply(transcript: Transcript, record: Dialled) -> str:
    """The reply that decided: the first 4xx or 5xx, else the one that took the letter; "" outside SMTP."""
    if record.verdict != "accept" or record.flow.port not in (25, 465, 587):
        return ""
    said = [line.text for line in lines(transcript, record.flow) if line.by == "S"]
    failures = [text for text in said if text[:1] in ("4", "5")]
    taken = [text for text in said if LETTER_TAKEN in text]
    return harmless((failures or taken[-1:] or [""])[0])


def decider(rule: int | None, same_zone: bool) -> str:
    """Which rule decided, in words."""
    if same_zone:
        return _("same zone, no firewall between")
    return _("rule {rule}").format(rule=rule) if rule else _("no rule matched: the default")


def mark(rule: int | None, same_zone: bool) -> str:
    """The same as one sign: a number, "=" or "∗"."""
    return "=" if same_zone else str(rule) if rule else "∗"


def outcome(verdict: CallVerdict, port: int) -> str:
    """What the caller found. In the lab nobody listens for DNS over TCP: questions are answered beside the network."""
    if verdict == "closed" and port == DNS:
        return _("let through")
    return {
        "accept": _("reached"),
        "closed": _("let through, but nobody listens there"),
        "reject": _("refused by the firewall"),
        "drop": _("dropped: no answer"),
        "off": _("no answer: switched off"),
    }[verdict]
