"""The table of states against a running server: every verb in every state, and what the table promises of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mailkit.server.smtp_states import COMMANDS, END_OF_DATA, STATES, misplaced_argument, out_of_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.server.smtp_states import State

    Call = Callable[..., Any]

WAY: dict[str, tuple[str, ...]] = {
    "connected": (),
    "greeted": ("EHLO pc",),
    "sender": ("EHLO pc", "MAIL FROM:<>"),
    "recipients": ("EHLO pc", "MAIL FROM:<>", "RCPT TO:<yamada@example.com>"),
}
"""How each state is reached in which commands are heard."""
EXAMPLES = {
    "EHLO": "EHLO pc", "HELO": "HELO pc", "MAIL": "MAIL FROM:<>", "RCPT": "RCPT TO:<sato@example.com>",
    "VRFY": "VRFY sato", "EXPN": "EXPN all", "AUTH": "AUTH PLAIN AHlhbWFkYQBzZWNyZXQ=",
}  # fmt: skip
PROBES: dict[State, str] = {
    "connected": "MAIL FROM:<>",
    "greeted": "RCPT TO:<yamada@example.com>",
    "sender": "DATA",
    "recipients": "MAIL FROM:<>",
}
"""A command that each state refuses, with a reason that only that state gives."""
REASONS = {"connected": "EHLO first", "greeted": "MAIL comes", "sender": "RCPT comes", "recipients": "under way"}
VERBS = [verb for verb in COMMANDS if verb != END_OF_DATA]


def is_known_by(line: Any, state: State) -> bool:
    """Whether the server, asked from outside, stands in `state`."""
    said: str = line.say(PROBES[state])
    return said.startswith("503 5.5.1 ") and REASONS[state] in said


@pytest.mark.parametrize("world", [(kind, {"mx_starttls": True}) for kind in ("tcp", "memory")], indirect=True)
@pytest.mark.parametrize("state", WAY)
@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in ("EXPN", "AUTH", "STARTTLS")])
def test_a_server_moves_as_the_table_says(call: Call, verb: str, state: State) -> None:
    line = call(25)
    for step in WAY[state]:
        assert line.say(step).startswith("250")
    said = line.say(EXAMPLES.get(verb, verb))
    after = COMMANDS[verb].moves.get(state)
    if after is None:
        assert said == str(out_of_order(verb, state))
        assert is_known_by(line, state)
        return
    assert said[0] in "23", said
    if after == "closed":
        assert line.sock.recv(1) == b""
    elif after == "content":
        assert line.say("Subject: x", "", ".").startswith("250 2.0.0 queued")
        assert is_known_by(line, COMMANDS[END_OF_DATA].moves["content"])
    else:
        assert is_known_by(line, after)


@pytest.mark.parametrize("world", [(kind, {"mx_starttls": True}) for kind in ("tcp", "memory")], indirect=True)
@pytest.mark.parametrize("state", WAY)
def test_starttls_goes_as_the_table_says(world: Any, call: Call, state: State) -> None:
    line = call(25)
    for step in WAY[state]:
        line.say(step)
    if state in COMMANDS["STARTTLS"].moves:
        line.secure(world.desk.for_client())
        assert is_known_by(line, COMMANDS["STARTTLS"].moves[state])
    else:
        assert line.say("STARTTLS") == str(out_of_order("STARTTLS", state))
        assert is_known_by(line, state)


@pytest.mark.parametrize("world", [(kind, {"login_in_clear": True}) for kind in ("tcp", "memory")], indirect=True)
@pytest.mark.parametrize("state", WAY)
def test_auth_goes_as_the_table_says(call: Call, state: State) -> None:
    line = call(587)
    if state in ("sender", "recipients"):
        line.say("EHLO pc")
        assert line.say(EXAMPLES["AUTH"]).startswith("235 ")
    for step in WAY[state]:
        line.say(step)
    expected = "235 " if state in COMMANDS["AUTH"].moves else str(out_of_order("AUTH", state))
    assert line.say(EXAMPLES["AUTH"]).startswith(expected)


def test_every_move_leads_somewhere_known() -> None:
    for command in COMMANDS.values():
        assert set(command.moves) | set(command.moves.values()) <= set(STATES)
    reached = {after for command in COMMANDS.values() for after in command.moves.values()}
    assert reached == set(STATES)


@pytest.mark.parametrize("verb", VERBS)
def test_content_is_no_place_for_commands(verb: str) -> None:
    assert "content" not in COMMANDS[verb].moves
    assert "closed" not in COMMANDS[verb].moves


@pytest.mark.parametrize(
    ("verb", "argument", "is_wrong"),
    [("DATA", "x", True), ("DATA", "", False), ("MAIL", "", True), ("NOOP", "x", False), ("HELP", "", False)],
)
def test_an_argument_stands_where_one_belongs(verb: str, argument: str, is_wrong: bool) -> None:
    refusal = misplaced_argument(verb, argument)
    assert (refusal is not None) == is_wrong
    assert refusal is None or refusal.code == 501
