"""Who plays whom on the bench: the reader and his two PCs, his server, and somebody who writes to him.

Must not know: anything that runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _

if TYPE_CHECKING:
    from mailkit.lab.topology import MailServer, Topology, User
    from mailkit.net.zones import Host

_PORTS = {"POP3": (110, 995), "IMAP4": (143, 993)}


class Writer(NamedTuple):
    """Somebody with a PC and a server that takes letters from it."""

    user: User
    host: str
    server: MailServer


class Cast(NamedTuple):
    """`ports` are where the reader's server answers POP3 and IMAP4. `writer` is None where nobody can write."""

    reader: User
    server: MailServer
    pcs: tuple[Host, Host]
    ports: dict[str, int]
    writer: Writer | None


def cast(topology: Topology, address: str = "") -> Cast:
    """The first person with a "-pc" and a "-mobile" and mail to fetch; ValueError says what was looked for."""
    for server in topology.servers:
        for user in server.users:
            pcs = _pcs(topology, user)
            ports = _ports(server)
            if address in ("", user.address) and len(pcs) == 2 and ports:
                return Cast(user, server, (pcs[0], pcs[1]), ports, _writer(topology, user))
    raise ValueError(
        _(
            "nobody here has two PCs (such as goto-pc and goto-mobile) and a server with POP3 or IMAP: {address}. "
            "two_pcs() is a world where Goto has."
        ).format(address=address or ", ".join(user.address for user in topology.users()))
    )


def _pcs(topology: Topology, user: User) -> list[Host]:
    name = user.address.partition("@")[0]
    hosts = {host.name: host for host in topology.hosts}
    return [hosts[pc] for pc in (f"{name}-pc", f"{name}-mobile") if pc in hosts]


def _ports(server: MailServer) -> dict[str, int]:
    found = {name: [port for port in ports if port in server.ports] for name, ports in _PORTS.items()}
    return {name: ports[0] for name, ports in found.items() if ports}


def _writer(topology: Topology, reader: User) -> Writer | None:
    hosts = {host.name for host in topology.hosts}
    for server in topology.servers:
        for user in server.users:
            host = f"{user.address.partition('@')[0]}-pc"
            if user.address != reader.address and host in hosts and 587 in server.ports:
                return Writer(user, host, server)
    return None
