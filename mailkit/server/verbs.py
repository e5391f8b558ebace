"""The verbs of the three protocols, by which faults name a moment of a conversation.

Must not know: what any of them does.
"""

from __future__ import annotations

from typing import Literal

from mailkit.net.zones import ANY

Service = Literal["SMTP", "POP3", "IMAP4"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# RFC 5321 §4.1, RFC 3207, RFC 4954; RFC 1939, 2449, 2595, 5034, 6856; RFC 9051 §6 and the extensions served here.
# "CONNECT" is the greeting (RFC 5321 §4.3.2), "." the end of mail data (RFC 5321 §4.1.1.4).
VERBS: dict[Service, tuple[str, ...]] = {
    "SMTP": _words("CONNECT EHLO HELO MAIL RCPT DATA . RSET VRFY EXPN HELP NOOP QUIT STARTTLS AUTH"),
    "POP3": _words("CONNECT CAPA STLS USER PASS APOP AUTH UTF8 LANG STAT LIST UIDL RETR TOP DELE RSET NOOP QUIT"),
    "IMAP4": _words(
        "CONNECT CAPABILITY NOOP LOGOUT ID STARTTLS AUTHENTICATE LOGIN ENABLE SELECT EXAMINE CREATE DELETE RENAME "
        "SUBSCRIBE UNSUBSCRIBE LIST LSUB NAMESPACE STATUS APPEND IDLE CHECK CLOSE UNSELECT EXPUNGE SEARCH SORT "
        "FETCH STORE COPY MOVE"
    ),
}


def protocols_of(verb: str) -> tuple[Service, ...]:
    """The protocols that have that verb."""
    return tuple(service for service, verbs in VERBS.items() if verb in (*verbs, ANY))
