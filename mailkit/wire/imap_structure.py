"""BODYSTRUCTURE: the tree of a message's parts, written for the client (RFC 3501 §7.4.2).

Must not know: how the tree was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.wire.imap_envelope import envelope
from mailkit.wire.imap_format import NIL, nstring, parenthesised, string
from mailkit.wire.imap_mime import parameters, transfer_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.wire.imap_mime import Header, Parameters, Part


def body_structure(part: Part, *, extended: bool) -> bytes:
    """`extended` is what BODYSTRUCTURE has over BODY: the extension data."""
    if part.children:
        return _multipart(part, extended=extended)
    header = part.header
    items = [
        string(part.media_type.type),
        string(part.media_type.subtype),
        _parameters(part.media_type.parameters),
        nstring(header.get(b"content-id")),
        nstring(header.get(b"content-description")),
        string(transfer_encoding(header)),
        b"%d" % (part.end - part.middle),
    ]
    if part.message is not None:
        items += [envelope(part.message.header), body_structure(part.message, extended=extended)]
    if part.message is not None or part.media_type.type == b"text":
        items.append(b"%d" % part.raw.count(b"\n", part.middle, part.end))
    if extended:
        items += [nstring(header.get(b"content-md5")), *_extension(header)]
    return parenthesised(items)


def _multipart(part: Part, *, extended: bool) -> bytes:
    children = b"".join(body_structure(child, extended=extended) for child in part.children)
    items = [children, string(part.media_type.subtype)]
    if extended:
        items += [_parameters(part.media_type.parameters), *_extension(part.header)]
    return parenthesised(items)


def _extension(header: Header) -> Iterator[bytes]:
    """Disposition, language, location."""
    disposition = header.get(b"content-disposition")
    kind = (disposition or b"").partition(b";")[0].strip().lower()
    yield parenthesised((string(kind), _parameters(parameters(disposition or b"")))) if kind else NIL
    languages = [tag.strip() for tag in (header.get(b"content-language") or b"").split(b",") if tag.strip()]
    yield parenthesised(map(string, languages)) if languages else NIL
    yield nstring(header.get(b"content-location"))


def _parameters(pairs: Parameters) -> bytes:
    return parenthesised(string(word) for pair in pairs for word in pair) if pairs else NIL
