"""What somebody with bad intent sends to the POP3 and IMAP4 engines: refused, bounded, and the session goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.mail.mailbox import Account, MailStore
from mailkit.wire.imap_server import IMAPServer
from mailkit.wire.imap_states import LEGAL as IMAP_LEGAL
from mailkit.wire.imap_syntax import MAX_LINE, MAX_MESSAGE
from mailkit.wire.pop3_server import POP3Server
from mailkit.wire.pop3_states import LEGAL as POP3_LEGAL

from .conftest import LETTER, NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.wire.engine import Engine

    Making = Callable[[MailStore], Engine]


def imap(store: MailStore) -> Engine:
    return IMAPServer(store, hostname="mail.example.co.jp", tls_available=True, now=lambda: NOON)


def pop3(store: MailStore) -> Engine:
    return POP3Server(store, hostname="mail.example.co.jp", tls_available=True, apop_timestamp="<1.1@mail>")


def started(make: Making, store: MailStore, *lines: bytes) -> Engine:
    engine = make(store)
    engine.start()
    say(engine, *lines)
    engine.take_output()
    return engine


def say(engine: Engine, *lines: bytes) -> bytes:
    engine.receive(b"".join(line + b"\r\n" for line in lines))
    return engine.take_output()


BOTH = pytest.mark.parametrize("make", [imap, pop3])
LOGIN = {imap: (b"a LOGIN goto secret",), pop3: (b"USER goto", b"PASS secret")}


class TestPlantedBeforeTls:
    """RFC 2595 §2.3, RFC 3501 §6.2.1: what a man in the middle puts behind STARTTLS must not be obeyed under TLS."""

    @BOTH
    @pytest.mark.parametrize("apart", [False, True], ids=["in one piece", "in pieces"])
    def test_planted_commands_are_forgotten(self, make: Making, apart: bool, store: MailStore) -> None:
        engine = started(make, store)
        start = b"a STARTTLS\r\n" if make is imap else b"STLS\r\n"
        planted = b"".join(line + b"\r\n" for line in LOGIN[make])
        for piece in [start, planted] if apart else [start + planted]:
            engine.receive(piece)
        assert engine.take_output().count(b"\r\n") == 1
        engine.tls_started()
        assert engine.take_output() == b""
        assert engine.user is None  # type: ignore[attr-defined]

    @BOTH
    def test_half_a_command_is_forgotten_too(self, make: Making, store: MailStore) -> None:
        engine = started(make, store)
        engine.receive(b"a STARTTLS\r\na LOGIN goto " if make is imap else b"STLS\r\nUSER go")
        engine.take_output()
        engine.tls_started()
        assert say(engine, b"secret")[:6] in (b"secret", b"-ERR u")

    @BOTH
    def test_flood_while_tls_is_awaited_takes_no_memory(self, make: Making, store: MailStore) -> None:
        engine = started(make, store, b"a STARTTLS" if make is imap else b"STLS")
        for _ in range(1000):
            engine.receive(b"x" * 4096)
        assert len(engine._input) == 0


class TestInjection:
    """Nothing that a client names comes back as a line of its own."""

    @pytest.mark.parametrize(
        "command",
        [
            b"CREATE {12+}\r\na\r\n* BYE xxx",
            b"SELECT {12+}\r\na\r\n* BYE xxx",
            b"APPEND {12+}\r\na\r\n* BYE xxx {1+}\r\nx",
            b'LIST "" {12+}\r\na\r\n* BYE xxx',
            b"SUBSCRIBE {12+}\r\na\r\n* BYE xxx",
            b"SEARCH SUBJECT {12+}\r\na\r\n* BYE xxx",
            b"SEARCH CHARSET {12+}\r\na\r\n* BYE xxx ALL",
            b"FETCH 1 BODY.PEEK[HEADER.FIELDS ({9+}\r\na\r\n* BYE)]",
            b'ID ("name" {12+}\r\na\r\n* BYE xxx)',
            b"STORE 1 FLAGS (a\r* BYE)",
        ],
    )
    def test_imap(self, command: bytes, store: MailStore) -> None:
        said = say(started(imap, store, *LOGIN[imap], b"a SELECT INBOX"), b"t " + command)
        lines = said.split(b"\r\n")
        assert not any(line.startswith(b"* BYE") for line in lines) or b"{9}\r\na\r\n* BYE" in said
        assert any(line.startswith((b"t OK", b"t BAD", b"t NO")) for line in lines)

    @pytest.mark.parametrize("command", [b"USER a\r+OK\r", b"LIST 1\r+OK", b"\r", b"USER \xff\0", b"APOP \xff \xff"])
    def test_pop3(self, command: bytes, store: MailStore) -> None:
        said = say(started(pop3, store), command)
        assert said.count(b"\r") == said.count(b"\r\n") == 1

    def test_message_that_looks_like_protocol_stays_a_message(self, store: MailStore, account: Account) -> None:
        account.inbox.add(b"Subject: x\r\n\r\n.\r\n-ERR gone\r\n)\r\nt OK done\r\n", NOON)
        engine = started(pop3, store, *LOGIN[pop3])
        assert say(engine, b"RETR 3").endswith(b"\r\n..\r\n-ERR gone\r\n)\r\nt OK done\r\n.\r\n")
        engine = started(imap, store, *LOGIN[imap], b"a SELECT INBOX")
        assert b"BODY[TEXT] {28}\r\n.\r\n-ERR" in say(engine, b"t FETCH 3 BODY.PEEK[TEXT]")

    def test_header_field_in_a_file_name_stays_there(self, store: MailStore, account: Account) -> None:
        account.inbox.add(b'Subject: a\r\n b\r\nContent-Disposition: x; filename="a\r\n\tb\\"c"\r\n\r\n', NOON)
        said = say(started(imap, store, *LOGIN[imap], b"a SELECT INBOX"), b"t FETCH 3 (ENVELOPE BODYSTRUCTURE)")
        assert b'("filename" {5}\r\na\tb"c)' in said
        assert said.count(b"\r\n") == 3


class TestBounds:
    """Lines, literals and structures past a limit are refused by size; they are not kept, and not read if not sent."""

    @BOTH
    def test_endless_line(self, make: Making, store: MailStore) -> None:
        engine = started(make, store)
        for _ in range(1000):
            engine.receive(b"x" * 4096)
        assert len(engine._input) <= 2 * engine.max_line
        assert b"a line of more than" in say(engine, b"")

    @pytest.mark.parametrize("size", [MAX_MESSAGE + 1, 4 * 2**30, 10**19, 10**21])
    @pytest.mark.parametrize("command", [b"LOGIN", b"APPEND INBOX", b"SELECT", b"SEARCH TEXT"])
    def test_literal_of_gigabytes_is_not_asked_for(self, command: bytes, size: int, store: MailStore) -> None:
        engine = started(imap, store, *LOGIN[imap])
        said = say(engine, b"t %b {%d}" % (command, size))
        assert said.startswith((b"t BAD", b"t NO [TOOBIG]"))
        assert say(engine, b"u NOOP").startswith(b"u OK")

    def test_idle_that_never_ends(self, store: MailStore) -> None:
        engine = started(imap, store, *LOGIN[imap], b"a SELECT INBOX", b"a IDLE")
        for _ in range(1000):
            engine.receive(b"x" * 4096)
        assert len(engine._input) <= 2 * MAX_LINE
        assert b"BAD a line of more than" in say(engine, b"")

    def test_ten_thousand_parts_in_each_other(self, store: MailStore, account: Account) -> None:
        nested = b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(10_000)
        )
        account.inbox.add(nested, NOON)
        account.inbox.add(b"Content-Type: message/rfc822\r\n\r\n" * 10_000, NOON)
        account.inbox.add(b"Content-Type: multipart/x; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 20_000, NOON)
        engine = started(imap, store, *LOGIN[imap], b"a SELECT INBOX")
        begin = time.process_time()
        for item in (b"BODYSTRUCTURE", b"BODY.PEEK[" + b"1." * 90 + b"1]", b"ENVELOPE", b"BINARY.SIZE[1.1.1.1]"):
            assert b"t OK" in say(engine, b"t FETCH 3:5 " + item)
        assert b"t OK" in say(engine, b"t SEARCH BODY nothing")
        assert time.process_time() - begin < 10

    def test_sets_of_many_ranges_take_little_time(self) -> None:
        account = Account("goto@example.co.jp", "secret")
        for _ in range(5_000):
            account.inbox.add(b"x", NOON)
        engine = started(imap, MailStore([account]), *LOGIN[imap], b"a SELECT INBOX")
        begin = time.process_time()
        for command in (b"FETCH", b"UID FETCH"):
            assert say(engine, b"t %b %b UID" % (command, b",".join([b"1:*"] * 10_000))).count(b"\r\n") == 5_001
        assert say(engine, b"t SEARCH " + b",".join([b"1:*"] * 10_000)).endswith(b"5000 found\r\n")
        assert time.process_time() - begin < 2

    @pytest.mark.parametrize("keys", [b"NOT " * 1000 + b"ALL", b"(" * 1000, b"OR ALL " * 1000 + b"ALL"])
    def test_search_keys_in_each_other(self, keys: bytes, store: MailStore) -> None:
        engine = started(imap, store, *LOGIN[imap], b"a SELECT INBOX")
        assert b"t BAD more than" in say(engine, b"t SEARCH " + keys)


class TestAnyOctets:
    """Whatever comes: no crash, bounded memory, and a reply or a goodbye at the end."""

    @given(
        st.lists(st.binary(max_size=200) | st.sampled_from([verb.encode() for verb in POP3_LEGAL]), max_size=20),
        st.booleans(),
    )
    def test_pop3(self, lines: list[bytes], logged_in: bool) -> None:
        account = Account("goto@example.co.jp", "secret", token="t")
        account.inbox.add(LETTER, NOON)
        engine = started(pop3, MailStore([account]), *LOGIN[pop3] * logged_in)
        for line in lines:
            if engine.wants_tls:
                engine.tls_started()
            assert say(engine, line)[:1] in (b"+", b"-") or engine.finished
        engine.receive_eof()
        assert engine.finished or engine.wants_tls
        assert not account.locked

    @given(
        st.lists(st.tuples(st.sampled_from([*IMAP_LEGAL, "UID FETCH", "UID STORE"]), st.binary()), max_size=20),
        st.integers(0, 2),
    )
    def test_imap(self, commands: list[tuple[str, bytes]], steps: int) -> None:
        account = Account("goto@example.co.jp", "secret", token="t")
        account.inbox.add(LETTER, NOON)
        engine = started(imap, MailStore([account]), *(*LOGIN[imap], b"a SELECT INBOX")[:steps])
        for verb, rest in commands:
            if engine.wants_tls:
                engine.tls_started()
            engine.receive(b"t %b %b\r\n" % (verb.encode(), rest))
            # Two empty lines end what a literal, IDLE or AUTHENTICATE may have begun.
            said = say(engine, b"", b"")
            assert said == b"" or said.endswith(b"\r\n")
        engine.receive_eof()
        assert engine.finished or engine.wants_tls
