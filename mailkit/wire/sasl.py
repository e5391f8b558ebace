"""The SASL mechanism PLAIN, as POP3 and IMAP4 take it (RFC 4616, RFC 4422).

Must not know: accounts, and how a protocol carries the Base64 text.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plain:
    """Who acts (`authorization`, mostly ""), who proves it, and the proof."""

    authorization: str
    user: str
    password: str

    @classmethod
    def decode(cls, response: bytes) -> Plain | None:
        """Read `[authzid] NUL authcid NUL passwd` in Base64; None when it is not that (RFC 4616 §2)."""
        try:
            parts = base64.b64decode(response, validate=True).decode("utf-8").split("\0")
        except ValueError:
            return None
        if len(parts) != 3 or not parts[1] or not parts[2]:
            return None
        return cls(*parts)

    def acts_as(self, address: str) -> bool:
        """Nobody may act for another here: the authorization identity is empty or the user's own."""
        return self.authorization.lower() in ("", self.user.lower(), address)
