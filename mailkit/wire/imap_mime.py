"""Where the parts of a message are: octet offsets of headers and bodies in the raw message (RFC 2045, RFC 2046).

Nothing is built anew, so sizes are those of the octets that came. Whatever the octets are, there is a structure:
what cannot be understood is taken as one part of plain text.

Must not know: FETCH, how a structure is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote_from_bytes

MAX_DEPTH = 50
"""Multiparts and messages in each other; what lies deeper is taken as a whole."""
MAX_PARTS = 10_000
"""Of one message; the last one holds what is left."""
MAX_VALUE = 8192
"""Octets of a MIME field that are read."""

Parameters = tuple[tuple[bytes, bytes], ...]

_FIELD = re.compile(rb"^(([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)\n?)", re.MULTILINE)
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_HEADER_END = re.compile(rb"\n\r?\n")
_MEDIA_TYPE = re.compile(rb"([^\s;/\"]+)\s*/\s*([^\s;/\"]+)\s*(?=;|\Z)")
_PARAMETER = re.compile(rb';\s*([^\s;="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.DOTALL)
# Of a field's value: what comes next outside a comment, and within one, where quotes mean nothing (RFC 5322 §3.2.2).
_OUTSIDE = re.compile(rb'"(?:[^"\\]|\\.)*"?|[^"(]+|\(', re.DOTALL)
_WITHIN = re.compile(rb"\\.?|[()]|[^\\()]+", re.DOTALL)
# `name*0`, `name*0*`: a value in pieces, the second with octets as %XX (RFC 2231 §3, §4.1).
_PIECE = re.compile(rb"(.+)\*([0-9]{1,4})(\*?)")


class Header:
    """A header as it stands, its empty line included."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._fields = _FIELD.findall(raw)
        self._by_name: dict[bytes, list[bytes]] = {}
        for _, name, value in self._fields:
            self._by_name.setdefault(name.lower(), []).append(value)

    def fields(self, names: frozenset[bytes], *, others: bool = False) -> bytes:
        """The fields of these names (small letters), or all others, octet for octet, in their order."""
        return b"".join(field for field, name, _ in self._fields if (name.lower() in names) is not others)

    def all(self, name: bytes) -> list[bytes]:
        """The values of all fields of that name, unfolded, without the spaces around them."""
        return [_unfolded(value) for value in self._by_name.get(name, ())]

    @property
    def ends_with_empty_line(self) -> bool:
        """False only for a message that is all header (RFC 3501 §6.4.5)."""
        return self.raw.endswith((b"\n\r\n", b"\n\n")) or self.raw in (b"\r\n", b"\n")

    def get(self, name: bytes) -> bytes | None:
        """The value of the first field of that name."""
        values = self._by_name.get(name)
        return _unfolded(values[0]) if values else None


def _unfolded(value: bytes) -> bytes:
    value = value.strip()
    return _FOLD.sub(b"", value) if b"\n" in value else value


@dataclass(frozen=True, slots=True)
class MediaType:
    """A Content-Type: `type/subtype; parameters` (RFC 2045 §5.1)."""

    type: bytes
    subtype: bytes
    parameters: Parameters = ()

    @classmethod
    def parse(cls, value: bytes) -> MediaType | None:
        value = without_comments(value[:MAX_VALUE])
        match = _MEDIA_TYPE.match(value)
        return cls(match[1].lower(), match[2].lower(), parameters(value)) if match else None

    def parameter(self, name: bytes) -> bytes:
        """The value, or nothing."""
        return next((value for found, value in self.parameters if found == name), b"")


TEXT = MediaType(b"text", b"plain", ((b"charset", b"us-ascii"),))
MESSAGE = MediaType(b"message", b"rfc822")
OCTETS = MediaType(b"application", b"octet-stream")


def parameters(value: bytes) -> Parameters:
    """`; name=value` of a MIME field, names in small letters, values that come in pieces joined."""
    found = _PARAMETER.finditer(value[:MAX_VALUE])
    pairs = tuple((m[1].lower(), m[3] if m[2] is None else re.sub(rb"\\(.)", rb"\1", m[2])) for m in found)
    return _joined(pairs) if any(name.endswith((b"*0", b"*0*")) for name, _ in pairs) else pairs


def _joined(pairs: Parameters) -> Parameters:
    """RFC 2231 §6 asks servers for that: `name*0`, `name*1` as `name`; as `name*` if the first piece has %XX."""
    plain: dict[bytes, bytes] = {}
    pieces: dict[bytes, dict[int, tuple[bytes, bool]]] = {}
    for name, value in pairs:
        if piece := _PIECE.fullmatch(name):
            pieces.setdefault(piece[1], {}).setdefault(int(piece[2]), (value, bool(piece[3])))
        else:
            plain.setdefault(name, value)
    for name, parts in pieces.items():
        is_encoded = 0 in parts and parts[0][1]
        values = [_encoded(*parts[number]) if is_encoded else parts[number][0] for number in sorted(parts)]
        plain.setdefault(name + b"*" * is_encoded, b"".join(values))
    return tuple(plain.items())


def _encoded(value: bytes, is_encoded: bool) -> bytes:
    return value if is_encoded else quote_from_bytes(value, safe="!#$&+^`{|}").encode("ascii")


def without_comments(value: bytes) -> bytes:
    """Content-Type and Content-Transfer-Encoding may hold comments in parentheses (RFC 2045 §3)."""
    kept, at, depth = [], 0, 0
    while b"(" in value and (match := (_WITHIN if depth else _OUTSIDE).match(value, at)):
        at = match.end()
        if match[0] == b"(":
            depth += 1
        elif match[0] == b")" and depth:
            depth -= 1
        elif not depth:
            kept.append(match[0])
    return b"".join(kept) if at else value


def transfer_encoding(header: Header) -> bytes:
    """In small letters; `7bit` when there is none (RFC 2045 §6.1)."""
    value = header.get(b"content-transfer-encoding") or b""
    return without_comments(value[:MAX_VALUE]).strip().lower() or b"7bit"


@dataclass(frozen=True, slots=True)
class Part:
    """A message, or a part of one: header `raw[start:middle]`, body `raw[middle:end]`."""

    raw: bytes
    header: Header
    start: int
    end: int
    media_type: MediaType
    children: tuple[Part, ...] = ()
    """Of a multipart; never empty there."""
    message: Part | None = None
    """Of a message/rfc822."""

    @property
    def middle(self) -> int:
        return self.start + len(self.header.raw)

    @property
    def body(self) -> bytes:
        return self.raw[self.middle : self.end]

    def find(self, numbers: tuple[int, ...]) -> Part | None:
        """The part of a message that `1.2.3` names, or None (RFC 3501 §6.4.5)."""
        parts, part = self.children or (self,), None
        for number in numbers:
            if not 1 <= number <= len(parts):
                return None
            part = parts[number - 1]
            inner = part.message
            parts = (inner.children or (inner,)) if inner else part.children
        return part


def parse(raw: bytes) -> Part:
    """The structure of a whole message."""
    return _Parser(raw).part(0, len(raw), TEXT, 0)


def header_of(raw: bytes) -> Header:
    """The header of a whole message, without a look at the rest."""
    return Header(raw[: _body_start(raw, 0, len(raw))])


def _body_start(raw: bytes, start: int, end: int) -> int:
    for empty_line in (b"\r\n", b"\n"):
        if raw.startswith(empty_line, start, end):
            return start + len(empty_line)
    match = _HEADER_END.search(raw, start, end)
    return match.end() if match else end


class _Parser:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._left = MAX_PARTS

    def part(self, start: int, end: int, default: MediaType, depth: int) -> Part:
        self._left -= 1
        middle = _body_start(self._raw, start, end)
        header = Header(self._raw[start:middle])
        media_type = MediaType.parse(header.get(b"content-type") or b"") or default
        spans = self._spans(middle, end, media_type) if depth < MAX_DEPTH else []
        if spans:
            inner = MESSAGE if media_type.subtype == b"digest" else TEXT
            children = tuple(self.part(*span, inner, depth + 1) for span in spans)
            return Part(self._raw, header, start, end, media_type, children)
        if media_type.type == b"multipart":
            return Part(self._raw, header, start, end, TEXT)
        if (media_type.type, media_type.subtype) == (b"message", b"rfc822"):
            return self._with_message(Part(self._raw, header, start, end, OCTETS), media_type, depth)
        return Part(self._raw, header, start, end, media_type)

    def _with_message(self, part: Part, media_type: MediaType, depth: int) -> Part:
        if depth >= MAX_DEPTH or transfer_encoding(part.header) not in (b"7bit", b"8bit", b"binary"):
            return part
        message = self.part(part.middle, part.end, TEXT, depth + 1)
        return replace(part, media_type=media_type, message=message)

    def _spans(self, start: int, end: int, media_type: MediaType) -> list[tuple[int, int]]:
        """Start and end of each part of a multipart; the line end before a delimiter is the delimiter's."""
        boundary = media_type.parameter(b"boundary").rstrip()
        if media_type.type != b"multipart" or not boundary:
            return []
        spans: list[tuple[int, int]] = []
        begin = 0
        delimiter = re.compile(re.escape(b"--" + boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
        for match in delimiter.finditer(self._raw, start, end):
            at = match.start()
            if self._raw[at - 1 : at] != b"\n":
                continue
            if begin:
                spans.append((begin, max(begin, at - 2 if self._raw[at - 2 : at - 1] == b"\r" else at - 1)))
            if match[1] or len(spans) + 1 >= self._left:
                begin = 0 if match[1] else match.end()
                break
            begin = match.end()
        return [*spans, (begin, end)] if begin else spans
