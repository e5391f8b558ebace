"""The hosts of a world as a picture shows them: what each is called, where it listens, which icon it has.

Must not know: runs, steps, pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mailkit.lab.exposure import ATTACKER
from mailkit.net.dns import Resolver
from mailkit.widgets.flow_words import harmless

if TYPE_CHECKING:
    from collections.abc import Collection

    from mailkit.lab.topology import Topology
    from mailkit.net.zones import Host

HostKind = Literal["pc", "server", "dns"]


@dataclass(frozen=True, slots=True)
class Station:
    """A host on the map. `label` is the name or address that it is called by; `ports` is where it listens.

    `icon` tells a relay, which keeps no mail, from a server, and an attacker from a PC.
    """

    name: str
    title: str
    label: str
    address: str
    zone: str
    kind: HostKind
    ports: tuple[int, ...]
    icon: str


def stations(topology: Topology, middlemen: Collection[str] = ()) -> list[Station]:
    """All hosts in the topology's order; `middlemen` are those who stood in the middle of a conversation.

    A host is a server when it has a MailServer, else DNS when the address of a name that an NS record
    names is its own, else a PC.
    """
    named = _name_servers(topology)
    return [_station(topology, host, host.address in named, host.name in middlemen) for host in topology.hosts]


def _station(topology: Topology, host: Host, named: bool, middleman: bool) -> Station:
    server = next((server for server in topology.servers if server.host == host.name), None)
    kind: HostKind = "server" if server else "dns" if named else "pc"
    icon = "attacker" if middleman or host.name == ATTACKER else "relay" if server and not server.users else kind
    label = server.hostname if server else host.address
    ports = server.ports if server else (53,) if kind == "dns" else ()
    return Station(host.name, harmless(host.title) or host.name, label, host.address, host.zone, kind, ports, icon)


def _name_servers(topology: Topology) -> set[str]:
    """The addresses of the names in NS records."""
    resolver = Resolver(topology.zone_files)
    origins = (text.split("$ORIGIN", 1)[1].split()[0] for text in topology.zone_files if "$ORIGIN" in text)
    names = (name for origin in origins for name in resolver.lookup(origin, "NS"))
    return {address for name in names for address in resolver.lookup(name, "A")}
