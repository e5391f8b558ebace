"""Content between lines of a dialogue: CRLF line ends and doubled dots (RFC 5321 §4.5.2, RFC 1939 §3).

Must not know: who sends, which command asked.
"""

from __future__ import annotations

import re

# Patterns that begin with one octet, for which `re` jumps from one to the next; bytes.count and bytes.replace look at
# every octet of a letter, in which there is mostly nothing to find.
_BARE_LF = re.compile(rb"\n(?<!\r\n)")
_LEADING_DOT = re.compile(rb"\r\n\.")


def with_crlf(content: bytes) -> bytes:
    """`content` with each bare LF made CRLF: LF, dot, LF in content must not end DATA or RETR early."""
    return _BARE_LF.sub(b"\r\n", content) if _BARE_LF.search(content) else content


def as_lines(content: bytes) -> bytes:
    """`content` as whole lines, each ended by CRLF. Empty content stays empty."""
    content = with_crlf(content)
    if not content or content.endswith(b"\n"):
        return content
    return content.removesuffix(b"\r") + b"\r\n"


END = b".\r\n"
"""The line that ends a content."""


def dot_stuffed(content: bytes) -> bytes:
    """As whole lines, a dot doubled where it leads a line, then END."""
    return stuffed(as_lines(content)) + END


def stuffed(lines: bytes) -> bytes:
    """Whole lines with a dot doubled where it leads one; the very same object where none does."""
    if lines.startswith(b".") or _LEADING_DOT.search(lines):
        return (b"\r\n" + lines).replace(b"\r\n.", b"\r\n..")[2:]
    return lines
