"""A line to a server that is read with patience, but never without end: lines out, lines in, TLS on the way.

Must not know: what any line means.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from mailkit.server.roles import IMPLICIT_TLS

if TYPE_CHECKING:
    from mailkit.lab.clients import LabHost

PATIENCE = 3.0
"""Seconds that an answer may take before the learner has the floor again."""
_LONGEST = 65536
"""Octets that are kept of a line whose end does not come."""


class ConsoleLine:
    """One connection from a host of the lab. OSError when there is none, or no more."""

    def __init__(self, host: LabHost, name: str, port: int, patience: float = PATIENCE) -> None:
        self._host, self._name, self._patience = host, name, patience
        self._input = bytearray()
        self.ended = False
        self.is_tls = port in IMPLICIT_TLS
        self._sock = host.call(name, port)

    def say(self, data: bytes) -> None:
        """Send octets as they are."""
        self._sock.settimeout(self._patience)
        self._sock.sendall(data)

    def line(self, *, wait: bool) -> bytes | None:
        """The next line with its end; None when none comes in time (without `wait`: at once), or the server closed."""
        while (end := self._input.find(b"\n")) < 0 and len(self._input) < _LONGEST:
            if not self._hear(self._patience if wait else 0.0):
                break
        if end < 0 and not (self.ended or len(self._input) >= _LONGEST):
            return None
        length = end + 1 or len(self._input)
        found = bytes(self._input[:length])
        del self._input[:length]
        return found or None

    def _hear(self, seconds: float) -> bool:
        if self.ended:
            return False
        self._sock.settimeout(seconds)
        try:
            data = self._sock.recv(65536)
        except (TimeoutError, BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:  # a reset says what an end says
            data = b""
        self._input += data
        self.ended = not data
        return bool(data)

    def begin_tls(self) -> None:
        """The lab's TLS from here on; what came in clear too early is thrown away (RFC 3207 §4.2)."""
        self._input.clear()
        self._sock.settimeout(self._patience)
        self._sock = self._host.secure(self._sock, self._name)
        self.is_tls = True

    def close(self) -> None:
        """Hang up."""
        self.ended = True
        self._sock.close()
