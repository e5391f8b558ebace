"""What a man in the middle makes of a server's reply: the offer of TLS taken out of it, and nothing else changed.

Must not know: connections, who he is. RFC 3207 §6 and RFC 2595 §9 warn of him.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailkit.server.turns import Command
    from mailkit.server.verbs import Service

TLS_VERBS = ("STARTTLS", "STLS")
_SMTP_OFFER = re.compile(rb"250[ -]STARTTLS\r\n", re.IGNORECASE)
_POP3_OFFER = re.compile(rb"(?<=\n)STLS\r\n", re.IGNORECASE)
# In a CAPABILITY response and in a response code (RFC 9051 §7.1, §7.2.2), never in what a letter says.
_IMAP_OFFER = re.compile(rb"(^(?:\* CAPABILITY|\S+ (?:OK|PREAUTH) \[CAPABILITY)\b[^\r\n\]]*?) STARTTLS\b", re.I | re.M)


def without_tls(service: Service, command: Command, reply: bytes) -> bytes:
    """A whole reply to `command`, as the client gets it."""
    if service == "SMTP":
        return _without_last_hyphen(_SMTP_OFFER.sub(b"", reply)) if command.verb == "EHLO" else reply
    if service == "POP3":
        return _POP3_OFFER.sub(b"", reply) if command.verb == "CAPA" else reply
    return _IMAP_OFFER.sub(rb"\1", reply) if command.verb in ("CONNECT", "CAPABILITY") else reply


def _without_last_hyphen(reply: bytes) -> bytes:
    """The last line of an SMTP reply is the one without a hyphen (RFC 5321 §4.2.1)."""
    *before, last = reply.splitlines(keepends=True) or [b""]
    return b"".join([*before, last[:3] + b" " + last[4:] if last[3:4] == b"-" else last])


def refusal(service: Service, command: Command) -> bytes:
    """What he says instead of passing the command on."""
    if service == "SMTP":
        return b"502 5.5.1 command not implemented\r\n"
    if service == "POP3":
        return b"-ERR unknown command\r\n"
    return f"{command.tag} BAD unknown command\r\n".encode("latin-1")
