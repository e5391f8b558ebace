"""The bytes of one line for a reader: control bytes by name, hexadecimal, Base64 decoded, secrets covered.

Must not know: rows, colours.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from mailkit.trace.masking import MASK

MOST_BYTES = 1024
"""So many bytes of a message are shown as numbers."""
_NAMES = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI",
    "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
]  # fmt: skip
_ACTING = {0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF}
_ANSWER = re.compile(rb"^(?:334 |\+ )?([A-Za-z0-9+/]+={0,2})\r?\n?$")
_INITIAL = re.compile(rb"^(?:\S+\s+)?AUTH(?:ENTICATE)?\s+\S+\s+([A-Za-z0-9+/]+={0,2})\r?\n?$", re.IGNORECASE)


class Part(NamedTuple):
    """A stretch of text, or the name of one byte or character that cannot be seen."""

    text: str
    named: bool


def named(character: str) -> str:
    """The name of a character that cannot be seen, or "" of one that can."""
    code = ord(character)
    if code < 32:
        return _NAMES[code]
    if code == 127:
        return "DEL"
    return f"U+{code:04X}" if 0x80 <= code < 0xA0 or code in _ACTING else ""


def parts(raw: bytes) -> list[Part]:
    """Text (UTF-8) with what cannot be seen as names; a byte that is no text is named by its number."""
    found: list[Part] = []
    for character in raw.decode("utf-8", "surrogateescape"):
        is_byte = 0xDC80 <= ord(character) <= 0xDCFF
        name = f"0x{ord(character) - 0xDC00:02X}" if is_byte else named(character)
        if name:
            found.append(Part(name, True))
        elif found and not found[-1].named:
            found[-1] = Part(found[-1].text + character, False)
        else:
            found.append(Part(character, False))
    return found


def cells(raw: bytes) -> list[tuple[str, str, bool]]:
    """(two hexadecimal digits, what stands for the byte, whether that is a name) of each of the first bytes."""
    shown = []
    for byte in raw[:MOST_BYTES]:
        name = named(chr(byte)) if byte < 128 else ""
        shown.append((f"{byte:02x}", name or (chr(byte) if byte < 128 else "·"), bool(name)))
    return shown


def covered_cells(raw: bytes) -> list[tuple[str, str, bool]]:
    """The same of a line in which a mask stands for a secret: a mask has no bytes to show."""
    start = raw.find(MASK.encode())
    mask = range(start, start + len(MASK))
    return [("··" if at in mask else cell[0], *cell[1:]) for at, cell in enumerate(cells(raw))]


def decoded(raw: bytes, by: str | None) -> bytes | None:
    """What the Base64 of an AUTH exchange says, when the line has any (RFC 4954 §4, RFC 9051 §6.2.2)."""
    found = _INITIAL.match(raw) if by == "C" else None
    found = found or _ANSWER.match(raw)
    if not found:
        return None
    try:
        return base64.b64decode(found[1], validate=True)
    except binascii.Error:
        return None


def covered(secret: bytes) -> bytes:
    """A decoded answer with its secret covered: PLAIN keeps the name (RFC 4616 §2), anything else nothing."""
    head, separator, _ = secret.rpartition(b"\0")
    plain = separator and secret.count(b"\0") == 2
    return head + separator + MASK.encode() if plain else MASK.encode()
