"""Security zones, the hosts in them, and the firewall that decides every connection between zones.

Must not know: sockets, protocols. The first rule that matches decides; none matches: the default does.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Action = Literal["accept", "reject", "drop"]
ANY = "any"


class Zone(NamedTuple):
    """A part of the network under one policy. `title` is for people."""

    name: str
    title: str = ""


class Host(NamedTuple):
    """A machine. `address` is an IPv4 address as a label: the bytes travel on loopback or in memory."""

    name: str
    address: str
    zone: str
    title: str = ""


class Rule(NamedTuple):
    """Source and destination are a zone's or a host's name, or "any"; port None is any port.

    `log`: the firewall writes down each call that this rule decides.
    """

    source: str
    destination: str
    port: int | None
    action: Action
    log: bool = False


class Verdict(NamedTuple):
    """What the firewall decided, and the number of the rule from 1; None: the default, or no zone border crossed."""

    action: Action
    rule: int | None


class Firewall(NamedTuple):
    """Ordered rules; traffic inside one zone never meets it."""

    rules: tuple[Rule, ...] = ()
    default: Action = "drop"

    def decide(self, source: Host, destination: Host, port: int) -> Verdict:
        """Verdict on a new connection. Answers ride back on the same connection, so they need no rule."""
        if source.zone == destination.zone:
            return Verdict("accept", None)
        for number, rule in enumerate(self.rules, 1):
            if _matches(rule.source, source) and _matches(rule.destination, destination) and rule.port in (None, port):
                return Verdict(rule.action, number)
        return Verdict(self.default, None)


def _matches(pattern: str, host: Host) -> bool:
    return pattern in (ANY, host.zone, host.name)
