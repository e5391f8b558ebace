"""ENVELOPE: the main fields of a header, parsed for the client (RFC 3501 §7.4.2).

Must not know: where the header comes from. Encoded words stay as they are; to decode them is the client's part.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailkit.wire.imap_format import NIL, nstring, parenthesised, string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.wire.imap_mime import Header

MAX_FIELD = 64 * 1024
"""Octets of an address field that are read."""

# Of RFC 5322 §3.2: quoted-string, domain-literal, one special, atom (8-bit taken too), space.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\Z)|\[[^\]]*\]?|[<>@,;:()]|[^\s"\[<>@,;:()]+|\s+', re.DOTALL)

# One address as nearly all are written: atoms, the name's single-spaced; what it means needs no grammar.
_ATOM = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN = re.compile(
    rb"(?:(%b(?: %b)*) )?(?(1)<)(%b(?:\.%b)*)@(%b(?:\.%b)*)(?(1)>)" % (_ATOM, _ATOM, _ATOM, _ATOM, _ATOM, _ATOM)
)

AddressParts = tuple[bytes | None, bytes | None, bytes | None, bytes | None]
END_OF_GROUP: AddressParts = (None, None, None, None)


def envelope(header: Header) -> bytes:
    """Sender and Reply-To fall back to From when they are missing or empty."""
    from_ = _addresses(header, b"from")
    sender, reply_to = _addresses(header, b"sender"), _addresses(header, b"reply-to")
    return parenthesised(
        (
            nstring(header.get(b"date")),
            nstring(header.get(b"subject")),
            from_,
            from_ if sender == NIL else sender,
            from_ if reply_to == NIL else reply_to,
            _addresses(header, b"to"),
            _addresses(header, b"cc"),
            _addresses(header, b"bcc"),
            nstring(header.get(b"in-reply-to")),
            nstring(header.get(b"message-id")),
        )
    )


def _addresses(header: Header, name: bytes) -> bytes:
    value = b",".join(header.all(name))[:MAX_FIELD]
    if not value:
        return NIL
    if plain := _PLAIN.fullmatch(value):
        return b"((%b NIL %b %b))" % (nstring(plain[1]), string(plain[2]), string(plain[3]))
    items = [parenthesised(map(nstring, address)) for address in address_list(value)]
    return b"(" + b"".join(items) + b")" if items else NIL


def address_list(value: bytes) -> Iterator[AddressParts]:
    """(name, route, local part, domain) of each. A group opens without a domain and closes with four None."""
    words: list[bytes] = []
    in_group = in_angle = False
    for token in _tokens(value):
        in_angle = token == b"<" or (in_angle and token != b">")
        if token == b":" and not in_group and not in_angle:
            yield None, None, _phrase(words) or b"", None
            in_group, words = True, []
        elif token in (b",", b";") and not in_angle:
            yield from _address(words)
            words = []
            if token == b";" and in_group:
                yield END_OF_GROUP
                in_group = False
        else:
            words.append(token)
    yield from _address(words)
    if in_group:
        yield END_OF_GROUP


def _address(words: list[bytes]) -> Iterator[AddressParts]:
    """`Name <@route:local@domain>` or `local@domain (Name)`; nothing from no words."""
    comments = [word[1:] for word in words if word.startswith(b"(")]
    plain = [word for word in words if not word.startswith(b"(")]
    name, route = (comments[-1] if comments else None), None
    if b"<" in plain:
        at = plain.index(b"<")
        # What follows `>` belongs to nothing.
        end = plain.index(b">", at) if b">" in plain[at:] else len(plain)
        name, plain = _phrase(plain[:at]) or name, [word for word in plain[at + 1 : end] if word != b"<"]
        if b":" in plain:
            at = plain.index(b":")
            route, plain = b"".join(plain[:at]), plain[at + 1 :]
    if not plain:
        return
    at = len(plain) - 1 - plain[::-1].index(b"@") if b"@" in plain else len(plain)
    yield name, route, b"".join(map(_unquoted, plain[:at])), b"".join(plain[at + 1 :])


def _phrase(words: list[bytes]) -> bytes | None:
    return b" ".join(_unquoted(word) for word in words if not word.startswith(b"(")) or None


def _unquoted(word: bytes) -> bytes:
    if not word.startswith(b'"'):
        return word
    return re.sub(rb"\\(.)", rb"\1", word[1:].removesuffix(b'"'), flags=re.DOTALL)


def _tokens(value: bytes) -> Iterator[bytes]:
    """Tokens without spaces; a comment, with what is nested in it, is one token that begins with `(`."""
    depth = start = 0
    for match in _TOKEN.finditer(value):
        if match[0] == b"(":
            start = start if depth else match.start()
            depth += 1
        elif match[0] == b")":
            if depth == 1:
                yield value[start : match.start()]
            depth = max(0, depth - 1)
        elif not depth and not match[0].isspace():
            yield match[0]
