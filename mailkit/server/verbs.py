"""The verbs of the three protocols, by which faults name a moment of a conversation: those that our servers obey.

Must not know: what any of them does.
"""

from __future__ import annotations

from typing import Literal

from mailkit.net.zones import ANY
from mailkit.server import smtp_states
from mailkit.wire import imap_states, pop3_states

Service = Literal["SMTP", "POP3", "IMAP4"]


# "CONNECT" is the greeting (RFC 5321 §4.3.2), "." the end of mail data (RFC 5321 §4.1.1.4).
VERBS: dict[Service, tuple[str, ...]] = {
    "SMTP": ("CONNECT", *smtp_states.COMMANDS),
    "POP3": ("CONNECT", *pop3_states.LEGAL),
    "IMAP4": ("CONNECT", *(verb for verb in imap_states.LEGAL if verb != "UID")),
}
"""UID is none: `UID FETCH` is a FETCH."""


def protocols_of(verb: str) -> tuple[Service, ...]:
    """The protocols that have that verb."""
    return tuple(service for service, verbs in VERBS.items() if verb in (*verbs, ANY))
