"""How a server's values are written in IMAP4: strings, flags, dates (RFC 3501 §9).

Must not know: what they mean, in which response they stand.
"""

from __future__ import annotations

import re
from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING

from mailkit.wire.imap_syntax import MONTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

NIL = b"NIL"

# Octets that may stand in a quoted string; longer ones are easier to read as literals.
_QUOTABLE = re.compile(rb"[\x20-\x7e]{0,1000}")

_PLAIN = re.compile(rb"[A-Za-z0-9_-]+")


def literal(data: bytes) -> bytes:
    """`{size}`, then the octets as they are, but for NUL: no literal may hold it; 0x80 as Dovecot has it."""
    return b"{%d}\r\n%b" % (len(data), data.replace(b"\0", b"\x80"))


def literal8(data: bytes) -> bytes:
    """A literal, with `~` before it where there is NUL in it (RFC 3516 §4.3)."""
    return b"~{%d}\r\n%b" % (len(data), data) if b"\0" in data else literal(data)


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


# Messages by the thousand share few sets of flags.
cached_flag_list: Callable[[frozenset[str]], bytes] = lru_cache(maxsize=1024)(flag_list)


def aware(at: datetime) -> datetime:
    """A time without a zone is taken as UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def internal_date(at: datetime) -> bytes:
    """`" 1-Apr-2026 12:00:00 +0900"` (date-time)."""
    zone = f"{aware(at):%z}"[:5]
    return f'"{at.day:2}-{MONTHS[at.month - 1]}-{at.year:04} {at:%H:%M:%S} {zone}"'.encode("ascii")
