"""Worlds of any size for the benchmarks: so many mail servers, all open to each other, and one domain at each."""

from __future__ import annotations

from mailkit.lab.topology import MailServer, Topology, User
from mailkit.net.zones import Host, Zone

ZONES = 5
LETTER = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: how fast\r\n\r\n" + b"Hello, and again hello.\r\n" * 20


def world(servers: int) -> Topology:
    """Server n is `mail<n>.example`, with `goto@d<n>.example`; the zones take turns."""
    hosts = tuple(Host(f"mail{n}.example", f"192.0.2.{n + 1}", f"zone-{n % ZONES}") for n in range(servers))
    return Topology(
        zones=tuple(Zone(f"zone-{n}") for n in range(ZONES)),
        hosts=hosts,
        servers=tuple(
            MailServer(host.name, host.name, (f"d{n}.example",), (25, 587, 143), (User(f"goto@d{n}.example"),))
            for n, host in enumerate(hosts)
        ),
        zone_files=(
            _zone("example", [f"mail{n} A 192.0.2.{n + 1}" for n in range(servers)]),
            *(_zone(f"d{n}.example", [f"@ MX 10 mail{n}.example."]) for n in range(servers)),
        ),
        default="accept",
    )


def _zone(origin: str, records: list[str]) -> str:
    head = [f"$ORIGIN {origin}.", "$TTL 3600", "@ SOA ns hostmaster 1 7200 900 1209600 300", "@ NS ns"]
    return "\n".join([*head, *records, ""])
