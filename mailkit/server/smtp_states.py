"""SMTP as a table: where a conversation can stand, and which command leads where (RFC 5321 §4.1.4).

The server obeys it, documentation and widgets draw it. Must not know: connections, roles of a server, what a path is.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from mailkit.mail.reply import Reply

State = Literal["connected", "greeted", "sender", "recipients", "content", "closed"]
"""Nothing said yet; hello said; MAIL accepted; a RCPT accepted; DATA begun; over."""
STATES: tuple[State, ...] = get_args(State)
END_OF_DATA = "."
"""Stands in the table for the line of one dot, which ends the content."""
Moves = dict[State, State]


class Command(NamedTuple):
    """One command. `moves`: the state after it, if it is accepted, by the state in which it is legal."""

    syntax: str
    moves: Moves
    argument: Literal["none", "optional", "required"]
    needs_login: bool = False
    """Where people log in, only they may give it (RFC 4954 §6: 530)."""


_LISTENING: tuple[State, ...] = ("connected", "greeted", "sender", "recipients")
_TO_GREETED: Moves = dict.fromkeys(_LISTENING, "greeted")
_STAY: Moves = {state: state for state in _LISTENING}
_FORGET: Moves = {**_TO_GREETED, "connected": "connected"}

COMMANDS: dict[str, Command] = {
    "EHLO": Command("EHLO domain", _TO_GREETED, "required"),
    "HELO": Command("HELO domain", _TO_GREETED, "required"),
    "STARTTLS": Command("STARTTLS", {"greeted": "connected"}, "none"),
    "AUTH": Command("AUTH mechanism [initial-response]", {"greeted": "greeted"}, "required"),
    "MAIL": Command("MAIL FROM:<reverse-path> [parameters]", {"greeted": "sender"}, "required", True),
    "RCPT": Command("RCPT TO:<forward-path>", {"sender": "recipients", "recipients": "recipients"}, "required", True),
    "DATA": Command("DATA", {"recipients": "content"}, "none", True),
    END_OF_DATA: Command("<CRLF>.<CRLF>", {"content": "greeted"}, "none"),
    "RSET": Command("RSET", _FORGET, "none"),
    "VRFY": Command("VRFY string", _STAY, "required", True),
    "EXPN": Command("EXPN string", _STAY, "required", True),
    "HELP": Command("HELP [command]", _STAY, "optional"),
    "NOOP": Command("NOOP [string]", _STAY, "optional"),
    "QUIT": Command("QUIT", dict.fromkeys(_LISTENING, "closed"), "none"),
}

_MISSING: dict[State, str] = {
    "connected": "say EHLO first",
    "greeted": "MAIL comes first",
    "sender": "RCPT comes first",
    "recipients": "a message is under way; finish it, or say RSET",
}


def out_of_order(verb: str, state: State) -> Reply | None:
    """Why a known command is not legal in `state`; None when it is."""
    if state in COMMANDS[verb].moves:
        return None
    if state == "sender" and verb != "DATA":
        return Reply(503, "5.5.1", _MISSING["recipients"])
    return Reply(503, "5.5.1", _MISSING[state])


def misplaced_argument(verb: str, argument: str) -> Reply | None:
    """Why a command with this argument, or with none, is no command; None when it is one."""
    wanted = COMMANDS[verb].argument
    if (argument and wanted == "none") or (not argument and wanted == "required"):
        enhanced = "" if verb in ("EHLO", "HELO") else "5.5.4"  # RFC 2034 §4
        return Reply(501, enhanced, f"write it as: {COMMANDS[verb].syntax}")
    return None
