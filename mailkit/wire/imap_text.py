"""The words of a message as a reader sees them: encodings and charsets undone (RFC 2045, RFC 2047).

Must not know: what is looked for. Nothing fails: octets that make no sense become U+FFFD.
"""

from __future__ import annotations

import binascii
import quopri
from email.errors import HeaderParseError
from email.header import decode_header
from typing import TYPE_CHECKING

from mailkit.wire.imap_mime import transfer_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.wire.imap_mime import Part


def header_text(value: bytes) -> str:
    """A field's value with its encoded words decoded."""
    text = value.decode("utf-8", "replace")
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(piece if isinstance(piece, str) else _decode(piece, charset or "utf-8") for piece, charset in pieces)


def body_texts(part: Part) -> Iterator[str]:
    """Of each part of text, wherever it is nested; and the headers of messages within."""
    for child in part.children:
        yield from body_texts(child)
    if part.message is not None:
        yield header_text(part.message.header.raw)
        yield from body_texts(part.message)
    elif not part.children and part.media_type.type == b"text":
        yield _decode(_octets(part), part.media_type.parameter(b"charset").decode("latin-1"))


def part_headers(part: Part) -> Iterator[str]:
    """Of each part, wherever it is nested; without the message's own."""
    for child in part.children:
        yield header_text(child.header.raw)
        yield from part_headers(child)
    if part.message is not None:
        yield from part_headers(part.message)


def decoded(part: Part) -> bytes | None:
    """The body without its Content-Transfer-Encoding; None when that is unknown or broken (RFC 2045 §6)."""
    if part.children or part.message is not None:
        return part.body
    encoding = transfer_encoding(part.header)
    if encoding in (b"7bit", b"8bit", b"binary"):
        return part.body
    try:
        if encoding == b"base64":
            return binascii.a2b_base64(part.body)
        return quopri.decodestring(part.body) if encoding == b"quoted-printable" else None
    except binascii.Error:
        return None


def _octets(part: Part) -> bytes:
    octets = decoded(part)
    return part.body if octets is None else octets


def _decode(octets: bytes, charset: str) -> str:
    # us-ascii is what a missing charset means; 8-bit text under that name is UTF-8 more often than not.
    name = "utf-8" if charset.lower() in ("", "us-ascii", "ascii", "unknown-8bit") else charset
    try:
        return octets.decode(name, "replace")
    except (LookupError, ValueError):
        return octets.decode("utf-8", "replace")
