"""The machinery of a sans-IO peer: a dialogue written as a generator, fed with bytes from outside.

The contract with a driver, in five steps:

1. `engine.start()`, then send `engine.take_output()` (or `take_pieces()`, one by one).
2. Bytes came: `engine.receive(data)`; the peer closed: `engine.receive_eof()`. Send `take_output()`. A driver that
   has set `engine.is_paced` calls `engine.resume()` when that is sent, and begins again with `take_output()`.
3. `engine.on_output` is called when output appears that no received byte caused (IMAP IDLE). Send it.
4. `engine.wants_tls` is true: send what is left, start TLS, then call `engine.tls_started()`.
5. `engine.finished` is true: send what is left and close.

Must not know: which protocol is spoken, who carries the bytes.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Dialogue = Generator[None, None, None]


LARGE = 1024
"""Octets of a piece that is not worth a copy."""


class EndOfStream(Exception):
    """The peer closed its side; raised inside the dialogue where it waits for bytes."""


class LineTooLong(Exception):
    """A line passed the limit; it was thrown away up to its line end, and the dialogue may go on."""

    def __init__(self, limit: int, start: bytes) -> None:
        super().__init__(f"a line of more than {limit} octets")
        self.start = start
        """How the line began: an IMAP4 reply needs the tag."""


class Engine:
    """Base of every engine. A subclass writes `converse`: reads with `yield from`, answers with `say`."""

    max_line = 8192
    """Octets of a line, its end included."""
    max_output = 1024 * 1024
    """Octets that may wait for a peer that does not read, before a paced dialogue stands still."""

    def __init__(self) -> None:
        self._input = bytearray()
        self._output: list[bytes] = []
        self._unsent = 0
        """Octets in `_output`."""
        self._eof = False
        self._dialogue: Dialogue | None = None
        self.is_paced = False
        self._is_held = False
        self.wants_tls = False
        self.is_tls = False
        self.finished = False
        self.on_output: Callable[[], None] = lambda: None

    # -- for the driver

    def start(self) -> None:
        """Run the dialogue up to the first place where it needs the peer."""
        self._dialogue = self.converse()
        self._step()

    def receive(self, data: bytes) -> None:
        """Take bytes of any size, from a single octet to many lines at once."""
        # What comes in clear while TLS is awaited will be forgotten; what comes after the end has no reader.
        if not (self.wants_tls or self.finished):
            self._input += data
            self._step()

    def receive_eof(self) -> None:
        """The peer will send no more."""
        self._eof = True
        self._step()

    def take_output(self) -> bytes:
        """All that was said since the last call."""
        return b"".join(self.take_pieces())

    def take_pieces(self) -> list[bytes]:
        """The same as pieces: what is LARGE is the very object that was said, what lies between is joined.

        So a record of them holds a letter without a copy, as long as the letter rests in its mailbox.
        """
        pieces, size = self._output, self._unsent
        self._output, self._unsent = [], 0
        if size < LARGE or len(pieces) == 1:
            return [b"".join(pieces)] if pieces else []
        runs = groupby(pieces, lambda piece: len(piece) >= LARGE)
        return [piece for is_large, run in runs for piece in (run if is_large else [b"".join(run)])]

    def resume(self) -> bool:
        """What was taken is sent: go on, if the dialogue stood still for that; whether it did."""
        if was_held := self._is_held:
            self._step()
        return was_held

    def tls_started(self) -> None:
        """TLS is on: what was read in clear is forgotten, a stranger may have planted it (RFC 3207 §4.2)."""
        self._input.clear()
        self.wants_tls, self.is_tls = False, True
        self._step()

    def _step(self) -> None:
        if self.finished or self._dialogue is None:
            return
        try:
            next(self._dialogue)
        except (StopIteration, EndOfStream):
            self.close()
            self.finished = True

    # -- for the dialogue

    def converse(self) -> Dialogue:
        """The whole session, from greeting to goodbye."""
        raise NotImplementedError

    def close(self) -> None:
        """Give back what the session holds (locks, subscriptions). Called once, however the session ends."""

    def say(self, data: bytes) -> None:
        """Queue bytes for the peer, as they are."""
        self._output.append(data)
        self._unsent += len(data)

    def say_line(self, line: bytes) -> None:
        """Queue one line; CRLF is added."""
        self.say(line + b"\r\n")

    def read_line(self) -> Generator[None, None, bytes]:
        """The next line without its end. LineTooLong past `max_line`; EndOfStream when there is none.

        Here we differ: a bare LF ends a line too, where POP3 and IMAP4 know CRLF alone (RFC 1939 §3, RFC 9051 §2.2),
        and so does the reply of an SMTP server (RFC 5321 §2.3.8). Nothing can be smuggled by it: what is a letter's
        content comes by count (IMAP4) or is not read here (SMTP, whose server is in `server/smtp_input.py`).
        """
        if self._unsent > self.max_output:
            yield from self.room_to_say()
        searched, heard = 0, self._input
        while (end := heard.find(b"\n", searched)) < 0:
            searched = len(heard)
            if searched > self.max_line:
                start = bytes(heard[:80])
                yield from self._skip_line()
                raise LineTooLong(self.max_line, start)
            if self._eof:
                raise EndOfStream
            yield  # as `_more` does, without a generator of its own: every command begins here
        line = bytes(heard[:end])
        del heard[: end + 1]
        if len(line) >= self.max_line:
            raise LineTooLong(self.max_line, line[:80])
        return line.removesuffix(b"\r")

    def room_to_say(self) -> Dialogue:
        """Stand still while too much waits to be sent: a peer that asks and does not read must not fill the memory."""
        while self.is_paced and self._unsent > self.max_output and not self._eof:
            self._is_held = True
            yield
        self._is_held = False

    def read_bytes(self, count: int) -> Generator[None, None, bytes]:
        """Exactly `count` octets, or EndOfStream. The caller has checked `count` against its limit."""
        while len(self._input) < count:
            yield from self._more()
        data = bytes(self._input[:count])
        del self._input[:count]
        return data

    def start_tls(self) -> Dialogue:
        """Ask the driver for TLS and wait until it is on. What follows is read encrypted."""
        self.wants_tls = True
        while self.wants_tls:
            if self._eof:
                raise EndOfStream
            yield

    def _more(self) -> Dialogue:
        if self._eof:
            raise EndOfStream
        yield

    def _skip_line(self) -> Dialogue:
        while b"\n" not in self._input:
            self._input.clear()
            yield from self._more()
        del self._input[: self._input.index(b"\n") + 1]
