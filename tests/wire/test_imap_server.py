"""IMAPServer against imaplib and imap-tools, and what a dialogue script cannot say."""

from __future__ import annotations

import imaplib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from imap_tools import AND, MailBoxUnencrypted, MailMessageFlags

from mailkit.mail.mailbox import Account, MailStore
from mailkit.wire.imap_server import IMAPServer
from mailkit.wire.imap_states import State

from .conftest import LETTER, NOON, REPORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailkit.wire.engine import Engine

    from .conftest import Background

AWKWARD = (
    b"Subject: awkward\r\n\r\n.\r\n..\r\n)\r\n\r\n\r\n"
    + "日本語\r\n".encode()
    + b"\x80\xff\r\n{5}\r\n"
    + b"x" * 20_000
    + b"\r\n"
)


def new_engine(store: MailStore, *, tls: bool = False) -> IMAPServer:
    return IMAPServer(store, hostname="mail.example.co.jp", tls_available=tls, now=lambda: NOON)


def started(store: MailStore, *commands: bytes, tls: bool = False) -> IMAPServer:
    engine = new_engine(store, tls=tls)
    engine.start()
    say(engine, *commands)
    engine.take_output()
    return engine


def selected(store: MailStore) -> IMAPServer:
    return started(store, b"a LOGIN goto secret", b"a SELECT INBOX")


def say(engine: Engine, *lines: bytes) -> bytes:
    engine.receive(b"".join(line + b"\r\n" for line in lines))
    return engine.take_output()


@pytest.fixture
def port(serve: Callable[..., int], store: MailStore) -> int:
    return serve(lambda: new_engine(store))


@pytest.fixture
def client(port: int) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4("127.0.0.1", port, timeout=5) as client:
        client.login("goto", "secret")
        yield client


class TestImaplib:
    """A client that nobody here wrote."""

    def test_read_flag_search_delete_expunge(self, client: imaplib.IMAP4, account: Account) -> None:
        assert client.select() == ("OK", [b"2"])
        assert client.search(None, "UNSEEN") == ("OK", [b"1 2"])
        assert client.fetch("1", "(FLAGS BODY[])")[1][0][1] == LETTER
        assert client.search(None, "SEEN") == ("OK", [b"1"])
        assert client.store("2", "+FLAGS", r"(\Deleted $Later)") == ("OK", [rb"2 (FLAGS ($Later \Deleted \Recent))"])
        assert client.uid("SEARCH", "KEYWORD", "$later") == ("OK", [b"2"])
        assert client.expunge() == ("OK", [b"2"])
        assert client.uid("FETCH", "1:*", "(UID)") == ("OK", [b"1 (UID 1)"])
        assert client.close()[0] == "OK"
        assert [message.flags for message in account.inbox] == [{"\\Seen"}]

    def test_authenticate_with_challenge(self, port: int) -> None:
        with imaplib.IMAP4("127.0.0.1", port, timeout=5) as client:
            assert client.authenticate("PLAIN", lambda challenge: b"\0goto\0secret")[0] == "OK"

    def test_wrong_password(self, port: int) -> None:
        with imaplib.IMAP4("127.0.0.1", port, timeout=5) as client:
            with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
                client.login("goto", "wrong")
            client.login("goto", "secret")

    @pytest.mark.parametrize("raw", [AWKWARD, b"", b"Subject: only a header\r\n\r\n", b"no end"])
    def test_body_gives_the_same_bytes(self, client: imaplib.IMAP4, account: Account, raw: bytes) -> None:
        account.inbox.add(raw, NOON)
        client.select()
        for item in ("BODY.PEEK[]", "RFC822"):
            assert client.fetch("3", item)[1][0][1] == raw
        assert client.fetch("3", "RFC822.SIZE")[1] == [b"3 (RFC822.SIZE %d)" % len(raw)]

    def test_append_and_read_back(self, client: imaplib.IMAP4) -> None:
        at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        assert client.append("INBOX", r"(\Seen $A)", at, AWKWARD)[0] == "OK"  # type: ignore[arg-type]
        client.select()
        data = client.fetch("3", "(INTERNALDATE FLAGS BODY.PEEK[])")[1][0]
        assert data[1] == AWKWARD
        assert rb"FLAGS ($A \Recent \Seen)" in data[0]
        assert imaplib.Internaldate2tuple(data[0]) is not None

    def test_utf8_names_and_messages(self, client: imaplib.IMAP4, account: Account) -> None:
        assert client.enable("UTF8=ACCEPT")[0] == "OK"
        assert client.create('"送信済み"')[0] == "OK"
        message = "Subject: 日本\r\n\r\nx\r\n".encode()
        assert client.append('"送信済み"', "", None, message)[0] == "OK"  # type: ignore[arg-type]
        assert [message.raw for message in account.mailboxes["送信済み"]] == [message]
        assert client.select('"送信済み"') == ("OK", [b"1"])
        client.literal = "日本".encode()  # type: ignore[attr-defined]
        assert client.uid("SEARCH", "SUBJECT") == ("OK", [b"1"])

    def test_sort_and_token(self, serve: Callable[..., int], store: MailStore, account: Account) -> None:
        account.token = "sesame"
        with imaplib.IMAP4("127.0.0.1", serve(lambda: new_engine(store)), timeout=5) as client:
            assert "AUTH=XOAUTH2" in client.capabilities
            assert client.authenticate("XOAUTH2", lambda _: b"user=goto\1auth=Bearer sesame\1\1")[0] == "OK"
            client.select()
            assert client.sort("(REVERSE SUBJECT)", "UTF-8", "ALL") == ("OK", [b"2 1"])

    def test_mailboxes(self, client: imaplib.IMAP4) -> None:
        assert client.create('"Sent Items"')[0] == "OK"
        assert client.list() == ("OK", [rb'(\HasNoChildren) "/" "INBOX"', rb'(\HasNoChildren) "/" "Sent Items"'])
        client.select()
        assert client.copy("1:2", '"Sent Items"')[0] == "OK"
        assert client.status('"Sent Items"', "(MESSAGES UNSEEN)") == ("OK", [b'"Sent Items" (MESSAGES 2 UNSEEN 2)'])
        assert client.rename('"Sent Items"', "Sent")[0] == "OK"
        assert client.delete("Sent")[0] == "OK"
        assert client.subscribe("INBOX")[0] == "OK"
        assert client.lsub()[1] == [rb'(\HasNoChildren) "/" "INBOX"']

    def test_idle_is_told_at_once(self, client: imaplib.IMAP4, port: int, account: Account) -> None:
        """One waits in IDLE, without a word from it; what another does reaches it."""
        client.select()
        client.send(b"X1 IDLE\r\n")
        assert client.readline() == b"+ idling\r\n"
        with imaplib.IMAP4("127.0.0.1", port, timeout=5) as other:
            other.login("goto", "secret")
            other.append("INBOX", "", "", REPORT)
            assert client.readline() == b"* 3 EXISTS\r\n"
            assert client.readline() == b"* 3 RECENT\r\n"
            other.select()
            other.store("1", "+FLAGS", r"(\Deleted)")
            assert client.readline() == b"* 1 FETCH (FLAGS (\\Deleted \\Recent))\r\n"
            other.expunge()
            assert client.readline() == b"* 1 EXPUNGE\r\n"
        client.send(b"DONE\r\n")
        assert client.readline().startswith(b"X1 OK ")

    def test_delivery_reaches_idle(self, client: imaplib.IMAP4, background: Background, account: Account) -> None:
        client.select()
        client.send(b"X1 IDLE\r\n")
        client.readline()
        background.do(lambda: account.inbox.add(LETTER, NOON))
        assert client.readline() == b"* 3 EXISTS\r\n"
        assert client.readline() == b"* 3 RECENT\r\n"
        client.send(b"DONE\r\n")
        assert client.readline().startswith(b"X1 OK ")


class TestImapTools:
    """A third-party client, with its own parser."""

    def test_fetch_flag_move_delete(self, port: int, account: Account) -> None:
        account.inbox.add('Subject: 三\r\nTo: "A, B" <a@b.c>\r\n\r\n本文\r\n'.encode(), NOON)
        with MailBoxUnencrypted("127.0.0.1", port, timeout=5).login("goto", "secret") as box:
            letters = list(box.fetch(mark_seen=False))
            assert [letter.subject for letter in letters] == ["first", "second", "三"]
            assert [letter.to_values[0].name for letter in letters if letter.to_values] == ["", "A, B"]
            assert letters[0].size_rfc822 == len(LETTER)
            assert letters[2].date_str == ""
            assert box.uids(AND(subject="三"), charset="UTF-8") == ["3"]
            box.flag("1", MailMessageFlags.FLAGGED, True)
            assert box.uids(AND(flagged=True, seen=False)) == ["1"]
            box.folder.create("Archive")
            box.move("1", "Archive")
            box.delete("2")
            assert box.uids() == ["3"]
            assert [folder.name for folder in box.folder.list()] == ["Archive", "INBOX"]
            assert box.folder.status("Archive")["MESSAGES"] == 1

    def test_idle(self, port: int, background: Background, account: Account) -> None:
        with MailBoxUnencrypted("127.0.0.1", port, timeout=5).login("goto", "secret") as box, box.idle as idle:
            background.do(lambda: account.inbox.add(LETTER, NOON))
            assert idle.poll(timeout=5) == [b"* 3 EXISTS", b"* 3 RECENT"]


class TestStates:
    """RFC 3501 §3; the tables have a file of their own."""

    def test_failed_select_leaves_the_open_mailbox(self, store: MailStore) -> None:
        engine = selected(store)
        assert b"\r\nb NO [NONEXISTENT]" in say(engine, b"b SELECT Nowhere")
        assert engine.state is State.AUTHENTICATED

    def test_user_is_known_after_login(self, store: MailStore) -> None:
        assert (started(store).user, selected(store).user) == (None, "goto@example.co.jp")

    def test_ended_session_listens_no_more(self, store: MailStore, account: Account) -> None:
        engine = selected(store)
        say(engine, b"b IDLE")
        engine.receive_eof()
        account.inbox.add(LETTER, NOON)
        assert engine.take_output() == b""


class TestStarttls:
    """RFC 3501 §6.2.1, RFC 2595 §2.3: nothing said in clear counts after TLS is on."""

    def test_plaintext_after_starttls_is_forgotten(self, store: MailStore) -> None:
        engine = started(store, tls=True)
        assert say(engine, b"a STARTTLS", b"b LOGIN goto secret") == b"a OK begin TLS\r\n"
        engine.tls_started()
        assert engine.take_output() == b""
        assert engine.user is None
        assert say(engine, b"c NOOP") == b"c OK still here\r\n"


class TestAppend:
    def test_without_a_date_it_is_now(self, store: MailStore, account: Account) -> None:
        say(started(store, b"a LOGIN goto secret"), b"b APPEND INBOX {1+}", b"x")
        assert [message.received_at for message in account.inbox][-1] == NOON

    def test_bare_line_feeds_are_mended(self, store: MailStore, account: Account) -> None:
        say(started(store, b"a LOGIN goto secret"), b"b APPEND INBOX {7+}", b"a: b\n\nc")
        assert [message.raw for message in account.inbox][-1] == b"a: b\r\n\r\nc"

    def test_flags_know_no_case(self, store: MailStore, account: Account) -> None:
        say(started(store, b"a LOGIN goto secret"), b"b APPEND INBOX (\\SEEN \\seen A a) {1+}", b"x")
        assert [message.flags for message in account.inbox][-1] == {"\\Seen", "A"}


class TestSilence:
    """RFC 3501 §6.4.6: .SILENT; others are told all the same."""

    def test_fetch_that_marks_as_seen_tells_each_session_once(self, store: MailStore) -> None:
        one, two = selected(store), selected(store)
        assert say(one, b"b FETCH 1 BODY[]<0.1>").count(b"FLAGS") == 1
        assert say(two, b"b NOOP") == b"* 1 FETCH (FLAGS (\\Seen))\r\nb OK still here\r\n"
        assert say(one, b"c NOOP") == b"c OK still here\r\n"

    def test_flags_fetched_are_not_told_again(self, store: MailStore) -> None:
        one, two = selected(store), selected(store)
        say(one, b"b STORE 1 FLAGS (a)")
        assert say(two, b"b FETCH 1 FLAGS").count(b"FLAGS (a)") == 1
        assert say(two, b"c NOOP") == b"c OK still here\r\n"

    def test_close_after_examine_removes_nothing(self, store: MailStore, account: Account) -> None:
        account.inbox.set_flags(1, ["\\Deleted"])
        say(started(store, b"a LOGIN goto secret", b"a EXAMINE INBOX"), b"b CLOSE")
        assert len(account.inbox) == 2

    def test_close_expunges_without_telling(self, store: MailStore, account: Account) -> None:
        one, two = selected(store), selected(store)
        say(one, b"b STORE 1 +FLAGS.SILENT (\\Deleted)")
        assert say(one, b"c CLOSE") == b"c OK closed\r\n"
        assert say(two, b"b NOOP") == b"* 1 EXPUNGE\r\nb OK still here\r\n"
        assert len(account.inbox) == 1

    @pytest.mark.parametrize("command", [b"FETCH 2 UID", b"STORE 2 FLAGS.SILENT (a)", b"SEARCH ALL"])
    def test_numbers_stand_still(self, store: MailStore, account: Account, command: bytes) -> None:
        engine = selected(store)
        account.inbox.expunge([1])
        assert b"EXPUNGE" not in say(engine, b"b " + command)
        assert b"* 1 EXPUNGE" in say(engine, b"c UID " + command)

    def test_deleted_mailbox_empties_before_those_who_have_it_open(self, store: MailStore) -> None:
        one = started(store, b"a LOGIN goto secret", b"a CREATE X", b"a APPEND X {1+}", b"x", b"a SELECT X")
        say(started(store, b"a LOGIN goto secret"), b"b DELETE X")
        assert say(one, b"c NOOP") == b"* 1 EXPUNGE\r\nc OK still here\r\n"
