"""TLS for in-memory sockets: the standard library's `ssl` over memory buffers instead of a socket.

Must not know: certificates, protocols.
"""

from __future__ import annotations

import ssl
from typing import IO, TYPE_CHECKING, Any, cast

from mailkit.net.memory import MemorySocket
from mailkit.net.memory_file import socket_file

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_CHUNK = 65536


class MemoryTLSContext(ssl.SSLContext):
    """An SSLContext whose `wrap_socket` takes in-memory sockets as well as real ones."""

    def wrap_socket(self, sock: Any, *args: Any, **options: Any) -> Any:
        if isinstance(sock, MemorySocket):
            return _TLSSocket(sock, self, options.get("server_hostname"))
        return super().wrap_socket(sock, *args, **options)


class _TLSSocket:
    """TLS over a MemorySocket, by OpenSSL's memory buffers."""

    def __init__(self, sock: MemorySocket, context: ssl.SSLContext, server_hostname: str | None) -> None:
        self._sock, self._incoming, self._outgoing = sock, ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname)
        self._do(self._tls.do_handshake)

    def _do(self, step: Any, *args: Any) -> Any:
        """Repeat one TLS step until it needs no more bytes from the peer."""
        while True:
            try:
                return step(*args)
            except ssl.SSLWantReadError:
                self._flush()
                data = self._sock.recv(_CHUNK)
                self._incoming.write(data) if data else self._incoming.write_eof()
            finally:
                self._flush()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._sock.sendall(self._outgoing.read())

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        view = memoryview(data).cast("B")
        while view:
            view = view[self._do(self._tls.write, view) :]

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        self.sendall(data)
        return memoryview(data).nbytes

    def recv(self, count: int, flags: int = 0) -> bytes:
        try:
            return cast(bytes, self._do(self._tls.read, count))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        data = self.recv(len(view))
        view[: len(data)] = data
        return len(data)

    def makefile(self, mode: str = "r", *args: Any, **options: Any) -> IO[Any]:
        return socket_file(self, mode, *args, **options)

    def getpeercert(self, binary_form: bool = False) -> Any:
        return self._tls.getpeercert(binary_form)

    def version(self) -> str | None:
        return self._tls.version()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
