"""The bytes of an SMTP client as commands and contents, and what does not end as RFC 5321 §2.3.8 has it.

CRLF alone ends a line. A bare LF or CR never does, least of all around the dot that ends a content: what one server
takes for the end and the next one does not is how a stranger's letter is smuggled into a conversation.
Must not know: commands, replies.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from mailkit.server.smtp_driver import until_resumed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

READ_AT_ONCE = 64 * 1024
"""Octets asked of the system for commands: asyncio's 256 KB are more than malloc keeps at hand, and what the system has
to give for each read costs more than the answer. For large contents that is worth it."""
READ_MUCH_AT_ONCE = 256 * 1024
HIGH_WATER = 256 * 1024
"""Octets that may wait here unread before the client has to."""
PATIENCE = 3.0
"""Seconds that a client with a bare LF may stay silent before it is told."""
LONGEST_COMMAND = 12288
"""Octets of the longest line that is kept: an exchange of AUTH (RFC 4954 §4)."""
LONGEST_TEXT = 1000
"""Octets of a line of content, CRLF counted, the doubled dot not (RFC 5321 §4.5.3.1.6)."""

_END = b"\r\n.\r\n"
_LONELY = re.compile(rb"(?<!\r)\n|\r(?!\n)")


class EndOfInput(Exception):
    """The client has hung up."""


class BareLineEnd(Exception):
    """A line ends with LF or CR alone. `over`: it was read to its end; else the client waits within it."""

    def __init__(self, line: bytes = b"", *, over: bool) -> None:
        super().__init__("a bare LF or CR")
        self.line, self.over = line, over


class TooLong(Exception):
    """A line passes the limit; it was thrown away up to its end. `line` is how it began, where it is a command."""

    def __init__(self, line: bytes = b"") -> None:
        super().__init__("too long")
        self.line = line


class TooBig(Exception):
    """A content passes the limit; it was thrown away up to its end."""


class Input:
    """What a client sent and nobody has read yet. `resume` brings the one who reads it on."""

    def __init__(self, loop: asyncio.AbstractEventLoop, resume: Callable[[bool], None]) -> None:
        self._loop, self._resume, self._buffer = loop, resume, bytearray()
        self._ended = self._awaited = self._paused = False
        self._comes_large = False
        self.transport: asyncio.Transport | None = None
        self.patience = PATIENCE

    # -- the connection's side

    def come_from(self, transport: asyncio.Transport) -> None:
        """The connection, or TLS on it."""
        self.transport = transport
        self._read_at_once(READ_AT_ONCE)

    def _read_at_once(self, octets: int) -> None:
        self.transport.max_size = octets  # type: ignore[union-attr]

    def feed(self, data: bytes) -> None:
        """Take bytes of any size."""
        self._buffer += data
        if len(data) == READ_AT_ONCE and not self._comes_large:
            self._comes_large = True
            self._read_at_once(READ_MUCH_AT_ONCE)
        if self._awaited:
            self._resume(True)
        elif len(self._buffer) > HIGH_WATER and self.transport is not None and not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def end(self) -> None:
        """The client will send no more."""
        self._ended = True
        self._wake(True)

    def forget(self) -> None:
        """Drop what is here: before TLS began, a stranger may have planted it (RFC 3207 §4.2)."""
        self._buffer.clear()

    def _wake(self, heard: bool) -> None:
        if self._awaited:
            self._resume(heard)

    async def _more(self, patience: float | None = None) -> bool:
        """Wait for bytes. False when `patience` seconds brought none."""
        if self._ended:
            raise EndOfInput
        if self._paused and self.transport is not None:
            self._paused = False
            self.transport.resume_reading()
        self._awaited = True
        alarm = None if patience is None else self._loop.call_later(patience, self._wake, False)
        try:
            return await until_resumed()
        finally:
            self._awaited = False
            if alarm is not None:
                alarm.cancel()

    # -- the reader's side

    @property
    def holds_line(self) -> bool:
        """Whether a whole line is here already: a client that pipelines (RFC 2920)."""
        return b"\r\n" in self._buffer

    async def line(self) -> bytes:
        """The next line, without its CRLF. BareLineEnd, TooLong, EndOfInput."""
        buffer, searched = self._buffer, 0
        while (end := buffer.find(b"\r\n", searched)) < 0:
            if len(buffer) > LONGEST_COMMAND:
                begins = bytes(buffer[:80])
                await self._skip_line()
                raise TooLong(begins)
            searched = max(len(buffer) - 1, 0)
            if not await self._more(self.patience if b"\n" in buffer or b"\r" in buffer else None):
                begins = bytes(buffer)
                buffer.clear()
                raise BareLineEnd(begins, over=True)
        line = bytes(buffer[:end])
        del buffer[: end + 2]
        if len(line) > LONGEST_COMMAND:
            raise TooLong(line)
        if b"\n" in line or b"\r" in line:
            raise BareLineEnd(line, over=True)
        return line

    async def _skip_line(self) -> None:
        buffer = self._buffer
        while (end := buffer.find(b"\r\n")) < 0:
            del buffer[:-1]  # a CR may be half of the end
            if not await self._more(self.patience if bytes(buffer) in (b"\n", b"\r") else None):
                buffer.clear()
                return
        del buffer[: end + 2]

    async def content(self, limit: int) -> bytes:
        """A message up to the line of one dot, dots unstuffed (RFC 5321 §4.5.2).

        BareLineEnd, TooLong, TooBig (more than `limit` octets), each after its end; BareLineEnd also when the
        client falls silent behind a bare line end.
        """
        if self._comes_large:
            self._read_at_once(READ_MUCH_AT_ONCE)
        try:
            return _checked(await self._up_to_the_dot(limit), limit)
        finally:
            self._read_at_once(READ_AT_ONCE)

    async def _up_to_the_dot(self, limit: int) -> bytes:
        buffer = self._buffer
        buffer[:0] = b"\r\n"  # the end of DATA itself: the dot may stand in the very first line
        most, searched, dropped = limit * 4 // 3 + 8, 0, False  # `.` CRLF travels as `..` CRLF
        while (end := buffer.find(_END, searched)) < 0:
            if len(buffer) > most:
                dropped = True
                del buffer[:-4]
            searched = max(len(buffer) - 4, 0)
            if not await self._more(self.patience if _stalls(buffer) else None):
                buffer.clear()
                raise BareLineEnd(over=False)
        content = bytes(buffer[2 : end + 2])
        del buffer[: end + len(_END)]
        if dropped:
            raise TooBig
        return content


def _checked(content: bytes, limit: int) -> bytes:
    if _line_ends(content) not in (None, "\r\n"):
        raise BareLineEnd(over=True)
    # From behind: in CPython twice as quick as `in`, and content seldom has one.
    if content.startswith(b".") or content.rfind(b"\r\n.") >= 0:
        content = content.removeprefix(b".").replace(b"\r\n.", b"\r\n")
    if len(content) > limit:
        raise TooBig
    if _has_long_line(content):
        raise TooLong
    return content


def _line_ends(content: bytes) -> str | tuple[str, ...] | None:
    """Which kinds there are: what the text layer of files uses is four times as quick as counting them."""
    decoder = io.IncrementalNewlineDecoder(None, translate=False)
    decoder.decode(content.decode("latin-1"), final=True)
    return decoder.newlines


def _has_long_line(content: bytes) -> bool:
    """From a line's start, the furthest line end within reach is where the next look begins: no line is read twice."""
    start = 0
    while len(content) - start > LONGEST_TEXT:
        end = content.rfind(b"\n", start, start + LONGEST_TEXT)
        if end < 0:
            return True
        start = end + 1
    return False


def _stalls(buffer: bytearray) -> bool:
    """Whether it breaks off behind something that a person might take for the end, such as LF, dot, LF."""
    tail = bytes(buffer[-6:])
    return tail[-1:] in (b"\n", b"\r", b".") and _LONELY.search(tail.removeprefix(b"\n")) is not None
