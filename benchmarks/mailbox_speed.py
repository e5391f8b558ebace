"""How the POP3 and IMAP4 engines grow: the same command at 1,000, 10,000 and 100,000 messages.

No socket, no other server: bytes in, bytes out. Only ratios are worth comparing between machines. Ten times the
messages should take about ten times as long; far more means that something is not linear. What is found in letters is
kept for the next command, up to a limit of memory that 100,000 of them pass: so those commands that look into letters
get letters that nobody has looked into, at each size.
"""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import TYPE_CHECKING

from mailkit.mail.mailbox import SEEN, Account, MailStore
from mailkit.wire.imap_server import IMAPServer
from mailkit.wire.pop3_server import POP3Server

if TYPE_CHECKING:
    from mailkit.wire.engine import Engine

SIZES = (1_000, 10_000, 100_000)
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
HEADER = "From: Yamada <yamada@example.com>\r\nTo: goto@example.co.jp\r\nDate: Wed, 01 Apr 2026 12:00:00 +0000\r\n"

IMAP_COMMANDS = {
    "SELECT": b"SELECT INBOX",
    "FETCH FLAGS": b"FETCH 1:* FLAGS",
    "UID FETCH FLAGS": b"UID FETCH 1:* FLAGS",
    "FETCH RFC822.SIZE": b"FETCH 1:* RFC822.SIZE",
    "SEARCH UNSEEN": b"SEARCH UNSEEN",
    "SEARCH SUBJECT": b"SEARCH SUBJECT nowhere",
    "FETCH ENVELOPE": b"FETCH 1:* ENVELOPE",
    "FETCH BODY.PEEK[]": b"FETCH 1:* BODY.PEEK[]",
    "STORE +FLAGS.SILENT": b"STORE 1:* +FLAGS.SILENT ($Mark)",
}
COLD = {"SEARCH SUBJECT", "FETCH ENVELOPE"}
"""Those that look into letters."""
POP3_COMMANDS = {"LIST": b"LIST", "UIDL": b"UIDL", "STAT": b"STAT"}


def account(count: int, body: bytes = b"Hello.\r\n", mark: str = "") -> Account:
    """A person with so many letters, every third one read; other letters for each `mark`."""
    account = Account("goto@example.co.jp", "secret")
    for number in range(count):
        raw = f"{HEADER}Subject: letter {number}\r\nMessage-ID: <{number}{mark}@example.com>\r\n\r\n".encode()
        raw += body
        account.inbox.add(raw, NOON + timedelta(seconds=number), [SEEN] if number % 3 == 0 else [])
    return account


def answered(engine: Engine, command: bytes) -> float:
    """Milliseconds of the processor's until the command is answered whole."""
    begin = process_time()
    engine.receive(command + b"\r\n")
    size = len(engine.take_output())
    taken = (process_time() - begin) * 1000
    if not size:
        raise RuntimeError(f"no answer to {command!r}")
    return taken


def imap(account: Account) -> Engine:
    engine = IMAPServer(MailStore([account]), hostname="mail.example.co.jp", now=lambda: NOON)
    engine.start()
    answered(engine, b"a LOGIN goto secret")
    return engine


def pop3(account: Account) -> Engine:
    engine = POP3Server(MailStore([account]), hostname="mail.example.co.jp")
    engine.start()
    answered(engine, b"USER goto")
    return engine


def measured(count: int) -> dict[str, float]:
    """Milliseconds of each command, the first time it is asked."""
    owner = account(count)
    # What the letters themselves are is not measured: the collector need not walk over them again and again.
    gc.freeze()
    session = imap(owner)
    times = {name: answered(session, b"a " + command) for name, command in IMAP_COMMANDS.items() if name not in COLD}
    session = pop3(owner)
    times["POP3 login"] = answered(session, b"PASS secret")
    times |= {f"POP3 {name}": answered(session, command) for name, command in POP3_COMMANDS.items()}
    gc.unfreeze()
    return times | {name: cold(count, name) for name in sorted(COLD)}


def cold(count: int, name: str) -> float:
    """The same for a command that looks into letters."""
    owner = account(count, mark=name[0])
    gc.freeze()
    session = imap(owner)
    answered(session, b"a SELECT INBOX")
    taken = answered(session, b"a " + IMAP_COMMANDS[name])
    gc.unfreeze()
    return taken


def table() -> None:
    """Time at the smallest size, then how many times as long each larger one takes."""
    columns = [measured(size) for size in SIZES]
    print(f"{'':24}{SIZES[0]:>9,}" + "".join(f"{size:>10,}" for size in SIZES[1:]))
    for name, first in columns[0].items():
        print(f"{name:24}{first:6.2f} ms" + "".join(f"{column[name] / first:9.1f}×" for column in columns[1:]))


def search_body() -> None:
    """Words that are in no body, in a thousand letters of 4 KB: the first time, and again."""
    owner = account(1_000, b"The quick brown fox jumps over the lazy dog, all day long.\r\n" * 68)
    session = imap(owner)
    answered(session, b"a SELECT INBOX")
    first, again = (answered(session, b"a SEARCH BODY nowhere") for _ in range(2))
    print(f"SEARCH BODY, 1,000 of 4 KB: {first:.1f} ms, again {again:.1f} ms")


def main() -> None:
    table()
    search_body()


if __name__ == "__main__":
    main()
