"""Which user of this computer is at the other end of a connection on loopback.

Linux alone tells. It is asked for the one connection by netlink, which takes 20 microseconds; where netlink is closed,
its table /proc/net/tcp is read, which takes milliseconds. Must not know: what the connection is for.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    Address = tuple[str, int]

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
"""The second lists a program that reached 127.0.0.1 through an IPv6 socket."""
UDP_TABLES = (Path("/proc/net/udp"), Path("/proc/net/udp6"))

# sock_diag(7): a request is nlmsghdr, inet_diag_req_v2; an answer is nlmsghdr, inet_diag_msg.
_SOCK_DIAG, _BY_FAMILY, _REQUEST, _ANY_STATE, _NO_COOKIE = 4, 20, 1, 0xFFFFFFFF, 0xFFFFFFFF
_HEADER, _QUERY, _COOKIE = struct.Struct("=IHHII"), struct.Struct("=BBBBI"), struct.Struct("=III")
_ENDS = struct.Struct("!HH16s16s")
_FOUND = struct.Struct("=4x48x12xII")


class Holder(NamedTuple):
    """Who holds a socket. A socket that its program has closed is shown as user 0's, with inode 0."""

    uid: int
    inode: int


def on_linux() -> bool:
    """Whether this system ought to say whose a connection is."""
    return sys.platform == "linux"


def can_tell() -> bool:
    """Whether it does."""
    return on_linux() and TABLES[0].is_file()


def owner(peer: Address, own: Address) -> int | None:
    """The user id of the socket at `peer` whose other end is `own`; None when nobody holds it (any more)."""
    holder = ask(peer, own) or look_up(peer, own)
    # Inode 0: nobody knows who it was, and it would pass for root.
    return holder.uid if holder and holder.inode else None


def ask(peer: Address, own: Address) -> Holder | None:
    """What netlink says. None when it knows of no such connection, or does not answer here."""
    ends = _ENDS.pack(peer[1], own[1], _padded(peer[0]), _padded(own[0]))
    query = _QUERY.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _ANY_STATE)
    query += ends + _COOKIE.pack(0, _NO_COOKIE, _NO_COOKIE)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
            kernel.settimeout(1)
            kernel.send(_HEADER.pack(_HEADER.size + len(query), _BY_FAMILY, _REQUEST, 1, 0) + query)
            answer = kernel.recv(8192)
    except OSError:
        return None
    kind = _HEADER.unpack_from(answer)[1]
    return Holder(*_FOUND.unpack_from(answer, _HEADER.size)) if kind == _BY_FAMILY else None


def _padded(address: str) -> bytes:
    return socket.inet_aton(address).ljust(16, b"\0")


def look_up(peer: Address, own: Address) -> Holder | None:
    """What the tables say."""
    for near, far, holder in _rows(TABLES):
        if near == peer and far == own:
            return holder
    return None


def sender(peer: Address, own: Address) -> int | None:
    """The user id of the socket at `peer` that has sent a datagram to `own`; None when nobody holds it (any more).

    It need not be connected, nor bound to one address; where two users share the port, it is nobody's.
    """
    anywhere = ("0.0.0.0", "::")
    users = {
        holder.uid
        for near, far, holder in _rows(UDP_TABLES)
        if near[1] == peer[1]
        and near[0] in (peer[0], *anywhere)
        and (far == own or far[0] in anywhere)
        and holder.inode
    }
    return users.pop() if len(users) == 1 else None


def _rows(tables: tuple[Path, ...]) -> Iterator[tuple[Address, Address, Holder]]:
    for table in tables:
        if not table.is_file():
            continue
        for line in table.read_text().splitlines()[1:]:
            _number, near, far, _state, _queues, _timer, _retries, uid, _timeout, inode, *_rest = line.split()
            yield _address(near), _address(far), Holder(int(uid), int(inode))


def _address(text: str) -> Address:
    """`0100007F:1F90` is 127.0.0.1, port 8080: each 32 bits in the machine's own order, the port in plain hex."""
    words, port = text.split(":")
    packed = b"".join(int(words[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), 8))
    address = ipaddress.ip_address(packed)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address), int(port, 16)
