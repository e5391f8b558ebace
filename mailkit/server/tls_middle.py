"""A man in the middle of TLS: he ends it on both sides, and so has in clear all that passes.

He stands between a server's TLS layer and its line: he answers the client's handshake himself, and if the client takes
his certificate, makes one of his own with the server. Must not know: what is said, where a record of it is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Any, cast

from mailkit.net.passing import PassingTransport, feed_buffered

_CHUNK = 65536


class TLSMiddle(asyncio.Protocol):
    """Give it to a line as its protocol when the server begins TLS there, and `transport` to the server to write to.

    `server` is the server's own TLS layer, `shows` the certificate that he has for the client.
    """

    def __init__(self, server: asyncio.BaseProtocol, line: asyncio.Transport, shows: ssl.SSLContext) -> None:
        self._protocol, self._line = cast(asyncio.BufferedProtocol, server), line
        self._client = _Leg(shows, server_side=True)
        self._server: _Leg | None = None
        self._is_passing = self._is_closing = False
        self.transport: asyncio.Transport = _Serverwards(self, line)

    # -- what the line tells

    def data_received(self, data: bytes) -> None:
        self._client.incoming.write(data)
        self._pass_on()

    def eof_received(self) -> bool:
        return bool(self._protocol.eof_received())

    def connection_lost(self, error: Exception | None) -> None:
        is_cut = self._server is None or not self._server.is_open
        # With an error, or asyncio's TLS layer takes a line that broke in its handshake for a success.
        self._protocol.connection_lost(ConnectionAbortedError() if is_cut else error)

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()

    # -- what the server does

    def hear_server(self, data: bytes) -> None:
        """What the server sends; before its TLS, that is a reply in clear which a gate has kept for a while."""
        if self._server is None:
            self._line.write(data)
        else:
            self._server.incoming.write(data)
            self._pass_on()

    def close(self) -> None:
        """The server has said its last word, TLS's own goodbye included."""
        self._is_closing = True
        if self._client.is_open:
            self._client.say_goodbye()
            self._send_client()
        self._line.close()

    # -- between the two

    def _pass_on(self) -> None:
        """Let both legs run until neither has anything left; what the server answers at once comes in here again."""
        if self._is_passing:
            return
        self._is_passing = True
        try:
            while self._step() and not self._is_closing:
                pass
        except ssl.SSLError:  # the client does not believe him, or one of the two speaks no TLS
            self._send_client()
            self._line.abort()
        finally:
            self._is_passing = False

    def _step(self) -> bool:
        """One turn for each leg; whether anything moved."""
        if self._server is None:
            return self._meet_client()
        if not self._server.is_open:
            self._server.shake_hands()
            return self._send_server() or self._server.is_open
        for near, far in ((self._client, self._server), (self._server, self._client)):
            far.write(near.read())
            if near.is_over:
                far.say_goodbye()
        return self._send_server() | self._send_client()

    def _meet_client(self) -> bool:
        """Whether the client has taken his certificate: only then has he a reason to call the server."""
        self._client.shake_hands()
        self._send_client()
        if not self._client.is_open:
            return False
        self._server = _Leg(_trusting(), server_side=False)
        return True

    def _send_client(self) -> bool:
        if data := self._client.take():
            self._line.write(data)
        return bool(data)

    def _send_server(self) -> bool:
        assert self._server is not None
        if data := self._server.take():
            feed_buffered(self._protocol, data)
        return bool(data)


class _Leg:
    """TLS towards one of the two."""

    def __init__(self, context: ssl.SSLContext, *, server_side: bool) -> None:
        self.incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self.incoming, self._outgoing, server_side=server_side)
        self.is_open = self.is_over = self._has_ended = False

    def shake_hands(self) -> None:
        """Go on with the handshake as far as the bytes reach. SSLError: it fails."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return
        self.is_open = True

    def read(self) -> bytes:
        """All that has come, in clear; nothing after TLS's goodbye."""
        said = bytearray()
        with contextlib.suppress(ssl.SSLWantReadError):
            while data := self._tls.read(_CHUNK):
                said += data
            self.is_over = True
        return bytes(said)

    def write(self, data: bytes) -> None:
        if data and not self._has_ended:
            self._tls.write(data)

    def say_goodbye(self) -> None:
        """TLS's own (RFC 8446 §6.1), once, without waiting for the answer."""
        if not self._has_ended:
            self._has_ended = True
            with contextlib.suppress(ssl.SSLError):
                self._tls.unwrap()

    def take(self) -> bytes:
        """What is to be sent."""
        return self._outgoing.read()


def _trusting() -> ssl.SSLContext:
    """He does not care whose certificate the server shows: there is nobody between him and it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class _Serverwards(PassingTransport):
    """What the server writes to."""

    def __init__(self, middle: TLSMiddle, beyond: asyncio.Transport) -> None:
        super().__init__(beyond)
        self._middle = middle

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self._middle.hear_server(bytes(data))

    def close(self) -> None:
        self._middle.close()
