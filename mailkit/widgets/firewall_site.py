"""Who is who in a world with a firewall: the company behind it, its servers and PCs, strangers, the attacker.

Also what its mail needs open and what has to stay shut, as the course has it. Must not know: rules, runs, pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Literal

from mailkit.lab.exposure import ATTACKER
from mailkit.locale import _
from mailkit.net.dns import Resolver
from mailkit.trace.transcript import Transcript
from mailkit.widgets.flow_map import FlowMapModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailkit.lab.topology import MailServer, Topology
    from mailkit.net.zones import Host
    from mailkit.widgets.flow_map import HostKind

Need = Literal["must", "may", "must not"]
"""Whether mail needs a call to come through, whether it may, or whether it lets somebody in too far."""
ADMIN, FILES = 22, 445
"""Ports where nobody listens in the lab: a real server is administered at one, a real PC shares files at the other."""
SMTP, DNS = 25, 53
PRIVATE = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16"))
"""Addresses of local networks (RFC 1918 §3)."""


@dataclass(frozen=True, slots=True)
class Site:
    """The company of `domain`. `inside` keeps the mailboxes, `exchangers` are the hosts of its MX, best first.

    `protected` are its zones, `pcs` its hosts without a server. `outsider` is a mail server of somebody else, if any.
    `attacker` and `dns` are host names, "" where there is none; `lines` is a zone outside with PCs alone, else "".
    `kinds` says of each host whether it is a server, a PC or the DNS, `zones` where it stands.
    """

    topology: Topology
    domain: str
    inside: MailServer
    exchangers: tuple[str, ...]
    protected: frozenset[str]
    pcs: tuple[str, ...]
    outsider: MailServer | None
    attacker: str
    dns: str
    lines: str
    kinds: Mapping[str, HostKind]
    zones: Mapping[str, str]

    @property
    def edge(self) -> str:
        """The host that strangers hand mail to."""
        return self.exchangers[0] if self.exchangers else self.inside.host

    @property
    def sender(self) -> str:
        """The host that calls other companies' servers."""
        return self.inside.smarthost or self.inside.host

    def host(self, name: str) -> Host:
        """The machine of that name."""
        return next(host for host in self.topology.hosts if host.name == name)

    def server(self, host: str) -> MailServer | None:
        """The mail server on that host."""
        return next((server for server in self.topology.servers if server.host == host), None)

    def is_protected(self, name: str) -> bool:
        """Whether the host belongs to the company."""
        return self.zones[name] in self.protected

    def strangers(self) -> list[str]:
        """Hosts that are not the company's: the attacker first, if there is one."""
        names = [host.name for host in self.topology.hosts if host.zone not in self.protected]
        return sorted(names, key=lambda name: name != self.attacker)

    def need(self, source: str, destination: str, port: int) -> Need:
        """What the company's mail asks of a call between two hosts."""
        if self.zones[source] == self.zones[destination]:
            return "may"
        if self.is_protected(destination):
            return self._into(source, destination, port)
        if source == self.sender and port == SMTP:
            return "must"
        if source in (self.sender, self.edge) and (destination, port) == (self.dns, DNS):
            return "must"
        is_pc = source in self.pcs
        return "must not" if is_pc and port == SMTP else "may"

    def _into(self, source: str, destination: str, port: int) -> Need:
        if source in self.exchangers:
            is_delivery = (destination, port) == (self.inside.host, SMTP)
            return "must" if is_delivery else "must not"
        if self.is_protected(source):
            hands_over = source == self.sender_before_last and (destination, port) == (self.edge, SMTP)
            return "must" if hands_over else "may"
        if destination in self.exchangers and destination != self._mailboxes_behind and port == SMTP:
            return "must" if self.server(source) else "may"
        return "must not"

    @property
    def sender_before_last(self) -> str:
        """The internal server, where its mail leaves through the relay; else ""."""
        return self.inside.host if self.inside.smarthost else ""

    @property
    def _mailboxes_behind(self) -> str:
        """The internal server, where another host stands before it: then no stranger has to reach it."""
        return self.inside.host if self.edge != self.inside.host else ""


def site_of(topology: Topology, domain: str = "") -> Site:
    """The company of `domain`, else of a domain that a relay passes on, else of the last server with mailboxes.

    ValueError when nobody there has a mailbox.
    """
    domain = domain or _domain(topology)
    inside = next((s for s in topology.servers if domain in s.domains and s.users), None)
    if inside is None:
        sentence = _("no mail server here keeps mailboxes of {domain!r}; a firewall for mail needs one behind it.")
        raise ValueError(sentence.format(domain=domain))
    exchangers = _exchangers(topology, domain)
    zones = {host.name: host.zone for host in topology.hosts}
    protected = _protected(topology, domain, (inside.host, *exchangers))
    outside = [server for server in topology.servers if zones[server.host] not in protected and server.users]
    kinds = {station.name: station.kind for station in FlowMapModel(topology, Transcript()).stations}
    return Site(
        topology,
        domain,
        inside,
        exchangers,
        protected,
        pcs=tuple(name for name, zone in zones.items() if zone in protected and kinds[name] == "pc"),
        outsider=outside[0] if outside else None,
        attacker=ATTACKER if ATTACKER in zones else "",
        dns=next((name for name, kind in kinds.items() if kind == "dns"), ""),
        lines=_lines(topology, protected, kinds),
        kinds=kinds,
        zones=zones,
    )


def _domain(topology: Topology) -> str:
    for server in topology.servers:
        for route in server.routes:
            if route.domain in server.domains:
                return route.domain
    return next((server.domains[0] for server in reversed(topology.servers) if server.users and server.domains), "")


def _protected(topology: Topology, domain: str, hosts: tuple[str, ...]) -> frozenset[str]:
    """The zones of these hosts, the first one's in any case, and those where all addresses are private: its PCs'.

    A zone where others have a server is not the company's.
    """
    zones = {host.name: host.zone for host in topology.hosts}
    foreign = {zones[server.host] for server in topology.servers if domain not in server.domains}
    public = {h.zone for h in topology.hosts if not any(IPv4Address(h.address) in net for net in PRIVATE)}
    own = {zones[name] for name in hosts} | {zone for zone in zones.values() if zone not in public}
    return frozenset({zones[hosts[0]], *(own - foreign)})


def _exchangers(topology: Topology, domain: str) -> tuple[str, ...]:
    resolver = Resolver(topology.zone_files)
    by_address = {host.address: host.name for host in topology.hosts}
    addresses = (resolver.address(exchanger.host) for exchanger in resolver.mx(domain))
    return tuple(dict.fromkeys(by_address[address] for address in addresses if address in by_address))


def _lines(topology: Topology, protected: frozenset[str], kinds: Mapping[str, str]) -> str:
    """A zone outside where only PCs are: an access provider's lines."""
    for zone in topology.zones:
        inside = [kinds[host.name] for host in topology.hosts if host.zone == zone.name and host.name != ATTACKER]
        if zone.name not in protected and inside and set(inside) == {"pc"}:
            return zone.name
    return ""
