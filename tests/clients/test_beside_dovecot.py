r"""Our IMAP4 server beside Debian's Dovecot: the same commands on the same mail get the same answers.

The commands are in `beside_imap.txt`: `== title` begins a new connection, `«text»` is a literal, `«+text»` one that is
sent unasked, `«@name»` a message of `odd_mail.py`; `\r\n` is a line end. A line `~ reason` before a command says that
the answers differ, and why that is right; should they agree one day, the test says so too.
"""

from __future__ import annotations

import random
import re
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pytest

from mailkit.mail.mailbox import Account, MailStore
from mailkit.wire.imap_server import IMAPServer

from .dovecot import dovecot
from .imap_answers import Answer, normalised, split_lines, without_children
from .odd_mail import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.clients

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
SCRIPT = Path(__file__).with_name("beside_imap.txt")
_LITERAL = re.compile("«(\\+?)([^»]*)»")


class Step(NamedTuple):
    """A command; `why` it is answered differently, if it is."""

    command: str
    why: str = ""


class Peer(Protocol):
    def say(self, data: bytes) -> None: ...

    def hear(self) -> bytes:
        """What came since; waits for something, empty at the end."""


class Ours:
    """Our engine, without a socket."""

    def __init__(self) -> None:
        store = MailStore([Account("goto@example.co.jp", "secret")])
        self._engine = IMAPServer(store, hostname="mail.example.co.jp", now=lambda: NOON)
        self._engine.start()

    def say(self, data: bytes) -> None:
        self._engine.receive(data)

    def hear(self) -> bytes:
        return self._engine.take_output()

    def close(self) -> None:
        self._engine.receive_eof()


class Theirs:
    """Dovecot; `user` has a mailbox of his own, so that each section finds it empty."""

    def __init__(self, port: int, user: str) -> None:
        self.user = user
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)

    def say(self, data: bytes) -> None:
        self._socket.sendall(data)

    def hear(self) -> bytes:
        return self._socket.recv(1 << 16)

    def close(self) -> None:
        self._socket.close()


def sections() -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    why = ""
    for line in SCRIPT.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            steps = found.setdefault(line[3:], [])
        elif line.startswith("~ "):
            why = line[2:]
        elif line and not line.startswith("#"):
            steps.append(Step(line, why))
            why = ""
    return found


def pieces(command: str) -> list[bytes]:
    """The command as it is sent: before each piece but the first, the server must ask for it."""
    sent: list[bytes] = [b""]
    for index, text in enumerate(_LITERAL.split(command)):
        if index % 3 == 0:
            sent[-1] += text.encode("utf-8")
        elif index % 3 == 1:
            unasked = text
        else:
            data = _octets(text)
            sent[-1] += b"{%d%b}\r\n" % (len(data), unasked.encode())
            if unasked:
                sent[-1] += data
            else:
                sent.append(data)
    sent[-1] += b"\r\n"
    return sent


def _octets(text: str) -> bytes:
    if text.startswith("@"):
        return MESSAGES[text[1:]]
    return text.replace("\\r\\n", "\r\n").encode("utf-8")


def answer(peer: Peer, tag: bytes, command: str) -> Answer:
    """Says the command, piece by piece as it is asked, and hears the answer to its tagged end."""
    first, *rest = pieces(command)
    peer.say(tag + b" " + first)
    said = b""
    while data := peer.hear():
        said += data
        lines = split_lines(said)
        if any(line.startswith(tag + b" ") for line in lines):
            break
        if lines and lines[-1].startswith(b"+"):
            if not rest:
                peer.say(b"DONE\r\n" if command.upper() == "IDLE" else b"*\r\n")
            for piece in rest[:1]:
                peer.say(piece)
            rest = rest[1:]
            said = said if rest else said.replace(lines[-1], b"")
    heard = normalised(said, tag)
    return heard if "CHILDREN" in command else without_children(heard)


def greeting(peer: Peer) -> None:
    said = b""
    while not split_lines(said):
        said += peer.hear()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with dovecot() as ports:
        yield ports["imap"]


def differences(steps: list[Step], ours: Ours, theirs: Theirs) -> Iterator[tuple[Step, Answer, Answer]]:
    """Each step with both answers, where they differ or were said to."""
    for number, step in enumerate(steps):
        tag = b"t%d" % number
        mine = answer(ours, tag, step.command)
        other = answer(theirs, tag, step.command.replace("LOGIN goto", f"LOGIN {theirs.user}"))
        if (mine == other) is bool(step.why):
            yield step, mine, other
        if other[0].startswith("BAD"):
            # Dovecot hangs up after so many mistakes in a row.
            answer(theirs, b"x", "NOOP"), answer(ours, b"x", "NOOP")


def told(step: Step, mine: Answer, other: Answer) -> str:
    if step.why:
        return f"{step.command}\n  both answer {mine}, so this is no longer a difference: {step.why}"
    return f"{step.command}\n  ours    {_only(mine, other)}\n  Dovecot {_only(other, mine)}"


def _only(answer: Answer, other: Answer) -> str:
    """What is in this answer alone."""
    items = [part for it in answer[1] for part in (it[2] if it[0] == "FETCH" else [it])]
    others = [part for it in other[1] for part in (it[2] if it[0] == "FETCH" else [it])]
    return f"{answer[0]} {[item for item in items if item not in others]}".replace("bytearray", "")


@pytest.mark.parametrize("title", sections())
def test_same_answers_as_dovecot(title: str, port: int) -> None:
    ours, theirs = Ours(), Theirs(port, title.replace(" ", "-"))
    greeting(ours)
    greeting(theirs)
    try:
        found = [told(*difference) for difference in differences(sections()[title], ours, theirs)]
    finally:
        ours.close()
        theirs.close()
    assert not found, "\n".join([f"{len(found)} answers differ", *found])


NUMBERS = ["1", "2", "*", "1:*", "2:3", "3:1", "*:2", "1,3", "7", "1:9", "4294967295"]
FLAGS = ["\\Seen", "\\Deleted", "\\Flagged \\Draft", "\\Answered", ""]
KEYS = ["SEEN", "UNSEEN", "DELETED", "NOT FLAGGED", "OR SEEN DRAFT", "DRAFT", "FROM example", "TEXT hello"]
KEYS += ["1:*", "UID 2:*", "LARGER 200", "BODY second", "(NOT (DRAFT) UNSEEN)", "SUBJECT letter", "SENTON 1-Apr-2026"]
ITEMS = ["FLAGS", "(UID FLAGS)", "BODY.PEEK[HEADER]", "(RFC822.SIZE ENVELOPE)", "BODYSTRUCTURE", "BODY[TEXT]<3.20>"]
ITEMS += ["BODY.PEEK[1]", "BODY.PEEK[2.MIME]", "INTERNALDATE", "BINARY.SIZE[1]", "BODY.PEEK[HEADER.FIELDS (To)]"]


def random_command(dice: random.Random) -> str:
    numbers, flags, uid = dice.choice(NUMBERS), dice.choice(FLAGS), dice.choice(["", "UID "])
    name = dice.choice(["plain", "nested", "digest", "xfields", "eightbit"])
    return dice.choice(
        [
            f"{uid}FETCH {numbers} {dice.choice(ITEMS)}",
            f"{uid}FETCH {numbers} {dice.choice(ITEMS)}",
            # Dovecot is silent about flags that did not change, so they are asked for.
            f"{uid}STORE {numbers} {dice.choice(['', '+', '-'])}FLAGS.SILENT ({flags})",
            "FETCH 1:* FLAGS",
            f"{uid}SEARCH {dice.choice(KEYS)} {dice.choice(KEYS)}",
            f"{uid}SEARCH RETURN (MIN MAX COUNT ALL) {dice.choice(KEYS)}",
            f"SEARCH RETURN (SAVE) {dice.choice(KEYS)}",
            "UID FETCH $ FLAGS",
            f"{uid}SORT (SUBJECT REVERSE SIZE ARRIVAL) UTF-8 {dice.choice(KEYS)}",
            f"{uid}COPY {numbers} Third",
            f"{uid}MOVE {numbers} Fourth",
            f'APPEND Random ({flags}) "0{dice.randint(1, 9)}-Apr-2026 12:00:00 +0000" «@{name}»',
            f"UID EXPUNGE {numbers}",
            dice.choice(["EXPUNGE", "NOOP", "CLOSE", "UNSELECT"]),
            dice.choice(["SELECT Random", "SELECT Random", "SELECT Third"]),
            "STATUS Third (MESSAGES UIDNEXT UNSEEN)",
        ]
    )


@pytest.mark.parametrize("seed", range(3))
def test_same_answers_to_random_commands(seed: int, port: int) -> None:
    dice = random.Random(seed)
    fill = ["LOGIN goto secret", "CREATE Random", "CREATE Third", "CREATE Fourth", "SELECT Random"]
    fill += [f'APPEND Random "01-Apr-2026 12:00:00 +0000" «@{name}»' for name in ("plain", "nested", "top", "plain")]
    steps = [Step(command) for command in [*fill, *(random_command(dice) for _ in range(300))]]
    ours, theirs = Ours(), Theirs(port, f"random-{seed}")
    greeting(ours)
    greeting(theirs)
    try:
        found = [told(*difference) for difference in differences(steps, ours, theirs)]
    finally:
        ours.close()
        theirs.close()
    assert not found, "\n".join([f"{len(found)} answers differ", *found])
