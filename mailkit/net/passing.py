"""A transport that passes everything on to another one: the base of whatever stands between a server and its line.

Must not know: why it stands there.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast


class PassingTransport(asyncio.Transport):
    """Overwrite what shall be different."""

    _start_tls_compatible = True  # asyncio's start_tls asks for it by this name

    def __init__(self, beyond: asyncio.Transport) -> None:
        super().__init__()
        self._beyond = beyond

    def __getattr__(self, name: str) -> Any:
        # asyncio's TLS layer calls methods of its own convention, such as _force_close.
        if name == "_beyond":
            raise AttributeError(name)
        return getattr(self._beyond, name)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._beyond.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._beyond.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._beyond.get_protocol()

    @property
    def max_size(self) -> int:
        """Octets that asyncio's sockets read at once."""
        return cast("int", self._beyond.max_size)  # type: ignore[attr-defined]

    @max_size.setter
    def max_size(self, octets: int) -> None:
        self._beyond.max_size = octets  # type: ignore[attr-defined]

    def is_closing(self) -> bool:
        return self._beyond.is_closing()

    def close(self) -> None:
        self._beyond.close()

    def abort(self) -> None:
        self._beyond.abort()

    def is_reading(self) -> bool:
        return self._beyond.is_reading()

    def pause_reading(self) -> None:
        self._beyond.pause_reading()

    def resume_reading(self) -> None:
        self._beyond.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._beyond.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        return self._beyond.get_write_buffer_size()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._beyond.get_write_buffer_limits()

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self._beyond.write(data)

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def write_eof(self) -> None:
        self._beyond.write_eof()

    def can_write_eof(self) -> bool:
        return self._beyond.can_write_eof()


def feed_buffered(protocol: asyncio.BufferedProtocol, data: bytes) -> None:
    """asyncio's TLS layer lends a buffer instead of taking bytes."""
    while data:
        buffer = memoryview(cast(bytearray, protocol.get_buffer(len(data))))
        count = min(len(buffer), len(data))
        buffer[:count] = data[:count]
        protocol.buffer_updated(count)
        data = data[count:]
