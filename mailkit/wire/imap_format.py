"""How a server's values are written in IMAP4: strings, flags, dates, sets of UIDs (RFC 3501 §9).

Must not know: what they mean, in which response they stand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailkit.wire.imap_syntax import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

NIL = b"NIL"

# Octets that may stand in a quoted string; longer ones are easier to read as literals.
_QUOTABLE = re.compile(rb"[\x20-\x7e]{0,1000}")

_PLAIN = re.compile(rb"[A-Za-z0-9_-]+")


def literal(data: bytes) -> bytes:
    """`{size}`, then the octets as they are."""
    return b"{%d}\r\n%b" % (len(data), data)


def string(data: bytes) -> bytes:
    """Quoted where that is allowed, else a literal."""
    if not _QUOTABLE.fullmatch(data):
        return literal(data)
    return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def astring(data: bytes) -> bytes:
    """As it is where that is allowed, else a string: field names are echoed as clients compare them."""
    return data if _PLAIN.fullmatch(data) else string(data)


def nstring(data: bytes | None) -> bytes:
    """A string, or NIL for what is not there."""
    return NIL if data is None else string(data)


def parenthesised(items: Iterable[bytes]) -> bytes:
    return b"(" + b" ".join(items) + b")"


def flag_list(flags: Iterable[str]) -> bytes:
    """In one order, so that the same flags are always the same octets."""
    return parenthesised(flag.encode("ascii") for flag in sorted(flags))


def internal_date(at: datetime) -> bytes:
    """`" 1-Apr-2026 12:00:00 +0900"` (date-time). A time without a zone is taken as UTC."""
    zone = at.strftime("%z")[:5] or "+0000"
    return f'"{at.day:2}-{MONTHS[at.month - 1]}-{at.year:04} {at:%H:%M:%S} {zone}"'.encode("ascii")


def uid_set(uids: Iterable[int]) -> bytes:
    """`4,6:8`: neighbours joined, the order kept (RFC 4315 §4)."""
    ranges: list[list[int]] = []
    for uid in uids:
        if ranges and uid == ranges[-1][1] + 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return b",".join(b"%d" % low if low == high else b"%d:%d" % (low, high) for low, high in ranges)
