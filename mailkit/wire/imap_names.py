"""Mailbox names: how they are written on the wire, which are allowed, which a pattern takes in (RFC 3501 §5.1).

Must not know: mailboxes.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DELIMITER = "/"
MAX_NAME = 255
"""Octets of a mailbox name or pattern on the wire."""

_SHIFTED = re.compile(rb"&([A-Za-z0-9+,]*)-")
_WILDCARDS = re.compile(r"[*%]{2,}")
_TO_SHIFT = re.compile("&|[^\x20-\x7e]+")


def to_utf7(name: str) -> bytes:
    """Modified UTF-7 (RFC 3501 §5.1.3): printable ASCII as it is, the rest as Base64 of UTF-16 in `&…-`."""
    return _TO_SHIFT.sub(lambda match: _shifted(match[0]), name).encode("ascii")


def _shifted(run: str) -> str:
    if run == "&":
        return "&-"
    base64 = binascii.b2a_base64(run.encode("utf-16-be"), newline=False).decode("ascii")
    return "&" + base64.rstrip("=").replace("/", ",") + "-"


def from_utf7(octets: bytes) -> str:
    """The name in Modified UTF-7. ValueError unless it is written as `to_utf7` writes it: one name, one spelling."""
    name = _SHIFTED.sub(lambda match: _unshifted(match[1]).encode("utf-8"), octets).decode("utf-8")
    if to_utf7(name) != octets:
        raise ValueError("not Modified UTF-7")
    return name


def _unshifted(base64: bytes) -> str:
    if not base64:
        return "&"
    padded = base64.replace(b",", b"/") + b"=" * (-len(base64) % 4)
    return binascii.a2b_base64(padded).decode("utf-16-be")


def from_wire(octets: bytes, *, utf8: bool) -> str:
    """A name or pattern as people write it, composed (RFC 5198); ValueError when it cannot be one."""
    if len(octets) > MAX_NAME:
        raise ValueError("too long")
    name = octets.decode("utf-8") if utf8 else from_utf7(octets)
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in name):
        raise ValueError("a control character")
    return unicodedata.normalize("NFC", name)


def to_wire(name: str, *, utf8: bool) -> bytes:
    return name.encode("utf-8") if utf8 else to_utf7(name)


def canonical(name: str) -> str:
    """INBOX in any case is INBOX (RFC 3501 §5.1), and here also as the level above other names.

    The RFC leaves all other names to the server; one tree below `INBOX` and another below `Inbox` would confuse people.
    """
    first, delimiter, rest = name.partition(DELIMITER)
    return ("INBOX" if first.upper() == "INBOX" else first) + delimiter + rest


def is_allowed(name: str) -> bool:
    """Levels may not be empty, nor what a file system would take for a way out; wildcards would match too much."""
    return not {"", ".", ".."}.intersection(name.split(DELIMITER)) and "*" not in name and "%" not in name


def above(name: str) -> list[str]:
    """`a/b/c`: `a`, `a/b`."""
    levels = name.split(DELIMITER)
    return [DELIMITER.join(levels[:depth]) for depth in range(1, len(levels))]


def matches(pattern: str, name: str) -> bool:
    """Whether a LIST pattern takes in a name: `*` is anything, `%` anything within one level.

    Place by place instead of by a regular expression, which `*a*a*a` could keep busy for years.
    """
    pattern = _WILDCARDS.sub(lambda match: "*" if "*" in match[0] else "%", pattern)
    places = {0}
    for char in name:
        places = set(_after_wildcards(pattern, places))
        stay = {p for p in places if pattern[p : p + 1] == "*" or (pattern[p : p + 1] == "%" and char != DELIMITER)}
        places = stay | {p + 1 for p in places if pattern[p : p + 1] == char}
    return len(pattern) in set(_after_wildcards(pattern, places))


def _after_wildcards(pattern: str, places: Iterable[int]) -> Iterator[int]:
    """The places, and those reached from them when a wildcard stands for nothing."""
    for place in places:
        yield place
        if pattern[place : place + 1] in ("*", "%"):
            yield place + 1
