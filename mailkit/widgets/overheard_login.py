"""A login as whoever can read the line reads it: SMTP's and POP3's AUTH, USER and PASS, IMAP's LOGIN.

Must not know: hosts, TLS. It gets what a client and a server said where that could be read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mailkit.trace.dialogue import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailkit.widgets.overhearing import Sight

_WORD = rb'(?:"((?:\\.|[^"\\])*)"|(\S+))'
_LOGIN = re.compile(rb"\S+\s+LOGIN\s+" + _WORD + rb"\s+" + _WORD + rb"\s*$", re.IGNORECASE)
_BEARER = re.compile(rb"(?:user=|a=)([^\x01,]*).*?auth=Bearer ([^\x01]*)", re.DOTALL)


class Found(NamedTuple):
    """A text, and the number of the sight that showed it; "" and 0: nothing."""

    text: str = ""
    where: int = 0


class Login(NamedTuple):
    """Who logged in, and by which password or token."""

    user: Found = Found()
    password: Found = Found()


def login(sights: Iterable[Sight]) -> Login:
    """The last login that could be read, as far as it could."""
    found = Login()
    for sight in sights:
        if sight.kind == "line" and sight.by == "C":
            found = _read(sight, found)
    return found


def _read(sight: Sight, so_far: Login) -> Login:
    raw, here = sight.raw.strip(), sight.number
    verb, _space, rest = raw.partition(b" ")
    if verb.upper() in (b"USER", b"APOP"):  # APOP's second word is a digest, and no password (RFC 1939 §7)
        return Login(_found(rest.split(b" ")[0], here))
    if not sight.secret:
        return so_far
    if verb.upper() == b"PASS":
        return so_far._replace(password=_found(rest, here))
    if match := _LOGIN.match(raw):
        user, password = match[1] or match[2], match[3] or match[4]
        return Login(_found(_unquoted(user), here), _found(_unquoted(password), here))
    return _sasl(sight.decoded or raw, here, so_far)


def _sasl(said: bytes, here: int, so_far: Login) -> Login:
    """PLAIN: RFC 4616 §2; OAUTHBEARER: RFC 7628 §3.1; else LOGIN, whose answers are the name, then the password."""
    if said.count(b"\0") == 2:
        _authority, user, password = said.split(b"\0")
        return Login(_found(user, here), _found(password, here))
    if match := _BEARER.search(said):
        return Login(_found(match[1], here), _found(match[2], here))
    if so_far.user.where:
        return so_far._replace(password=_found(said, here))
    return so_far._replace(user=_found(said, here))


def _unquoted(word: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", word)


def _found(raw: bytes, here: int) -> Found:
    return Found(visible(raw), here)
