"""The servers' protocols behind the gap in which a gate may stand. Must not know: what the gate does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mailkit.server.engine_server import EngineProtocol
from mailkit.server.smtp_server import SMTPServer

if TYPE_CHECKING:
    from mailkit.server.gap import Gap

READ_AT_ONCE = 64 * 1024
"""Octets of commands. asyncio's 256 KB is past what malloc keeps at hand, so that each read cost more than its answer;
for letters that come by SMTP it is worth it."""


class Gated(asyncio.Protocol):
    """Stands before a server's protocol class, so that every byte of the dialogue passes `gap`."""

    def __init__(self, *args: Any, gap: Gap, **options: Any) -> None:
        self._gap = gap
        gap.feed = super().data_received
        super().__init__(*args, **options)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(self._gap.carry(transport))

    def _secured(self, transport: asyncio.Transport) -> asyncio.Transport:
        return self._gap.carry(transport)

    def data_received(self, data: bytes) -> None:
        self._gap.hear(data)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._gap.choke(True)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._gap.choke(False)

    def eof_received(self) -> bool:
        self._gap.hear_eof()
        return bool(super().eof_received())

    def connection_lost(self, error: Exception | None) -> None:
        self._gap.lost()
        super().connection_lost(error)


class GatedSMTPServer(Gated, SMTPServer):
    """Port 25, 587 or 465."""


class GatedEngineProtocol(Gated, EngineProtocol):
    """POP3 or IMAP4."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.max_size = READ_AT_ONCE  # type: ignore[attr-defined]
        super().connection_made(transport)
