"""Our POP3 server beside Debian's Dovecot: the same commands on the same maildrop get the same answers.

Texts after +OK and -ERR are each server's own, but for the numbers of STAT, LIST and UIDL (RFC 1939 §5, §7). A reason
in a step says that the answers differ, and why that is right.
"""

from __future__ import annotations

import contextlib
import re
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from mailkit.mail.mailbox import Account, MailStore
from mailkit.wire.pop3_server import POP3Server

from .dovecot import dovecot
from .odd_mail import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.clients

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
DOTS = b"Subject: dots\r\n\r\n.\r\n..\r\n.a\r\n a.\r\n\r\n"
MAIL = [MESSAGES["plain"], DOTS, MESSAGES["nested"], MESSAGES["lfonly"], MESSAGES["headeronly"]]
# Not `noeol`: Dovecot counts the message as it rests, ours as RETR sends it, with the line end that RFC 1939 §3 wants.
MAIL += [MESSAGES["headerempty"], MESSAGES["noheader"], MESSAGES["longline"], MESSAGES["eightbit"]]

LOGIN = ["USER goto", "PASS secret"]
LAX = "RFC 1939 §5 gives it no such argument; Dovecot reads over it"
DIALOGUES: dict[str, list[str | tuple[str, str]]] = {
    # Dovecot hangs up after three mistakes.
    "no STAT": ["NOOP", "STAT"],
    "no LIST": ["LIST", "UIDL"],
    "no RETR": ["RETR 1", "TOP 1 1"],
    "no DELE": ["DELE 1", "RSET"],
    "no words": ["NONSENSE", ""],
    "no name": [("USER", "RFC 1939 §7, USER: a name is required"), "PASS"],
    "words": ["PASS secret", "USER goto", "PASS wrong"],
    "apop": ["APOP goto 00000000000000000000000000000000", "APOP"],
    "auth": ["AUTH NONSENSE", "AUTH PLAIN ====", "AUTH PLAIN AGdvdG8Ad3Jvbmc=", "QUIT"],
    "again": [*LOGIN, "USER goto", "PASS secret", "AUTH PLAIN AGdvdG8Ac2VjcmV0", "STLS", "APOP a b", "CAPA"],
    "small letters": ["user goto", "pass secret", "stat", "list 1", "quit"],
    "counting": [
        *LOGIN, "STAT", "LIST", "LIST 1", "LIST 9", "LIST 10", "LIST 0", "LIST -1", "LIST x", "UIDL 11", "UIDL 0",
        "UIDL x", "NOOP", "RSET", ("STAT x", LAX), ("NOOP x", LAX), ("RSET x", LAX), "LIST 1 2", "UIDL 1 2",
    ],
    "reading": [
        *LOGIN, *(f"RETR {n}" for n in range(12)), "RETR", "RETR x", "RETR 1 2", "RETR 4294967296",
        *(f"TOP {n} {lines}" for n in range(1, 10) for lines in (0, 1, 2, 999)),
        "TOP 1", "TOP", "TOP 10 1", "TOP 0 1", "TOP x 1", "TOP 1 x", "TOP 1 -1", "TOP 1 1 1", "RETR 1",
    ],
    "deleting": [
        *LOGIN, "DELE 1", "DELE 1", "DELE", "DELE x", "DELE 10", "STAT", "LIST", "LIST 1", "RETR 1", "TOP 1 1",
        "UIDL 1", "DELE 3", "LIST 2", "STAT", "RSET", "STAT", "DELE 2", "DELE 9", "QUIT",
    ],
    "after deleting": [*LOGIN, "STAT", "LIST", "QUIT"],
}  # fmt: skip
_NUMBERED = re.compile(rb"(STAT|(?:LIST|UIDL) \S+)", re.IGNORECASE)
_LISTED = re.compile(rb"(RETR|TOP|CAPA|LIST\Z|UIDL\Z)", re.IGNORECASE)


class Ours:
    def __init__(self, store: MailStore) -> None:
        self._engine = POP3Server(store, hostname="mail.example.co.jp")
        self._engine.start()

    def say(self, data: bytes) -> None:
        self._engine.receive(data)

    def hear(self) -> bytes:
        return self._engine.take_output()

    def close(self) -> None:
        self._engine.receive_eof()


class Theirs:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)

    def say(self, data: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):  # it has hung up; then nothing is heard
            self._socket.sendall(data)

    def hear(self) -> bytes:
        return self._socket.recv(1 << 16)

    def close(self) -> None:
        self._socket.close()


def answer(peer: Ours | Theirs, command: str) -> tuple[bytes, bytes]:
    """The status, with the numbers that clients read, and the lines that follow."""
    peer.say(command.encode() + b"\r\n")
    said = b""
    while data := peer.hear():
        said += data
        first, _, rest = said.partition(b"\r\n")
        is_listed = first.startswith(b"+OK") and _LISTED.match(command.encode())
        if said.endswith(b"\r\n") and (not is_listed or (b"\r\n" + rest).endswith(b"\r\n.\r\n")):
            break
    first, _, rest = said.partition(b"\r\n")
    words = first.split()
    numbers = words[1:3] if words[:1] == [b"+OK"] and _NUMBERED.match(command.encode()) else []
    if command.upper() == "CAPA":
        rest = b""  # what a server can is its own
    return b" ".join([*words[:1], *numbers]), rest


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    with dovecot() as ports:
        peer = Theirs(ports["imap"])
        for number, command in enumerate([b"LOGIN goto secret", *MAIL]):
            append = b"APPEND INBOX {%d+}\r\n%b" % (len(command), command)
            peer.say(b"a%d %b\r\n" % (number, append if number else command))
            said = b""
            while b"a%d OK" % number not in said:
                said += peer.hear()
        peer.close()
        yield ports


def test_same_answers_as_dovecot(ports: dict[str, int]) -> None:
    """One after another: what QUIT deletes stays away."""
    account = Account("goto@example.co.jp", "secret")
    for raw in MAIL:
        account.inbox.add(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), NOON)
    found = []
    for title, steps in DIALOGUES.items():
        ours, theirs = Ours(MailStore([account])), Theirs(ports["pop3"])
        assert ours.hear()[:3] == theirs.hear()[:3] == b"+OK"
        for step in steps:
            command, why = (step, "") if isinstance(step, str) else step
            mine, other = answer(ours, command), answer(theirs, command)
            if (mine == other) is bool(why):
                found.append(f"{title}: {command} {why}\n  ours    {mine}\n  Dovecot {other}")
        ours.close()
        theirs.close()
    assert not found, "\n".join(found)
