"""The place in front of a server's protocol where a gate is put once a fault may strike; until then all passes by.

Most labs never need a gate, which is long and takes a while to load. Must not know: what a gate does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mailkit.server.gate_transport import GateTransport

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from mailkit.server.disturber import Disturber
    from mailkit.server.engine_server import Tap
    from mailkit.server.gate import Gate
    from mailkit.server.gate_transport import Impostor
    from mailkit.trace.transcript import Flow, Party


class Gap:
    """Of one conversation. `feed`, set by the protocol behind it, is where the client's bytes go on."""

    feed: Callable[[bytes], None]

    def __init__(self, disturber: Disturber, flow: Flow, tap: Tap, impostor: Impostor) -> None:
        self._disturber, self._flow, self._record_said, self._impostor = disturber, flow, tap, impostor
        self._line: GateTransport | None = None
        self._last = b""
        self._is_cut = False
        self._is_choked = False
        self._gate = self._new_gate() if disturber.is_active else None

    def _new_gate(self) -> Gate:
        from mailkit.server.gate import Gate

        gate = Gate(self._disturber, self._flow, self._record_said, self._impostor)
        gate.feed = lambda data: self.feed(data)
        return gate

    def tap(self, by: Party, data: bytes, encrypted: bool) -> None:
        """What is said, as the server knows of it."""
        if self._gate is not None:
            self._gate.tap(by, data, encrypted)
        elif not self._is_cut:
            self._record_said(by, data, encrypted)

    def carry(self, transport: asyncio.BaseTransport) -> asyncio.Transport:
        """The transport to be written to instead of this one; a second one is TLS."""
        if self._gate:
            return self._gate.carry(transport)
        self._line = GateTransport(self.say, cast("asyncio.Transport", transport), self._impostor)
        if self._is_cut:  # while the line was still being laid
            self._line.abort()
        return self._line

    def cut(self) -> None:
        """One of the two ends has lost its power."""
        self._is_cut = True
        if self._gate is not None:
            self._gate.cut()
        elif self._line is not None:
            self._line.abort()

    def hear(self, data: bytes) -> None:
        """Bytes from the client. A gate comes between two of them, never between a reply and its end."""
        if self._gate is None and self._disturber.is_active and self._line:
            self._gate = self._new_gate()
            self._gate.join_late(self._line, self._last)
            self._gate.choke(self._is_choked)
        if self._gate is None:
            self.feed(data)
        else:
            self._gate.hear(data)

    def choke(self, is_choked: bool) -> None:
        """Whether the client leaves replies unread."""
        self._is_choked = is_choked
        if self._gate:
            self._gate.choke(is_choked)

    def say(self, line: GateTransport, data: bytes) -> None:
        """Bytes from the server, on the way to `line`."""
        if self._gate is None:
            self._last = data
            line.send(data)
        else:
            self._gate.say(line, data)

    def hear_eof(self) -> None:
        """The client says no more."""
        if self._gate:
            self._gate.hear_eof()

    def lost(self) -> None:
        """The connection is gone."""
        if self._gate:
            self._gate.lost()
