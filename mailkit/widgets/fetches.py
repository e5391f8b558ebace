"""Finds in a POP3 or IMAP4 conversation whether the bytes of one letter were really fetched.

Must not know: hosts, hops, pictures. A letter got in parts (`BODY[]<0.2048>`) is not recognised.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from mailkit.trace.dialogue import service, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.widgets.transactions import Spoken

_POP3 = re.compile(rb"(?:^|(?<=\r\n))(\+OK[^\r\n]*\r\n(?:.*?\r\n)??)\.\r\n", re.DOTALL)
_LITERAL = re.compile(rb"\{(\d+)\}\r\n")
# Tags are left out of what is shown: clients draw them at random.
_TAGGED = re.compile(rb"\r\n[^\s*+]\S* ((?:OK|NO|BAD)[^\r\n]*)")
_REFUSAL = re.compile(rb"(?:^|\r\n)(?:[^\s*+]\S* )?(-ERR[^\r\n]*|(?:(?<= )NO|(?<= )BAD)[^\r\n]*)")


@dataclass(frozen=True, slots=True)
class Fetch:
    """The letter went to the caller; `ended` is the place in the transcript where its last octet did."""

    ended: int
    at: float
    reply: str
    encrypted: bool


def find_fetch(spoken: Spoken, port: int, content: bytes, queue_id: str = "") -> Fetch | None:
    """The first time that the server of this conversation sent `content` whole, or its body as IMAP's TEXT.

    With a `queue_id`, the message must carry it in a `Received` field: needed when two letters are alike.
    """
    told = [(index, said) for index, said in spoken if said.by == "S"]
    stream = b"".join(said.data for _, said in told)
    ends = list(accumulate(len(said.data) for _, said in told))
    marked = re.compile(rb"\bid " + re.escape(queue_id.encode()) + rb"\b") if queue_id else None
    read = _pop3_messages if service(port) == "POP3" else _imap_literals
    for message, end, reply in read(stream, content):
        if _is(message, content) and (marked is None or marked.search(message)):
            index, said = told[bisect_left(ends, end)]
            return Fetch(index, said.at, visible(reply), said.encrypted)
    return None


def refusal(spoken: Spoken) -> str:
    """The last -ERR, NO or BAD that the server said, or ""."""
    stream = b"".join(said.data for _, said in spoken if said.by == "S")
    found = _REFUSAL.findall(stream)
    return visible(found[-1]) if found else ""


def _is(message: bytes, content: bytes) -> bool:
    body = content.partition(b"\r\n\r\n")[2]
    return message in (content, body or content) or message.endswith(b"\r\n" + content)


def _pop3_messages(stream: bytes, content: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """(message with dots unstuffed, where it ends, the +OK line) of each multi-line reply.

    One-line replies before a message are caught with it: they do no harm, for the message is known by its end.
    """
    for found in _POP3.finditer(stream):
        message = found[1].replace(b"\r\n..", b"\r\n.")
        introduction = message[: max(len(message) - len(content), 0)].split(b"\r\n")
        replies = [line for line in introduction if line.startswith(b"+OK")]
        yield message, found.end(), replies[-1] if replies else b""


def _imap_literals(stream: bytes, _: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """(literal, where it ends, the tagged reply after it) of each literal that came whole."""
    start = 0
    while found := _LITERAL.search(stream, start):
        start = found.end() + int(found[1])
        if start > len(stream):
            return
        tagged = _TAGGED.search(stream, start)
        yield stream[found.end() : start], start, tagged[1] if tagged else b""
