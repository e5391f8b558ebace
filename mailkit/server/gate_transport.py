"""What a server behind a gate writes to, and below whose TLS a man in the middle may stand.

Must not know: what the gate does with what is written, who the man is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailkit.net.passing import PassingTransport

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable

    Impostor = Callable[[], ssl.SSLContext | None]
    """Asked when a server begins TLS: what the man in the middle shows the client, if there is one."""


class GateTransport(PassingTransport):
    """What the server writes to. When TLS is put on top of it, it carries ciphertext and only passes on."""

    def __init__(
        self, say: Callable[[GateTransport, bytes], None], beyond: asyncio.Transport, impostor: Impostor
    ) -> None:
        super().__init__(beyond)
        self._say, self._impostor, self.is_below_tls = say, impostor, False
        self._is_paused = self._is_full = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.is_below_tls = True
        if shows := self._impostor():
            from mailkit.server.tls_middle import TLSMiddle

            protocol = middle = TLSMiddle(protocol, self._beyond, shows)
            super().set_protocol(protocol)
            self._beyond = middle.transport
        else:
            super().set_protocol(protocol)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self.is_below_tls:
            self.send(data)
        else:
            self._say(self, bytes(data))

    def pause_reading(self) -> None:
        self._is_paused = True
        super().pause_reading()

    def resume_reading(self) -> None:
        self._is_paused = False
        if not self._is_full:
            super().resume_reading()

    def hold_back(self, is_full: bool) -> None:
        """Whether the gate has as much as it keeps: until that changes, nothing is read, whatever the server wants."""
        if is_full == self._is_full:
            return
        self._is_full = is_full
        if is_full:
            super().pause_reading()
        elif not self._is_paused:
            super().resume_reading()

    def abort(self) -> None:
        layer = self.get_protocol() if self.is_below_tls else None
        if layer is not None:
            # asyncio's TLS layer takes a line that is lost in the middle of its handshake for a success.
            layer.eof_received()  # type: ignore[attr-defined]
        super().abort()

    def send(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Past the gate."""
        self._beyond.write(data)
