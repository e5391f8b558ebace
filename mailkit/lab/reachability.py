"""Who can reach whom: worked out from the rules, and found out by really connecting. The two must agree.

Must not know: mail. A probe is a connection and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.net.zones import Firewall
from mailkit.trace.transcript import Dialled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mailkit.lab.lab import Lab
    from mailkit.lab.topology import Topology
    from mailkit.net.zones import Action, Host


class Reach(NamedTuple):
    """One cell of the matrix, as the caller sees it; `rule` is the firewall's deciding rule, from 1.

    "refused" is what a reject rule and a port where nobody listens have in common; "no answer" is a drop.
    """

    source: str
    destination: str
    port: int
    result: Literal["open", "refused", "no answer"]
    rule: int | None


def served_ports(topology: Topology) -> tuple[int, ...]:
    """Every port that some server listens on."""
    return tuple(sorted({port for server in topology.servers for port in server.ports}))


def reachability(topology: Topology, ports: Iterable[int] | None = None) -> tuple[Reach, ...]:
    """The whole matrix from the rules alone: each host to each other, on `ports` (else on all that are served)."""
    firewall = Firewall(topology.rules, topology.default)
    listening = {(server.host, port) for server in topology.servers for port in server.ports}
    cells = []
    for source, destination, port in _pairs(topology, ports):
        verdict = firewall.decide(source, destination, port)
        is_served = (destination.name, port) in listening
        cells.append(Reach(source.name, destination.name, port, _seen(verdict.action, is_served), verdict.rule))
    return tuple(cells)


def _seen(action: Action, is_served: bool) -> Literal["open", "refused", "no answer"]:
    if action == "drop":
        return "no answer"
    return "open" if action == "accept" and is_served else "refused"


def probe(lab: Lab, ports: Iterable[int] | None = None) -> tuple[Reach, ...]:
    """The same matrix, each cell a connection just made. It stands in the lab's transcript."""
    return tuple(_knock(lab, *pair) for pair in _pairs(lab.topology, ports))


def _pairs(topology: Topology, ports: Iterable[int] | None) -> Iterator[tuple[Host, Host, int]]:
    wanted = served_ports(topology) if ports is None else tuple(ports)
    for source in topology.hosts:
        for destination in topology.hosts:
            if source is not destination:
                for port in wanted:
                    yield source, destination, port


def _knock(lab: Lab, source: Host, destination: Host, port: int) -> Reach:
    result: Literal["open", "refused", "no answer"] = "open"
    try:
        lab.host(source.name).connect(destination.address, port).close()
    except ConnectionRefusedError:
        result = "refused"
    except TimeoutError:
        result = "no answer"
    call = lab.transcript.last(Dialled)
    return Reach(source.name, destination.name, port, result, call.rule if call else None)
