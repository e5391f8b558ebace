"""The standard library's IMAP4 client, dialling through the lab. Must not know: servers."""

from __future__ import annotations

import imaplib
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

    from mailkit.lab.clients import LabHost


class IMAPClient(imaplib.IMAP4):
    """A client on one host of the lab; `clients.py` says why it overrides what is not documented."""

    def __init__(self, origin: LabHost, name: str, port: int, timeout: float) -> None:
        self._origin = origin
        super().__init__(name, port, timeout)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._origin.call(self.host, self.port, timeout)

    def _new_tag(self) -> bytes:
        # imaplib draws a random prefix for its tags; a lesson's transcript must be the same each run.
        client: Any = self  # typeshed takes these for str
        if client.tagpre != b"T":
            client.tagre = re.compile(client.tagre.pattern.replace(client.tagpre, b"T"), re.ASCII)
            client.tagpre = b"T"
        tag: bytes = super()._new_tag()  # type: ignore[misc]
        return tag
