"""Which user of this computer is at the other end of a connection on loopback.

Linux alone tells, in /proc/net/tcp. Must not know: what the connection is for.
"""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Address = tuple[str, int]

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
"""The second lists a program that reached 127.0.0.1 through an IPv6 socket."""


def on_linux() -> bool:
    """Whether this system ought to say whose a connection is."""
    return sys.platform == "linux"


def can_tell() -> bool:
    """Whether it does."""
    return on_linux() and TABLES[0].is_file()


def owner(peer: Address, own: Address, read: Callable[[Path], str] = Path.read_text) -> int | None:
    """The user id of the socket at `peer` whose other end is `own`; None when nobody holds it (any more)."""
    for table in TABLES:
        if not table.is_file():
            continue
        for line in read(table).splitlines()[1:]:
            _number, near, far, _state, _queues, _timer, _retries, uid, _timeout, inode, *_rest = line.split()
            # A socket that its program has closed is shown as root's, with inode 0: that says nothing about who it was.
            if inode != "0" and _address(near) == peer and _address(far) == own:
                return int(uid)
    return None


def _address(text: str) -> Address:
    """`0100007F:1F90` is 127.0.0.1, port 8080: each 32 bits in the machine's own order, the port in plain hex."""
    words, port = text.split(":")
    packed = b"".join(
        int(words[at : at + 8], 16).to_bytes(4, sys.byteorder)  # as the kernel printed them
        for at in range(0, len(words), 8)
    )
    address = ipaddress.ip_address(packed)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address), int(port, 16)
