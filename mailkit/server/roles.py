"""What a mail server is at each of its ports (RFC 5321, RFC 6409, RFC 8314, RFC 1939, RFC 9051).

Must not know: how any of them works.
"""

from __future__ import annotations

from typing import Literal

SMTPRole = Literal["mx", "submission"]
Role = SMTPRole | Literal["pop3", "imap"]

PORTS: dict[int, Role] = {
    25: "mx", 587: "submission", 465: "submission", 110: "pop3", 995: "pop3", 143: "imap", 993: "imap",
}  # fmt: skip
"""The role that belongs to a port."""
IMPLICIT_TLS = frozenset({465, 993, 995})
"""Ports at which TLS begins before the first word (RFC 8314 §3); at the others a command starts it, if at all."""
