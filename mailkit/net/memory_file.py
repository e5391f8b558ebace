"""Files over a socket that only pretends, in every mode in which `socket.makefile` makes one.

Must not know: where the socket's bytes go.
"""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class _Socket(Protocol):
    def readinto(self, buffer: WriteableBuffer) -> int: ...

    def send(self, data: ReadableBuffer) -> int: ...


class _Bytes(io.RawIOBase):
    """Closing it leaves the socket open, as with real ones."""

    def __init__(self, sock: _Socket, mode: str) -> None:
        self._sock, self._mode = sock, mode

    def readable(self) -> bool:
        return "r" in self._mode

    def writable(self) -> bool:
        return "w" in self._mode

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._sock.readinto(buffer)

    def write(self, data: ReadableBuffer) -> int:
        return self._sock.send(data)


def socket_file(sock: _Socket, mode: str = "r", buffering: int | None = None, **text: Any) -> IO[Any]:
    """A file as `socket.makefile` makes it; `text` are its `encoding`, `errors` and `newline`."""
    if not set(mode) <= set("rwb"):
        raise ValueError(f"invalid mode {mode!r} (only r, w, b allowed)")
    raw = _Bytes(sock, mode if "w" in mode else mode + "r")
    size = buffering if buffering is not None and buffering > 0 else io.DEFAULT_BUFFER_SIZE
    if buffering == 0:
        if "b" not in mode:
            raise ValueError("unbuffered streams must be binary")
        return cast("IO[Any]", raw)
    buffer = _buffered(raw, size)
    return cast("IO[Any]", buffer if "b" in mode else io.TextIOWrapper(buffer, **text))


def _buffered(raw: _Bytes, size: int) -> Any:
    if raw.readable() and raw.writable():
        return io.BufferedRWPair(raw, raw, size)
    return io.BufferedWriter(raw, size) if raw.writable() else io.BufferedReader(raw, size)
