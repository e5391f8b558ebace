"""Who tries a relay table: strangers with their tricks, and all those whose mail has to flow; a world names them.

Must not know: how a conversation is held, what came of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.lab.topology import MailServer, Topology, User
from mailkit.locale import _
from mailkit.net.zones import ANY, Firewall, Host, Rule, Zone

if TYPE_CHECKING:
    from collections.abc import Iterator

STRANGER, NAMES = "attacker", "dns"
"""Hosts that the worlds of the course have under these names."""
_FORGER = "anybody@example.net"

Wanted = Literal["stop", "flow", "either"]
"""The letter must not be passed on; it has to arrive; or the company may have it as it likes."""


class Probe(NamedTuple):
    """One attempt: who says what. `path` stands between the brackets of RCPT TO, `login` is a mailbox or ""."""

    title: str
    wanted: Wanted
    host: str
    port: int
    sender: str
    path: str
    login: str = ""


def server_of(world: Topology, host: str) -> MailServer:
    """The mail server on a host. LookupError names those there are."""
    found = next((server for server in world.servers if server.host == host), None)
    if found is None:
        known = ", ".join(server.host for server in world.servers)
        raise LookupError(_("no mail server on {server!r}; there are: {known}").format(server=host, known=known))
    return found


# -- the world they live in


def proving_ground(world: Topology, host: str) -> Topology:
    """The world with a stranger in it, and somebody outside to write to, where it had none.

    Greylisting is off: it asks everybody to come again, and no row of the table decides that.
    """
    server_of(world, host)
    grown = with_stranger(world, host)
    if not _outsiders(grown, host):
        grown = _with_third_party(grown, host)
    servers = tuple(s._replace(greylisting=False) if s.host == host else s for s in grown.servers)
    return replace(grown, servers=servers)


def _zone_of(world: Topology, host: str) -> str:
    return next(h.zone for h in world.hosts if h.name == host)


def _outside(world: Topology, host: str) -> tuple[Topology, str]:
    """The world and its zone for strangers: the internet, else any other than the server's, else a new one."""
    zones = [zone.name for zone in world.zones]
    others = [zone for zone in zones if zone != _zone_of(world, host)]
    if "internet" in zones or others:
        return world, "internet" if "internet" in zones else others[0]
    return replace(world, zones=(*world.zones, Zone("internet", _("Internet")))), "internet"


def _free_address(world: Topology) -> str:
    taken = {host.address for host in world.hosts}
    return next(a for n in range(66, 255) if (a := f"203.0.113.{n}") not in taken)


def with_stranger(world: Topology, host: str) -> Topology:
    """The world with a host called "attacker", outside the zone of `host` if there is an outside."""
    if any(h.name == STRANGER for h in world.hosts):
        return world
    world, zone = _outside(world, host)
    stranger = Host(STRANGER, _free_address(world), zone, _("Attacker (example.net)"))
    return replace(world, hosts=(*world.hosts, stranger))


def _with_third_party(world: Topology, host: str) -> Topology:
    """Another company with one mailbox, which everybody can call at port 25."""
    own = server_of(world, host).domains
    domain = next(d for d in ("example.org", "example.com", "example.net") if d not in own)
    world, zone = _outside(world, host)
    mail, address = f"mail.{domain}", _free_address(world)
    records = (
        f"$ORIGIN {domain}.\n$TTL 3600\n@ SOA ns hostmaster 1 7200 900 1209600 300\n@ NS ns\n"
        f"ns A {address}\n@ MX 10 mail\nmail A {address}\n"
    )
    return replace(
        world,
        hosts=(*world.hosts, Host(mail, address, zone, _("A third party's mail server"))),
        servers=(*world.servers, MailServer(mail, mail, (domain,), (25,), (User(f"sato@{domain}", "Sato"),))),
        rules=(Rule(ANY, mail, 25, "accept"), *world.rules),
        zone_files=(*world.zone_files, records),
    )


def _outsiders(world: Topology, host: str) -> list[User]:
    """People with a mailbox at another server and in another domain."""
    own = server_of(world, host).domains
    others = [user for s in world.servers if s.host != host and 25 in s.ports for user in s.users]
    return [user for user in others if user.address.split("@")[1] not in own]


# -- the probes


def probes(world: Topology, host: str) -> list[Probe]:
    """All of them, strangers first. `world` is a proving ground."""
    cast = _Cast(world, host)
    return [*cast.strangers(), *cast.company(), *cast.choice()]


class _Cast:
    """The people and hosts of one world, as seen from the server that is tried."""

    def __init__(self, world: Topology, host: str) -> None:
        self._world, self._host = world, host
        self._server = server_of(world, host)
        self._hosts = {h.name: h for h in world.hosts}
        self._outsider = _outsiders(world, host)[0].address
        self._users = [user.address for user in self._server.users]
        self._domain = self._server.domains[0] if self._server.domains else self._server.hostname
        self._insider = next(iter(self._users or self._led_on()), f"postmaster@{self._domain}")
        self._submission = next((port for port in (587, 465) if port in self._server.ports), 0)

    def _led_on(self) -> list[str]:
        """People of the server's domains whose mailboxes are on another server."""
        return [u.address for u in self._world.users() if u.address.split("@")[1] in self._server.domains]

    def strangers(self) -> Iterator[Probe]:
        """A relay for others is what they look for (RFC 5321 §7.9), by old detours too (app. C; RFC 1123 §5.2.16)."""
        local, domain = self._outsider.split("@")
        tries = [
            (_("A stranger writes to a stranger"), _FORGER, self._outsider),
            (_("The same with a sender of this company, forged"), self._insider, self._outsider),
            (_("Percent-hack: the victim before a %"), _FORGER, f"{local}%{domain}@{self._domain}"),
            (_("Source route: by way of this server"), _FORGER, f"@{self._server.hostname}:{self._outsider}"),
            (_("Quoted: a whole address as the local part"), _FORGER, f'"{self._outsider}"@{self._domain}'),
        ]
        if 25 in self._server.ports:
            yield from (Probe(title, "stop", STRANGER, 25, sender, path) for title, sender, path in tries)
        if self._submission:
            title = _("A stranger at the door for people, without a login")
            yield Probe(title, "stop", STRANGER, self._submission, _FORGER, self._outsider)

    def company(self) -> Iterator[Probe]:
        """Whoever this world means to use the server."""
        yield from self._other_servers()
        inside, outside = self._pc(inside=True), self._pc(inside=False)
        if inside and self._submission:
            yield self._hands_in(_("The company's own PC, with a login"), inside, self._submission, login=True)
        elif inside and 25 in self._server.ports:
            yield self._hands_in(_("The company's own PC; nobody logs in at port 25"), inside, 25)
        if outside and self._submission:
            title = _("An employee on the road, with a login")
            yield self._hands_in(title, outside, self._submission, login=True)

    def choice(self) -> Iterator[Probe]:
        """A device that cannot log in: whether it may send is the company's own decision."""
        inside = self._pc(inside=True)
        if inside and self._submission and 25 in self._server.ports:
            yield self._hands_in(_("The same PC at port 25, as a printer would: no login"), inside, 25, "either")

    def _hands_in(self, title: str, host: str, port: int, wanted: Wanted = "flow", *, login: bool = False) -> Probe:
        user = self._insider
        return Probe(title, wanted, host, port, user, self._outsider, user if login else "")

    def _other_servers(self) -> Iterator[Probe]:
        """The server behind or before this one; where none leads mail here, any server of the internet."""
        others = [s for s in self._world.servers if s.host != self._host]
        before = [s.host for s in others if any(route.via == self._host for route in s.routes)]
        behind = [s.host for s in others if s.smarthost == self._host]
        for name in before:
            yield Probe(_("The relay passes the company's mail on"), "flow", name, 25, self._outsider, self._insider)
        if not before:
            title = _("Another company's server brings mail for this one")
            callers = (s.host for s in others if s.host not in behind and self._reaches(s.host, 25))
            yield from (Probe(title, "flow", n, 25, self._outsider, self._insider) for n in list(callers)[:1])
        for name in behind:
            title = _("The company's inner server sends mail out through here")
            yield Probe(title, "flow", name, 25, self._insider, self._outsider)

    def _reaches(self, caller: str, port: int) -> bool:
        firewall = Firewall(self._world.rules, self._world.default)
        called = self._hosts[self._host]
        return port in self._server.ports and firewall.decide(self._hosts[caller], called, port).action == "accept"

    def _pc(self, *, inside: bool) -> str:
        """A PC in the server's zone, or outside and able to call; "" where nobody has a mailbox here, or no PC."""
        if not self._users:
            return ""
        zone = self._hosts[self._host].zone
        apart = {STRANGER, NAMES, *(s.host for s in self._world.servers)}
        pcs = [h.name for h in self._world.hosts if h.name not in apart and (h.zone == zone) == inside]
        local = self._insider.split("@")[0]
        pcs.sort(key=lambda name: not name.startswith(f"{local}-"))
        return next((name for name in pcs if inside or self._reaches(name, self._submission or 25)), "")
