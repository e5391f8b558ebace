"""Where a command ends and a reply is complete: dialogues, whole and one octet at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailkit.server.turns import MAX_LINE, turns

if TYPE_CHECKING:
    from mailkit.server.turns import Turns
    from mailkit.server.verbs import Service

Script = list[tuple[str, bytes]]
STEP = pytest.mark.parametrize("step", [1, 3, 10_000])


def follow(service: Service, script: Script, step: int) -> list[str]:
    """Feed a dialogue in pieces; the verbs as they begin, `=` where a reply is complete, `|` where one must wait."""
    follower, heard, seen = turns(service), bytearray(), list[str]()
    for by, data in script:
        for at in range(0, len(data), step):
            piece = data[at : at + step]
            if by == "S":
                seen += ["="] * follower.reply(piece)
            else:
                heard += piece
            seen += cut_all(follower, heard)
        if by == "C" and heard:
            seen.append("|")
    assert not heard, heard
    return seen


def cut_all(follower: Turns, heard: bytearray) -> list[str]:
    seen = []
    while piece_and_command := follower.cut(heard):
        piece, command = piece_and_command
        if not piece:
            break
        if command:
            seen.append(command.verb)
    return seen


@STEP
def test_smtp_with_a_letter_that_holds_commands(step: int) -> None:
    script: Script = [
        ("S", b"220-first\r\n220 second\r\n"),
        ("C", b"ehlo x\r\n"),
        ("S", b"250-x\r\n250-SIZE\r\n250 HELP\r\n"),
        ("C", b"DATA\r\n"),
        ("S", b"354 go on\r\n"),
        ("C", b"QUIT\r\n\n.\r\n..\r\n.x\r\n\r\n.\r\n"),
        ("S", b"250\r\n"),
        ("C", b"QUIT\r\n"),
        ("S", b"221 bye\r\n"),
    ]
    assert follow("SMTP", script, step) == ["=", "EHLO", "=", "DATA", "=", ".", "=", "QUIT", "="]


@STEP
def test_smtp_an_empty_letter_and_a_refused_data(step: int) -> None:
    script: Script = [
        ("S", b"220 x\r\n"),
        ("C", b"DATA\r\n"),
        ("S", b"503 no\r\n"),
        ("C", b"DATA\r\n"),
        ("S", b"354 go on\r\n"),
        ("C", b".\r\n"),
        ("S", b"250 ok\r\n"),
    ]
    assert follow("SMTP", script, step) == ["=", "DATA", "=", "DATA", "=", ".", "="]


@STEP
def test_smtp_an_exchange_of_auth_belongs_to_it(step: int) -> None:
    script: Script = [
        ("S", b"220 x\r\n"),
        ("C", b"AUTH LOGIN\r\n"),
        ("S", b"334 VXNlcg==\r\n"),
        ("C", b"QUIT\r\n"),
        ("S", b"334 UGFzcw==\r\n"),
        ("C", b"RSET\r\n"),
        ("S", b"535 no\r\n"),
        ("C", b"NOOP\r\n"),
    ]
    assert follow("SMTP", script, step) == ["=", "AUTH", "=", "NOOP"]


def test_smtp_commands_in_one_go_wait_for_each_others_replies() -> None:
    follower, heard = turns("SMTP"), bytearray(b"NOOP\r\nRSET\r\n")
    assert cut_all(follower, heard) == []  # no greeting yet
    assert follower.reply(b"220 x\r\n")
    assert cut_all(follower, heard) == ["NOOP"]
    assert follower.reply(b"250 ok\r\n")
    assert cut_all(follower, heard) == ["RSET"]


@STEP
def test_pop3_lists_end_with_a_dot(step: int) -> None:
    script: Script = [
        ("S", b"+OK hi\r\n"),
        ("C", b"LIST 1\r\n"),
        ("S", b"+OK 1 10\r\n"),
        ("C", b"LIST\r\n"),
        ("S", b"+OK\r\n1 10\r\n.\r\n"),
        ("C", b"RETR 1\r\n"),
        ("S", b"+OK\r\n+OK no\r\n..\r\n-ERR\r\n.\r\n"),
        ("C", b"RETR 2\r\n"),
        ("S", b"-ERR no\r\n"),
        ("C", b"AUTH PLAIN\r\n"),
        ("S", b"+ \r\n"),
        ("C", b"QUIT\r\n"),
        ("S", b"+OK\r\n"),
        ("C", b"QUIT\r\n"),
        ("S", b"+OK\r\n"),
    ]
    verbs = ["LIST", "=", "LIST", "=", "RETR", "=", "RETR", "=", "AUTH", "=", "QUIT", "="]
    assert follow("POP3", script, step) == ["=", *verbs]


@STEP
def test_imap_literals_on_both_sides_are_not_read(step: int) -> None:
    script: Script = [
        ("S", b"* OK hi\r\n"),
        ("C", b"a UID FETCH 1 BODY[]\r\n"),
        ("S", b"* 1 FETCH (BODY[] {9}\r\na OK no\r\na OK no)\r\na OK done\r\n"),
        ("C", b"b APPEND x {9}\r\n"),
        ("S", b"+ go\r\n"),
        ("C", b"c LOGOUT\n FLAGS {2+}\r\nxx\r\n"),
        ("S", b"b OK\r\n"),
        ("C", b"c IDLE\r\n"),
        ("S", b"+ idling\r\n* 3 EXISTS\r\n"),
        ("C", b"DONE\r\n"),
        ("S", b"c OK\r\n"),
        ("C", b"d LOGIN {4}\r\n"),
        ("S", b"d NO\r\n"),
        ("C", b"e NOOP\r\n"),
        ("S", b"* BAD what\r\n"),
    ]
    assert follow("IMAP4", script, step) == ["=", "FETCH", "=", "APPEND", "=", "IDLE", "=", "LOGIN", "=", "NOOP", "="]


@STEP
def test_imap_a_literal_that_comes_unasked_may_be_refused_before_its_end(step: int) -> None:
    script: Script = [
        ("S", b"* OK hi\r\n"),
        ("C", b"a APPEND x {11+}\r\n"),
        ("S", b"a NO full\r\n"),
        ("C", b"b LOGOUT\r\n \r\n"),
        ("C", b"c NOOP\r\n"),
    ]
    assert follow("IMAP4", script, step) == ["=", "APPEND", "=", "NOOP"]


@pytest.mark.parametrize("service", ["SMTP", "POP3", "IMAP4"])
def test_a_line_without_an_end_goes_on_to_the_server(service: Service) -> None:
    follower = turns(service)
    follower.joined_late(b"")
    heard = bytearray(b"x" * MAX_LINE)
    assert follower.cut(heard)[0] == b""
    heard += b"x"
    assert follower.cut(heard)[0] == b"x" * (MAX_LINE + 1)
    assert not heard


@pytest.mark.parametrize(
    ("service", "last", "mode"),
    [
        ("SMTP", b"250-x\r\n250 ok\r\n", "command"),
        ("SMTP", b"354 go on\r\n", "raw"),
        ("SMTP", b"334 \r\n", "raw"),
        ("POP3", b"+OK x\r\n", "command"),
        ("POP3", b"+ \r\n", "raw"),
        ("IMAP4", b"* 1 EXISTS\r\na OK done\r\n", "command"),
        ("IMAP4", b"+ idling\r\n", "raw"),
        ("IMAP4", b"", "command"),
    ],
)
def test_who_joins_late_looks_at_what_was_said_last(service: Service, last: bytes, mode: str) -> None:
    follower = turns(service)
    follower.joined_late(last)
    assert follower.mode == mode
