"""The carrier of real TCP: 127.0.0.1, ephemeral ports, one background thread with one loop for the whole lab.

A caller binds its socket first and registers its local port, then connects. So the accepting side knows from the
peer's port which host of the lab is calling, with no race and no root. A stranger's port is unknown: closed at once.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import weakref
from typing import TYPE_CHECKING, TypeVar

from mailkit.net.carrier import refuse_blocking

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from mailkit.net.carrier import Accept, Admit, Door, Endpoint
    from mailkit.trace.transcript import Flow

T = TypeVar("T")
LOOPBACK = "127.0.0.1"
BACKLOG = 1024
"""Calls that may wait to be met. With asyncio's 100, Linux lets a crowd's calls wait a second and try again."""


class LoopbackCarrier:
    """Real sockets on loopback. See `Carrier` for what each method does."""

    has_tls = True
    has_real_clients = True

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="mailkit-lab", daemon=True)
        self._ports: dict[Endpoint, int] = {}
        self._accepting: dict[Endpoint, Accept] = {}
        self._servers: list[asyncio.Server] = []
        self._callers: dict[int, Flow] = {}
        self._open: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()

    # -- life

    def start(self) -> None:
        self._thread.start()

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.run_until_complete(self._wind_up())
            self.loop.close()

    async def _wind_up(self) -> None:
        for server in self._servers:
            server.close()
        for transport in tuple(self._open):
            transport.abort()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0)  # let each connection_lost run

    def stop(self) -> None:
        self._ports.clear()
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()
        elif not self.loop.is_closed():
            self.loop.close()

    def run(self, work: Coroutine[None, None, T], timeout: float | None = None) -> T:
        if threading.current_thread() is self._thread:
            work.close()
            raise refuse_blocking()
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(timeout)
        finally:
            future.cancel()

    def pass_time(self, seconds: float) -> None:
        """Timers here run on the computer's clock; nobody shall wait hours for them."""

    # -- servers

    async def listen(self, endpoint: Endpoint, accept: Accept) -> None:
        # asyncio's own way to a socket looks the address up in a task of its own: five times as long.
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.bind((LOOPBACK, 0))
            server = await self.loop.create_server(lambda: _Doorkeeper(self, accept), sock=sock, backlog=BACKLOG)
        except BaseException:
            sock.close()
            raise
        self._servers.append(server)
        self._ports[endpoint] = sock.getsockname()[1]
        self._accepting[endpoint] = accept

    def is_listening(self, endpoint: Endpoint) -> bool:
        return endpoint in self._ports

    def answer(self, endpoint: Endpoint, flow: Flow) -> asyncio.Protocol:
        return self._accepting[endpoint](flow)

    async def open_door(self, admit: Admit) -> Door:
        inside: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()
        server = await self.loop.create_server(lambda: _FrontDoor(self, admit, inside), LOOPBACK, 0, backlog=BACKLOG)
        self._servers.append(server)
        host, port = server.sockets[0].getsockname()

        def close() -> None:
            server.close()
            for transport in tuple(inside):
                transport.abort()

        return host, port, close

    # -- callers

    def dial(self, endpoint: Endpoint, flow: Flow, timeout: float | None) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.settimeout(timeout)
            self.adopt(sock, endpoint, flow)
        except BaseException:
            sock.close()
            raise
        return sock

    def adopt(self, sock: socket.socket, endpoint: Endpoint, flow: Flow) -> None:
        if threading.current_thread() is self._thread:
            raise refuse_blocking()
        self._register(sock, flow)
        # The C base class: a learner's `with host:` block may have put its own connect on socket.socket.
        socket.SocketType.connect(sock, (LOOPBACK, self._ports[endpoint]))

    async def connect(self, endpoint: Endpoint, flow: Flow, protocol: asyncio.Protocol) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            self._register(sock, flow)
            await self.loop.sock_connect(sock, (LOOPBACK, self._ports[endpoint]))
            transport, _ = await self.loop.create_connection(lambda: protocol, sock=sock)
            self._open.add(transport)
        except BaseException:
            sock.close()
            raise

    def _register(self, sock: socket.socket, flow: Flow) -> None:
        sock.bind((LOOPBACK, 0))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._callers[sock.getsockname()[1]] = flow


class _Doorkeeper(asyncio.Protocol):
    """Stands at a listener until it is known who calls, then hands the connection to the server's protocol."""

    def __init__(self, carrier: LoopbackCarrier, accept: Accept) -> None:
        self._carrier, self._accept = carrier, accept

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        flow = self._carrier._callers.pop(transport.get_extra_info("peername")[1], None)
        if flow is None:
            transport.abort()
            return
        self._carrier._open.add(transport)
        protocol = self._accept(flow)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)


class _FrontDoor(asyncio.Protocol):
    """Meets a program from outside. One that nobody answers hears nothing, and what it says is thrown away."""

    def __init__(self, carrier: LoopbackCarrier, admit: Admit, inside: weakref.WeakSet[asyncio.Transport]) -> None:
        self._carrier, self._admit, self._inside = carrier, admit, inside

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._inside.add(transport)
        self._carrier._open.add(transport)
        if (protocol := self._admit(transport)) is not None:
            transport.set_protocol(protocol)
            protocol.connection_made(transport)
