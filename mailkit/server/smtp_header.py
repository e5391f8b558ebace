"""What servers do to the header of a message that passes: as little as RFC 5321 §4.4 and RFC 6409 §8 allow.

Must not know: envelopes, connections. Time and ids come in as arguments.
"""

from __future__ import annotations

import re
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

CRLF = b"\r\n"
# field-name ":" (RFC 5322 §2.2), blanks before the colon as old mail has them (§4.5).
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_RETURN_PATH = re.compile(rb"^Return-Path[ \t]*:.*\r\n(?:[ \t].*\r\n)*", re.IGNORECASE | re.MULTILINE)
_RECEIVED = re.compile(rb"^Received[ \t]*:", re.IGNORECASE | re.MULTILINE)


def with_header(content: bytes) -> bytes:
    """`content`, an empty line first if it has no header: the trace fields on top must not make one of its text."""
    if not content or content.startswith(CRLF) or _FIELD.match(content):
        return content
    return CRLF + content


def header_end(content: bytes) -> int:
    """Where the header ends: its last line end counted, the empty line not."""
    if content.startswith(CRLF):
        return 0
    end = content.find(CRLF + CRLF)
    return len(content) if end < 0 else end + 2


def count_received(content: bytes) -> int:
    """How many servers it has passed (RFC 5321 §6.3)."""
    return len(_RECEIVED.findall(content, 0, header_end(content)))


def completed(content: bytes, queue_id: str, hostname: str, at: datetime) -> bytes:
    """`content` with the Date and the Message-ID that a mail program should have written (RFC 6409 §8.2, §8.3)."""
    content = with_header(content)
    names = {line.partition(b":")[0].strip().lower() for line in content[: header_end(content)].split(CRLF)}
    added = b""
    if b"date" not in names:
        added += b"Date: " + format_datetime(at).encode() + CRLF
    if b"message-id" not in names:
        added += f"Message-ID: <{queue_id}.{at:%Y%m%d%H%M%S}@{hostname}>".encode() + CRLF
    return added + content


def without_return_path(content: bytes) -> bytes:
    """Only final delivery says Return-Path, so one that is there already says nothing (RFC 5321 §4.4)."""
    end = header_end(content)
    header = content[:end]
    if b"return-path" not in header.lower():  # nearly always, and then nothing is copied
        return content
    return _RETURN_PATH.sub(b"", header) + content[end:]
