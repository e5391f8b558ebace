"""The cells of the heat-map: which calls are tried, and what became of each in a lab with the rules of this moment.

Must not know: how cells are folded or shown. What the rules promise is kept apart from what was tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.lab.lab import Lab
from mailkit.net.zones import Firewall
from mailkit.widgets.firewall_calls import knock
from mailkit.widgets.firewall_site import ADMIN, DNS, FILES, SMTP

if TYPE_CHECKING:
    from mailkit.lab.topology import Topology
    from mailkit.trace.transcript import CallVerdict
    from mailkit.widgets.firewall_site import Site

Target = tuple[str, int]
"""A host and a port of it."""
Cell = tuple[str, str, int]
"""From a host, to a host, at a port."""


class Found(NamedTuple):
    """What became of a call, or is to be expected of it; `rule` from 1, None: the default or no firewall between."""

    verdict: CallVerdict
    rule: int | None


def targets(site: Site) -> tuple[Target, ...]:
    """What is called: others' port 25 and DNS; of the company each served port, and one where nobody should come."""
    found: list[Target] = []
    for host in site.topology.hosts:
        server = site.server(host.name)
        if host.zone in site.protected:
            extra = ADMIN if server else FILES
            served = sorted(server.ports) if server else []
            found += [(host.name, port) for port in dict.fromkeys([*served, extra])]
        elif server and SMTP in server.ports:
            found.append((host.name, SMTP))
        elif host.name == site.dns:
            found.append((host.name, DNS))
    return tuple(found)


Judgement = Literal["", "too far", "missing"]
"""Somebody comes through who must not; mail needs it and does not come through; else nothing is said."""


def judged(site: Site, cell: Cell, found: Found) -> Judgement:
    """Whether a call ended as the company's mail asks."""
    need = site.need(*cell)
    through = found.verdict in ("accept", "closed")
    if need == "must not" and through:
        return "too far"
    return "missing" if need == "must" and not through else ""


class Heat:
    """Every cell: `believed` from the rules, `tried` by connecting; cells not tried since the rules changed are absent.

    Each set of rules gets a lab of its own, named `name`, so that no trial waits for another.
    """

    def __init__(self, site: Site, name: str, carrier: str) -> None:
        self.site, self.targets = site, targets(site)
        self.sources = tuple(host.name for host in site.topology.hosts)
        self.believed: dict[Cell, Found] = {}
        self.tried: dict[Cell, Found] = {}
        self._name, self._carrier = name, carrier
        self._waiting: list[Cell] = []
        self._lab: Lab | None = None

    @property
    def waiting(self) -> int:
        """How many cells are still to be tried."""
        return len(self._waiting)

    def renew(self, topology: Topology) -> None:
        """Other rules: nothing counts as tried any more. What should be different now is tried first."""
        self.close()
        before, self.believed = self.believed, self._expected(topology)
        self.tried = {}
        # popped from the end
        self._waiting = sorted(self.believed, key=lambda cell: before.get(cell) != self.believed[cell])
        self._lab = Lab(topology, name=self._name, carrier=self._carrier).start()

    def _expected(self, topology: Topology) -> dict[Cell, Found]:
        firewall = Firewall(topology.rules, topology.default)
        hosts = {host.name: host for host in topology.hosts}
        listening = {(server.host, port) for server in topology.servers for port in server.ports}
        found = {}
        for source in self.sources:
            for name, port in self.targets:
                if source != name:
                    action, rule = firewall.decide(hosts[source], hosts[name], port)
                    closed = action == "accept" and (name, port) not in listening
                    found[source, name, port] = Found("closed" if closed else action, rule)
        return found

    def step(self, most: int) -> None:
        """Try so many cells; after the last one the lab ends."""
        for _number in range(min(most, len(self._waiting))):
            cell = self._waiting.pop()
            assert self._lab is not None
            call = knock(self._lab, *cell)
            self.tried[cell] = Found(call.verdict, call.rule)
        if not self._waiting:
            self.close()

    def close(self) -> None:
        """End the lab, if one runs."""
        if self._lab is not None:
            self._lab.stop()
            self._lab = None
