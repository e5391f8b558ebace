"""A line that is slow, or breaks after so many octets: it stands between a carrier and a server's protocol.

Must not know: what the octets say; TLS is above it. Time is the loop's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, NamedTuple, cast

from mailkit.net.passing import PassingTransport, feed_buffered

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Roughness(NamedTuple):
    """One direction of a line. `breaks_after` octets it ends; every `seconds` no more than `octets` pass."""

    breaks_after: int | None = None
    octets: int | None = None
    seconds: float = 0.0


class RoughLine(asyncio.Protocol):
    """Give it to a carrier in the place of `protocol`. `broken(towards, octets)` is called when the line breaks."""

    def __init__(
        self,
        protocol: asyncio.Protocol,
        to_server: Roughness,
        to_client: Roughness,
        broken: Callable[[str, int], None],
    ) -> None:
        self._protocol: asyncio.BaseProtocol = protocol
        self._to_server = _Way(to_server, self._deliver, lambda octets: self._snap("server", octets))
        self._to_client = _Way(
            to_client, lambda data: self._beyond.write(data), lambda octets: self._snap("client", octets)
        )
        self._broken, self._is_broken = broken, False
        self._beyond: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._beyond = cast(asyncio.Transport, transport)
        self._protocol.connection_made(_RoughTransport(self, self._beyond))

    def connection_lost(self, error: Exception | None) -> None:
        self._to_server.stop()
        self._to_client.stop()
        # With an error, or asyncio's TLS layer takes a line that broke in its handshake for a success.
        self._protocol.connection_lost(ConnectionAbortedError() if self._is_broken else error)

    def data_received(self, data: bytes) -> None:
        self._to_server.push(data)

    def eof_received(self) -> bool:
        self._to_server.when_empty(self._deliver_eof)
        return True

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()

    def _deliver(self, data: bytes) -> None:
        protocol = self._protocol
        if isinstance(protocol, asyncio.BufferedProtocol):
            feed_buffered(protocol, data)
        else:
            cast(asyncio.Protocol, protocol).data_received(data)

    def _deliver_eof(self) -> None:
        if not cast(asyncio.Protocol, self._protocol).eof_received():
            self._to_client.when_empty(self._beyond.close)

    def _snap(self, towards: str, octets: int) -> None:
        if not self._is_broken:
            self._is_broken = True
            self._to_server.stop()
            self._to_client.stop()
            self._broken(towards, octets)
            self._beyond.abort()


class _RoughTransport(PassingTransport):
    """What the server writes to."""

    def __init__(self, line: RoughLine, beyond: asyncio.Transport) -> None:
        super().__init__(beyond)
        self._line, self._closing = line, False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._line._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._line._protocol

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if not self._closing:
            self._line._to_client.push(bytes(data))

    def is_closing(self) -> bool:
        return self._closing or super().is_closing()

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._line._to_client.when_empty(self._beyond.close)

    def pause_reading(self) -> None:
        self._line._to_server.pause()
        super().pause_reading()

    def resume_reading(self) -> None:
        super().resume_reading()
        self._line._to_server.resume()


class _Way:
    """One direction: octets wait here until they may pass."""

    def __init__(self, roughness: Roughness, deliver: Callable[[bytes], None], snap: Callable[[int], None]) -> None:
        self._roughness, self._deliver, self._snap = roughness, deliver, snap
        self._left = roughness.breaks_after
        self._waiting: deque[bytes] = deque()
        self._then: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_paused = self._is_over = False

    def push(self, data: bytes) -> None:
        step = self._roughness.octets or len(data) or 1
        self._waiting.extend(data[at : at + step] for at in range(0, len(data), step))
        self._pass_on()

    def when_empty(self, then: Callable[[], None]) -> None:
        """Call `then` when all that waits has passed."""
        self._then = then
        self._pass_on()

    def pause(self) -> None:
        self._is_paused = True

    def resume(self) -> None:
        self._is_paused = False
        # Not at once: asyncio resumes before the new protocol knows its transport.
        asyncio.get_running_loop().call_soon(self._pass_on)

    def stop(self) -> None:
        self._is_over = True
        self._waiting.clear()
        if self._timer:
            self._timer.cancel()

    def _pass_on(self) -> None:
        while self._waiting and self._timer is None and not self._is_paused and not self._is_over:
            if self._roughness.octets:
                self._timer = asyncio.get_running_loop().call_later(self._roughness.seconds, self._tick)
            self._pass_one(self._waiting.popleft())
        if self._then and not self._waiting and not self._is_over:
            then, self._then = self._then, None
            then()

    def _tick(self) -> None:
        self._timer = None
        self._pass_on()

    def _pass_one(self, data: bytes) -> None:
        if self._left is None:
            self._deliver(data)
            return
        passing, self._left = data[: self._left], self._left - len(data)
        if passing:
            self._deliver(passing)
        if self._left <= 0:
            self._snap(self._roughness.breaks_after or 0)
