"""The states of a protocol as nodes and edges, out of the tables that the engines obey: what a picture needs.

Must not know: coordinates, colours, where a conversation stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.server import smtp_states
from mailkit.widgets.console_fetch import CLOSED, IMAP_MOVES, POP3_MOVES
from mailkit.wire import imap_states, pop3_states

if TYPE_CHECKING:
    from collections.abc import Mapping


class Edge(NamedTuple):
    """The commands that lead from one state to another, in the order of the table."""

    start: str
    end: str
    verbs: tuple[str, ...]


def states(protocol: str) -> tuple[str, ...]:
    """The states, from the first to the last."""
    if protocol == "SMTP":
        return smtp_states.STATES
    table = pop3_states.State if protocol == "POP3" else imap_states.State
    return (*(state.value for state in table), CLOSED)


def edges(protocol: str) -> list[Edge]:
    """All ways from one state to another; what stays is left out."""
    found: dict[tuple[str, str], list[str]] = {}
    for verb, moves in _moves(protocol).items():
        for start, end in moves.items():
            if start != end:
                found.setdefault((start, end), []).append(verb)
    return [Edge(start, end, tuple(verbs)) for (start, end), verbs in found.items()]


def loops(protocol: str) -> list[Edge]:
    """What is legal in a state and leaves it as it is, for each state that has any."""
    moves, found = _moves(protocol), []
    for state in states(protocol)[:-1]:
        stay = (verb for verb, legal_in in _legal(protocol).items() if state in legal_in)
        verbs = tuple(verb for verb in stay if moves.get(verb, {}).get(state, state) == state)
        if verbs:
            found.append(Edge(state, state, verbs))
    return found


def _legal(protocol: str) -> dict[str, set[str]]:
    if protocol == "SMTP":
        return {verb: {str(state) for state in command.moves} for verb, command in smtp_states.COMMANDS.items()}
    if protocol == "POP3":
        return {verb: {state.value for state in legal_in} for verb, legal_in in pop3_states.LEGAL.items()}
    return {verb: {state.value for state in legal_in} for verb, legal_in in imap_states.LEGAL.items()}


def _moves(protocol: str) -> Mapping[str, Mapping[str, str]]:
    if protocol == "SMTP":
        return {
            verb: {str(start): str(end) for start, end in command.moves.items()}
            for verb, command in smtp_states.COMMANDS.items()
        }
    return POP3_MOVES if protocol == "POP3" else IMAP_MOVES


def title(state: str) -> str:
    """The state's name for people. POP3 and IMAP4 have names of their own in the standards."""
    known = {
        "connected": _("connected"),
        "greeted": _("greeted"),
        "sender": _("sender named"),
        "recipients": _("recipients named"),
        "content": _("content"),
        "closed": _("closed"),
    }
    return known.get(state, state)
