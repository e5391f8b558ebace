"""What a server behind a gate writes to. Must not know: what the gate does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailkit.net.passing import PassingTransport

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class GateTransport(PassingTransport):
    """What the server writes to. When TLS is put on top of it, it carries ciphertext and only passes on."""

    def __init__(self, say: Callable[[GateTransport, bytes], None], beyond: asyncio.Transport) -> None:
        super().__init__(beyond)
        self._say, self.is_below_tls = say, False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.is_below_tls = True
        if not self.is_closing():  # TLS on a line that is gone would keep that from the server
            super().set_protocol(protocol)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self.is_below_tls:
            self.send(data)
        else:
            self._say(self, bytes(data))

    def send(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Past the gate."""
        self._beyond.write(data)
