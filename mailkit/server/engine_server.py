"""The driver of sans-IO engines: it carries bytes between an engine and a connection, and starts TLS when asked.

Follows the five steps at the head of `mailkit/wire/engine.py`. Must not know: which protocol is spoken.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from mailkit.trace.transcript import Party
    from mailkit.wire.engine import Engine

    Tap = Callable[[Party, bytes, bool], None]
    """Told of every piece of plaintext: who said it, what, and whether the wire saw ciphertext."""


def no_tap(by: Party, data: bytes, encrypted: bool) -> None:
    """For a client whose server keeps the record."""


class EngineProtocol(asyncio.Protocol):
    """One engine on one connection. `done` is resolved when the connection is gone."""

    def __init__(
        self,
        engine: Engine,
        tap: Tap = no_tap,
        tls: Callable[[], ssl.SSLContext] | None = None,
        on_close: Callable[[], None] = lambda: None,
        *,
        server_side: bool = True,
        implicit_tls: bool = False,
    ) -> None:
        self._engine, self._tap, self._tls, self._on_close = engine, tap, tls, on_close
        self._server_side, self._implicit_tls = server_side, implicit_tls
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._handshake: asyncio.Task[None] | None = None
        self._early = bytearray()
        self.done: asyncio.Future[None] = self._loop.create_future()
        engine.on_output, engine.is_paced = self._flush, True
        self._is_choked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._implicit_tls:
            self._secure(transport)
        else:
            self._engine.start()
            self._flush()

    def data_received(self, data: bytes) -> None:
        # A client may speak before start_tls has returned here; the engine must not take that for plaintext.
        if self._engine.wants_tls or self._is_opening:
            self._early += data
        elif data and not self._engine.finished:
            self._tap("C", data, self._engine.is_tls)
            self._engine.receive(data)
            self._flush()

    def pause_writing(self) -> None:
        # The peer does not read what it asked for: hear no more of it until it does.
        self._is_choked = True
        if self._transport and not self._engine.wants_tls:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._is_choked = False
        if self._transport and not self._engine.wants_tls:
            self._transport.resume_reading()
        self._flush()

    def eof_received(self) -> bool:
        self._engine.receive_eof()
        self._flush()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if self._handshake:
            self._handshake.cancel()
        self._engine.receive_eof()
        self._transport = None
        self._on_close()
        self.done.set_result(None)

    def _flush(self) -> None:
        """Send what the engine said, then do what it asked for."""
        while self._transport and self._may_send and (pieces := self._engine.take_pieces()):
            for piece in pieces:
                self._tap("S", piece, self._engine.is_tls)
            self._transport.write(b"".join(pieces))
            if not self._engine.resume():
                break
        if self._is_choked:
            return
        if self._engine.finished and self._transport:
            self._transport.close()
        elif self._engine.wants_tls and self._handshake is None and self._transport:
            self._secure(self._transport)

    @property
    def _is_opening(self) -> bool:
        """TLS is to come before the first word (RFC 8314 §3)."""
        return self._implicit_tls and not self._engine.is_tls

    def _secure(self, transport: asyncio.Transport) -> None:
        transport.pause_reading()
        self._handshake = self._loop.create_task(self._start_tls(transport))

    @property
    def _may_send(self) -> bool:
        # Last words are given to the transport whole: it sends them before it closes.
        return not self._is_choked or self._engine.finished

    def _secured(self, transport: asyncio.Transport) -> asyncio.Transport:
        """The transport to write to under TLS; a gate puts its own before it."""
        return transport

    async def _start_tls(self, transport: asyncio.Transport) -> None:
        assert self._tls is not None, "the engine offered TLS, but its server has no certificate"
        try:
            secured = await self._loop.start_tls(transport, self, self._tls(), server_side=self._server_side)
        except (OSError, asyncio.CancelledError):
            transport.abort()
            self.connection_lost(None)  # asyncio does not tell of a line that breaks in the middle of a handshake
            return
        assert secured is not None
        self._transport = self._secured(secured)
        opening = self._is_opening
        self._engine.tls_started()
        if opening:
            self._engine.start()
        self._flush()
        self.data_received(bytes(self._early))
