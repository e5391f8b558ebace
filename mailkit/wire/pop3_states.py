"""POP3's commands as data: when each is legal, and how long its reply is (RFC 1939 §3).

The engine obeys it; faults (`server/turns.py`, `server/verbs.py`), documentation and widgets read it.

Must not know: what any command does.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """Where a session is (RFC 1939 §3). UPDATE is what QUIT does on the way out of TRANSACTION."""

    AUTHORIZATION = "AUTHORIZATION"
    TRANSACTION = "TRANSACTION"


class Condition(Enum):
    """What must hold besides the state; the value is the text of the refusal when it does not."""

    CLEAR = "TLS is on already"
    TLS_OFFERED = "no TLS on this server"
    PRIVATE = "begin with STLS; this server takes no password in clear"
    APOP_OFFERED = "no APOP on this server; its greeting holds no timestamp"
    # RFC 1939 §7 has PASS follow USER at once; a CAPA or NOOP between them does no harm, so it is let pass.
    NAMED = "PASS is not legal before USER"


_BEFORE, _AFTER = frozenset({State.AUTHORIZATION}), frozenset({State.TRANSACTION})

LEGAL: dict[str, frozenset[State]] = {
    **dict.fromkeys(("USER", "PASS", "APOP", "AUTH", "STLS"), _BEFORE),
    **dict.fromkeys(("STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "RSET", "NOOP"), _AFTER),
    **dict.fromkeys(("CAPA", "QUIT"), _BEFORE | _AFTER),
}
"""In which states each command is legal."""

LONG = frozenset({"CAPA", "RETR", "TOP"})
LONG_WITHOUT_ARGUMENT = frozenset({"LIST", "UIDL"})
"""Whose +OK is followed by lines up to a dot alone (RFC 1939 §3): always, or when the command names no message."""

NEEDS: dict[str, tuple[Condition, ...]] = {
    "USER": (Condition.PRIVATE,),
    "PASS": (Condition.PRIVATE, Condition.NAMED),
    "AUTH": (Condition.PRIVATE,),
    "APOP": (Condition.APOP_OFFERED,),
    "STLS": (Condition.CLEAR, Condition.TLS_OFFERED),
}
"""What a command needs besides its state; what stands first is asked first."""
