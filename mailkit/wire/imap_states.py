"""When an IMAP4 command is legal, as data (RFC 3501 §3, §6).

The engine obeys it; faults (`server/verbs.py`), documentation and widgets read it.
Must not know: what any command does.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """Where a session is (RFC 3501 §3)."""

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"


class Condition(Enum):
    """What must hold besides the state; the value is the reply when it does not."""

    CLEAR = "BAD TLS is on already"
    TLS_OFFERED = "BAD no TLS on this server"
    PRIVATE = "NO [PRIVACYREQUIRED] begin with STARTTLS; this server takes no secret in clear"


_ANY = frozenset(State)
_BEFORE = frozenset({State.NOT_AUTHENTICATED})
_AFTER = frozenset({State.AUTHENTICATED, State.SELECTED})
_SELECTED = frozenset({State.SELECTED})

LEGAL: dict[str, frozenset[State]] = {
    **dict.fromkeys(("CAPABILITY", "NOOP", "LOGOUT", "ID"), _ANY),
    **dict.fromkeys(("STARTTLS", "LOGIN", "AUTHENTICATE"), _BEFORE),
    # RFC 5161 §3.1: a mailbox already open would have to change its ways in the middle.
    "ENABLE": frozenset({State.AUTHENTICATED}),
    **dict.fromkeys(("SELECT", "EXAMINE", "CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE"), _AFTER),
    **dict.fromkeys(("LIST", "LSUB", "NAMESPACE", "STATUS", "APPEND", "IDLE"), _AFTER),
    **dict.fromkeys(("CHECK", "CLOSE", "UNSELECT", "EXPUNGE", "SEARCH", "SORT", "FETCH"), _SELECTED),
    **dict.fromkeys(("STORE", "COPY", "MOVE", "UID"), _SELECTED),
}
"""In which states each command is legal."""

NEEDS: dict[str, tuple[Condition, ...]] = {
    "STARTTLS": (Condition.CLEAR, Condition.TLS_OFFERED),
    "LOGIN": (Condition.PRIVATE,),
    "AUTHENTICATE": (Condition.PRIVATE,),
}
"""What a command needs besides its state; what stands first is asked first."""

UID_COMMANDS = ("FETCH", "STORE", "SEARCH", "SORT", "COPY", "MOVE", "EXPUNGE")
"""Those that UID may precede (RFC 3501 §6.4.8, RFC 4315 §2.1)."""

NUMBERS_STAND_STILL = frozenset({"FETCH", "STORE", "SEARCH", "SORT"})
"""No EXPUNGE is told at the end of these: the client may have used numbers already (RFC 3501 §7.4.1)."""
