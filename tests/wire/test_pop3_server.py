"""POP3Server against poplib, and what a dialogue script cannot say."""

from __future__ import annotations

import itertools
import poplib
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.mail.mailbox import Account, MailStore
from mailkit.wire.pop3_server import POP3Server
from mailkit.wire.pop3_states import LEGAL, LONG, LONG_WITHOUT_ARGUMENT, NEEDS, Condition, State

from .conftest import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.wire.engine import Engine

AWKWARD = (
    b"Subject: awkward\r\n\r\n.\r\n..\r\n.leading\r\n\r\n\r\n"
    + "日本語\r\n".encode()
    + b"\x80\xff\x00\r\n"
    + b"x" * 1990
) + b"\r\n"


def new_engine(store: MailStore, *, tls: bool = False) -> POP3Server:
    return POP3Server(store, hostname="mail.example.co.jp", tls_available=tls)


def started(store: MailStore, *, tls: bool = False) -> POP3Server:
    engine = new_engine(store, tls=tls)
    engine.start()
    engine.take_output()
    return engine


def say(engine: Engine, *lines: bytes) -> bytes:
    engine.receive(b"".join(line + b"\r\n" for line in lines))
    return engine.take_output()


class TestPoplib:
    """A client that nobody here wrote."""

    def test_whole_session(self, serve: Callable[..., int], store: MailStore, account: Account) -> None:
        client = poplib.POP3("127.0.0.1", serve(lambda: new_engine(store)), timeout=5)
        assert client.capa() == {
            "TOP": [],
            "UIDL": [],
            "RESP-CODES": [],
            "AUTH-RESP-CODE": [],
            "PIPELINING": [],
            "EXPIRE": ["NEVER"],
            "USER": [],
            "SASL": ["PLAIN"],
        }
        client.user("goto")
        client.pass_("secret")
        assert client.stat() == (2, sum(len(message.raw) for message in account.inbox))
        assert client.list()[1] == [b"1 91", b"2 60"]
        assert client.uidl()[1] == [b"1 1.1", b"2 1.2"]
        assert client.retr(1)[1][-2:] == [b"Hello.", b".dot"]
        assert client.top(2, 1)[1][-2:] == [b"", b"one"]
        client.dele(1)
        with pytest.raises(poplib.error_proto, match="deleted"):
            client.retr(1)
        client.quit()
        assert [message.uid for message in account.inbox] == [2]

    @pytest.mark.parametrize("raw", [AWKWARD, b"", b"Subject: only a header\r\n\r\n"])
    def test_retr_gives_the_same_bytes(self, serve: Callable[..., int], raw: bytes) -> None:
        account = Account("goto@example.co.jp", "secret")
        account.inbox.add(raw, NOON)
        client = poplib.POP3("127.0.0.1", serve(lambda: new_engine(MailStore([account]))), timeout=5)
        client.user("goto")
        client.pass_("secret")
        reply, lines, _ = client.retr(1)
        assert b"".join(line + b"\r\n" for line in lines) == raw
        assert reply == b"+OK %d octets" % len(raw)
        client.quit()

    def test_dropped_line_deletes_nothing_and_frees_the_maildrop(
        self, serve: Callable[..., int], store: MailStore, account: Account
    ) -> None:
        port = serve(lambda: new_engine(store))
        first, second = (poplib.POP3("127.0.0.1", port, timeout=5) for _ in range(2))
        first.user("goto")
        first.pass_("secret")
        first.dele(1)
        second.user("goto")
        with pytest.raises(poplib.error_proto, match="IN-USE"):
            second.pass_("secret")
        first.sock.shutdown(socket.SHUT_RDWR)
        first.close()
        while account.locked:
            second.capa()
        second.user("goto")
        second.pass_("secret")
        assert second.stat()[0] == 2
        second.quit()

    def test_apop(self, serve: Callable[..., int], store: MailStore) -> None:
        stamp = "<1896.697170952@mail.example.co.jp>"
        port = serve(lambda: POP3Server(store, hostname="mail.example.co.jp", apop_timestamp=stamp))
        client = poplib.POP3("127.0.0.1", port, timeout=5)
        with pytest.raises(poplib.error_proto, match="AUTH"):
            client.apop("goto", "wrong")
        assert client.apop("goto", "secret") == b"+OK 2 messages"
        client.quit()

    def test_without_apop_the_greeting_holds_no_timestamp(self, serve: Callable[..., int], store: MailStore) -> None:
        client = poplib.POP3("127.0.0.1", serve(lambda: new_engine(store)), timeout=5)
        with pytest.raises(poplib.error_proto, match="APOP not supported"):
            client.apop("goto", "secret")
        client.quit()


class TestSnapshot:
    """RFC 1939 §4, §5: the maildrop is what it was at login."""

    def test_new_mail_waits_for_the_next_session(self, store: MailStore, account: Account) -> None:
        engine = started(store)
        say(engine, b"USER goto", b"PASS secret")
        account.inbox.add(b"Subject: third\r\n\r\n", NOON)
        assert say(engine, b"STAT") == b"+OK 2 151\r\n"

    def test_message_expunged_elsewhere_can_still_be_read(self, store: MailStore, account: Account) -> None:
        engine = started(store)
        say(engine, b"USER goto", b"PASS secret")
        account.inbox.expunge([1])
        assert b"Hello." in say(engine, b"RETR 1")

    def test_retr_sets_no_flag(self, store: MailStore, account: Account) -> None:
        say(started(store), b"USER goto", b"PASS secret", b"RETR 1", b"QUIT")
        assert all(not message.flags for message in account.inbox)


class TestContent:
    """RFC 1939 §3, §11: lines end with CRLF, and sizes count it."""

    @pytest.mark.parametrize(
        ("raw", "sent"),
        [
            (b"a\n.\nb", b"a\r\n..\r\nb\r\n"),
            (b"a\r\nb\r", b"a\r\nb\r\n"),
            (b"no end", b"no end\r\n"),
        ],
    )
    def test_line_ends_are_mended(self, raw: bytes, sent: bytes) -> None:
        account = Account("goto@example.co.jp", "secret")
        account.inbox.add(raw, NOON)
        engine = started(MailStore([account]))
        say(engine, b"USER goto", b"PASS secret")
        size = len(sent.replace(b"..", b"."))
        assert say(engine, b"RETR 1") == b"+OK %d octets\r\n" % size + sent + b".\r\n"
        assert say(engine, b"LIST 1") == b"+OK 1 %d\r\n" % size


SWITCHES = list(itertools.product([True, False], repeat=5))


class TestStates:
    """RFC 1939 §3: the tables LEGAL and NEEDS, asked of the engine itself."""

    @pytest.mark.parametrize("verb", sorted(LEGAL))
    @pytest.mark.parametrize("state", list(State))
    def test_table_is_obeyed(self, verb: str, state: State, store: MailStore) -> None:
        engine = started(store)
        if state is State.TRANSACTION:
            say(engine, b"USER goto", b"PASS secret")
        assert engine.state is state
        refused = say(engine, verb.encode()) == f"-ERR {verb} is not legal in the {state.value} state\r\n".encode()
        assert refused == (state not in LEGAL[verb])

    def test_every_command_has_its_line_and_every_line_its_command(self) -> None:
        assert {name[3:].upper() for name in dir(POP3Server) if name.startswith("do_")} == set(LEGAL)
        assert set(NEEDS) <= set(LEGAL)

    @pytest.mark.parametrize("verb", sorted(LEGAL.keys() - NEEDS.keys()))
    @pytest.mark.parametrize("argument", ["", " 1", " 1 0"])
    def test_the_table_says_which_replies_are_long(self, verb: str, argument: str, store: MailStore) -> None:
        engine = started(store)
        say(engine, b"USER goto", b"PASS secret")
        said = say(engine, f"{verb}{argument}".encode())
        is_long = verb in LONG or (verb in LONG_WITHOUT_ARGUMENT and not argument)
        assert said.endswith(b"\r\n.\r\n") == (is_long and said.startswith(b"+OK"))

    @pytest.mark.parametrize("verb", NEEDS)
    @pytest.mark.parametrize(("tls", "private", "is_on", "apop", "named"), SWITCHES)
    def test_conditions_are_obeyed(
        self, verb: str, tls: bool, private: bool, is_on: bool, apop: bool, named: bool, store: MailStore
    ) -> None:
        engine = POP3Server(
            store,
            hostname="h",
            tls_available=tls,
            allow_plaintext_login=not private,
            apop_timestamp="<1@h>" if apop else "",
        )
        engine.start()
        if is_on:
            engine.tls_started()
        engine.take_output()
        said = say(engine, b"USER goto") if named else b""
        given = {
            Condition.CLEAR: not is_on,
            Condition.TLS_OFFERED: tls,
            Condition.PRIVATE: is_on or not private,
            Condition.APOP_OFFERED: apop,
            Condition.NAMED: said.startswith(b"+OK"),
        }
        missing = [condition for condition in NEEDS[verb] if not given[condition]]
        answer = say(engine, verb.encode())
        if missing:
            assert answer == f"-ERR {missing[0].value}\r\n".encode()
        else:
            assert answer.decode()[5:-2] not in [condition.value for condition in Condition]

    def test_user_is_known_after_login(self, store: MailStore) -> None:
        engine = started(store)
        assert engine.user is None
        say(engine, b"USER goto", b"PASS secret")
        assert engine.user == "goto@example.co.jp"


class TestPass:
    """RFC 1939 §7, PASS: spaces belong to the password."""

    def test_password_with_spaces(self) -> None:
        engine = started(MailStore([Account("goto@example.co.jp", " two  words ")]))
        assert say(engine, b"USER goto", b"PASS  two  words ").endswith(b"+OK 0 messages\r\n")


class TestStls:
    """RFC 2595 §4: nothing said in clear counts after TLS is on."""

    def test_plaintext_after_stls_is_forgotten(self, store: MailStore) -> None:
        engine = started(store, tls=True)
        assert say(engine, b"STLS", b"USER goto", b"PASS secret") == b"+OK begin TLS\r\n"
        engine.tls_started()
        assert engine.take_output() == b""
        assert say(engine, b"PASS secret") == b"-ERR PASS is not legal before USER\r\n"


class TestBadInput:
    def test_long_line_is_refused_and_the_session_goes_on(self, store: MailStore) -> None:
        engine = started(store)
        assert say(engine, b"x" * 100_000, b"QUIT").split(b"\r\n")[0].startswith(b"-ERR a line of more than")
        assert engine.finished

    def test_endless_line_takes_no_memory(self, store: MailStore) -> None:
        engine = started(store)
        for _ in range(1000):
            engine.receive(b"x" * 4096)
        assert len(engine._input) <= 2 * POP3Server.max_line

    @given(st.lists(st.binary() | st.sampled_from([verb.encode() for verb in LEGAL]), max_size=30), st.booleans())
    def test_any_bytes_get_replies(self, lines: list[bytes], logged_in: bool) -> None:
        account = Account("goto@example.co.jp", "secret")
        account.inbox.add(AWKWARD, NOON)
        engine = started(MailStore([account]))
        if logged_in:
            say(engine, b"USER goto", b"PASS secret")
        for line in lines:
            answer = say(engine, line)
            assert engine.finished or answer[:2] in (b"+O", b"-E", b"+ ")
        engine.receive_eof()
        assert engine.finished
        assert not account.locked
