"""The carrier without sockets: connections in memory, on a loop that is stepped by whoever waits.

Same protocols, same stdlib clients, no thread, exact and quick; in a browser tab it is the only one.
Must not know: names, firewalls, mail.
"""

from __future__ import annotations

import asyncio
import io
import socket
import ssl
from collections import deque
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from mailkit.net.memory_file import socket_file
from mailkit.net.passing import feed_buffered
from mailkit.net.virtual_loop import VirtualLoop

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from _typeshed import ReadableBuffer, WriteableBuffer

    from mailkit.net.carrier import Accept, Admit, Door, Endpoint
    from mailkit.net.clock import Clock
    from mailkit.trace.transcript import Flow

T = TypeVar("T")
_CHUNK = 65536


class MemoryCarrier:
    """Connections as pairs of queues. See `Carrier` for what each method does."""

    has_real_clients = False

    def __init__(self, clock: Clock) -> None:
        # Its base names far more than any protocol here asks for; nothing but names is abstract in it.
        self._virtual = VirtualLoop(  # type: ignore[abstract]
            lambda seconds: clock.move_to(clock.now() + timedelta(seconds=seconds))
        )
        self.loop: asyncio.AbstractEventLoop = self._virtual
        # Pyodide's ssl is a stub that fails only at the handshake; its version string says so.
        self.has_tls = "(stub)" not in ssl.OPENSSL_VERSION
        self._accepting: dict[Endpoint, Accept] = {}
        self._open: set[MemoryTransport] = set()

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> None:
        with self._virtual.alone():
            self._accepting.clear()
            for transport in tuple(self._open):
                transport.abort()
            self._virtual.settle()
            for task in asyncio.all_tasks(self._virtual):  # who sleeps on the lab's clock would never be woken
                task.cancel()
            self._virtual.settle()

    def run(self, work: Coroutine[None, None, T], timeout: float | None = None) -> T:
        return self._virtual.run(work, timeout)

    def pass_time(self, seconds: float) -> None:
        self._virtual.pass_time(seconds)

    async def listen(self, endpoint: Endpoint, accept: Accept) -> None:
        self._accepting[endpoint] = accept

    def is_listening(self, endpoint: Endpoint) -> bool:
        return endpoint in self._accepting

    def dial(self, endpoint: Endpoint, flow: Flow, timeout: float | None) -> socket.socket:
        sock = MemorySocket(self._virtual, timeout)
        self._virtual.call(self._join, endpoint, flow, sock.protocol)
        return cast(socket.socket, sock)

    def adopt(self, sock: socket.socket, endpoint: Endpoint, flow: Flow) -> None:
        raise OSError(
            "an operating system's socket cannot join the in-memory network; "
            "use socket.create_connection((name, port)), or the host's connect(name, port)."
        )

    def answer(self, endpoint: Endpoint, flow: Flow) -> asyncio.Protocol:
        return self._accepting[endpoint](flow)

    async def open_door(self, admit: Admit) -> Door:
        raise NotImplementedError("no program outside this process reaches memory; look at has_real_clients first")

    async def connect(self, endpoint: Endpoint, flow: Flow, protocol: asyncio.Protocol) -> None:
        self._join(endpoint, flow, protocol)

    def _join(self, endpoint: Endpoint, flow: Flow, caller: asyncio.Protocol) -> None:
        near = MemoryTransport(self, (flow.client_address, 49152 + flow.number), (flow.server_address, flow.port))
        far = MemoryTransport(self, (flow.server_address, flow.port), (flow.client_address, 49152 + flow.number))
        near.other, far.other = far, near
        called = self.answer(endpoint, flow)
        far.set_protocol(called)
        near.set_protocol(caller)
        self.loop.call_soon(called.connection_made, far)
        caller.connection_made(near)


class MemoryTransport(asyncio.Transport):
    """One end of a connection; what is written arrives at the other end's protocol, in order."""

    other: MemoryTransport

    def __init__(self, carrier: MemoryCarrier, own: tuple[str, int], peer: tuple[str, int]) -> None:
        super().__init__({"sockname": own, "peername": peer})
        self._loop, self._open = carrier.loop, carrier._open
        self._inbox: deque[bytes] = deque()
        self._paused = self._closing = False
        self._open.add(self)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = cast(asyncio.Protocol, protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data and not self._closing:
            self.other._take(bytes(data))

    def write_eof(self) -> None:
        self.other._take(b"")

    def can_write_eof(self) -> bool:
        return True

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return not self._paused

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        self._loop.call_soon(self._hand_over)

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            if not self.other._closing:
                self.write_eof()
            self._loop.call_soon(self._lost)

    def abort(self) -> None:
        self.close()

    def _force_close(self, error: BaseException | None) -> None:
        """asyncio's TLS layer calls this when a handshake fails."""
        self.close()

    def _lost(self) -> None:
        self._open.discard(self)
        self._protocol.connection_lost(None)

    def _take(self, data: bytes) -> None:
        """Data from the other end; empty is its end."""
        self._inbox.extend([data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)] or [b""])
        self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        while self._inbox and not self._paused and not self._closing:
            data = self._inbox.popleft()
            if not data:
                if not self._protocol.eof_received():
                    self.close()
            elif isinstance(self._protocol, asyncio.BufferedProtocol):
                feed_buffered(self._protocol, data)
            else:
                self._protocol.data_received(data)


class _Inbox(asyncio.Protocol):
    """The loop's side of a MemorySocket."""

    transport: MemoryTransport

    def __init__(self) -> None:
        self.received = bytearray()
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(MemoryTransport, transport)

    def data_received(self, data: bytes) -> None:
        self.received += data

    def eof_received(self) -> bool:
        self.ended = True
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = True


class MemorySocket(io.RawIOBase):
    """As much of `socket.socket` as smtplib, poplib and imaplib use. Waiting for bytes steps the loop."""

    def __init__(self, loop: VirtualLoop, timeout: float | None) -> None:
        self._loop, self._timeout = loop, timeout
        self.protocol = _Inbox()

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        self._loop.call(self.protocol.transport.write, bytes(data))

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        self.sendall(data)
        return memoryview(data).nbytes

    def recv(self, count: int, flags: int = 0) -> bytes:
        inbox = self.protocol
        self._loop.run_until(lambda: inbox.received or inbox.ended, self._timeout)
        data = bytes(inbox.received[:count])
        del inbox.received[:count]
        return data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        data = self.recv(len(view))
        view[: len(data)] = data
        return len(data)

    def makefile(self, mode: str = "r", *args: Any, **options: Any) -> IO[Any]:
        return socket_file(self, mode, *args, **options)

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def gettimeout(self) -> float | None:
        return self._timeout

    def getpeername(self) -> Any:
        return self.protocol.transport.get_extra_info("peername")

    def getsockname(self) -> Any:
        return self.protocol.transport.get_extra_info("sockname")

    def setsockopt(self, *args: Any) -> None:
        """Options of the operating system mean nothing here."""

    def shutdown(self, how: int) -> None:
        self._loop.call(self.protocol.transport.write_eof)

    def close(self) -> None:
        # The garbage collector calls this too: at any moment, in any thread, and for a call that never came through.
        if not self.closed and hasattr(self.protocol, "transport"):
            self.protocol.transport.close()
            self._loop.settle_if_free()
        super().close()
