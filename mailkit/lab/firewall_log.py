"""What the firewall of a lab has written down itself: a part of the record, as an administrator would find it.

It holds what a rule with `log` decided, and everything that the default refused: where no rule says anything, nobody
has thought of it yet, and that is what one looks for in a log. Must not know: mail.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.net.zones import ANY
from mailkit.trace.transcript import Dialled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from mailkit.lab.topology import Topology
    from mailkit.net.zones import Action, Rule
    from mailkit.trace.transcript import Transcript


class Decision(NamedTuple):
    """One decision on a new call; `rule` is the number of the rule from 1, None: the default.

    `call` is the number of the conversation in the transcript. `why` is the rule as text.
    """

    at: datetime
    call: int
    source: str
    source_address: str
    destination: str
    destination_address: str
    port: int
    action: Action
    rule: int | None
    why: str

    def __str__(self) -> str:
        source, destination = (
            f"{self.source} [{self.source_address}]",
            f"{self.destination} [{self.destination_address}]",
        )
        return f"{self.at:%Y-%m-%d %H:%M:%S} {source} -> {destination}:{self.port} {self.action}: {self.why}"


class FirewallLog(tuple[Decision, ...]):
    """Decisions, oldest first; print it for one line each."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(map(str, self)) or _("The firewall has written nothing down yet.")


def firewall_log(topology: Topology, transcript: Transcript, zone: tzinfo | None) -> FirewallLog:
    """The decisions that the rules of `topology` ask to be written down; times are told in the time zone `zone`."""
    return FirewallLog(_decisions(topology, transcript, zone))


def _decisions(topology: Topology, transcript: Transcript, zone: tzinfo | None) -> Iterator[Decision]:
    for call in transcript.only(Dialled):
        rule = topology.rules[call.rule - 1] if call.rule else None
        # Without a rule, a call was let through inside one zone, where no firewall stands, or by an open default.
        action = rule.action if rule else topology.default
        if rule.log if rule else call.verdict in ("reject", "drop"):
            flow = call.flow
            yield Decision(
                datetime.fromtimestamp(call.at, zone),
                flow.number,
                flow.client,
                flow.client_address,
                flow.server,
                flow.server_address,
                flow.port,
                action,
                call.rule,
                _reason(rule, call.rule),
            )


def _reason(rule: Rule | None, number: int | None) -> str:
    if rule is None:
        return _("no rule matches, so the default decides")
    port = ANY if rule.port is None else rule.port
    return _("rule {number} ({rule.source} -> {rule.destination}:{port})").format(number=number, rule=rule, port=port)
