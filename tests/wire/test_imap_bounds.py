"""IMAPServer at its limits, and under whatever octets come."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.mail.mailbox import Account, MailStore
from mailkit.wire.imap_states import LEGAL

from .conftest import LETTER, NOON
from .test_imap_server import say, selected, started


class TestBounds:
    """Limits of lines and literals: refused with the tag, and the session goes on."""

    def test_long_line(self, store: MailStore) -> None:
        answer = say(started(store), b"a1 " + b"x" * 100_000, b"a2 NOOP")
        assert answer == b"a1 BAD a line of more than 65536 octets\r\na2 OK still here\r\n"

    @pytest.mark.parametrize("size", [8193, 4 * 2**30, 10**19])
    def test_big_literal_is_not_asked_for(self, store: MailStore, size: int) -> None:
        answer = say(started(store), b"a LOGIN {%d}" % size, b"b NOOP")
        assert answer == b"a BAD a literal of %d octets is too big here\r\nb OK still here\r\n" % size

    def test_big_literal_that_comes_unasked_is_passed_over(self, store: MailStore) -> None:
        engine = started(store)
        engine.receive(b"a LOGIN {9000000+}\r\n")
        for _ in range(9000):
            engine.receive(b"x" * 1000)
            assert len(engine._input) < 200_000
        answer = say(engine, b" {2+}", b"xx", b"b NOOP")
        assert answer == b"a BAD a literal of 9000000 octets is too big here\r\nb OK still here\r\n"

    def test_many_literals(self, store: MailStore) -> None:
        engine = started(store)
        engine.receive(b"a LOGIN" + b" {8000+}\r\n" + b"x" * 8000)
        for _ in range(20):
            engine.receive(b" {8000+}\r\n" + b"x" * 8000)
        assert b"too big" in say(engine, b"") + say(engine, b"b NOOP")

    def test_message_of_many_octets_only_after_login(self, store: MailStore, account: Account) -> None:
        engine = started(store)
        assert say(engine, b"a APPEND INBOX {10000}").startswith(b"a BAD")
        say(engine, b"a LOGIN goto secret")
        assert say(engine, b"a APPEND INBOX {10000}") == b"+ go ahead\r\n"
        assert say(engine, b"x" * 10_000).startswith(b"a OK [APPENDUID 1 3]")
        assert say(engine, b"a APPEND INBOX {%d}" % (50 * 2**20 + 1)).startswith(b"a NO [TOOBIG]")

    def test_pattern_of_many_wildcards(self, store: MailStore) -> None:
        engine = started(store, b"a LOGIN goto secret", b"a CREATE " + b"a" * 200)
        assert b"LIST" not in say(engine, b'b LIST "" ' + b"*a" * 100 + b"b").replace(b"LIST completed", b"")


WORDS = [
    *LEGAL,
    *("1", "1:*", "2", "*", "INBOX", "x", '"a b"', "goto", "secret", "(", ")", "\\Deleted", "\\Seen", "kw", "BODY[]"),
    *(
        "BODYSTRUCTURE",
        "ENVELOPE",
        "FLAGS",
        "+FLAGS",
        "-FLAGS.SILENT",
        "ALL",
        "NOT",
        "OR",
        "TEXT",
        "{3+}\r\nabc",
        "{2}\r\n{}",
        "DONE",
    ),
]
LINES = st.lists(st.sampled_from(WORDS), max_size=5).map(lambda words: b"t " + " ".join(words).encode())


CHANGES = [
    b"t APPEND INBOX {1+}\r\nx",
    b"t STORE 1 +FLAGS (\\Deleted)",
    b"t STORE 2:* +FLAGS.SILENT (\\Deleted)",
    b"t STORE 1:* -FLAGS (\\Deleted)",
    b"t FETCH 1:* BODY[]",
    b"t EXPUNGE",
    b"t UID EXPUNGE 2:4",
    b"t COPY 1:* INBOX",
    b"t MOVE 1 INBOX",
    b"t UID FETCH 1:* FLAGS",
    b"t IDLE",
    b"DONE",
]


class TestAnyBytes:
    @given(st.lists(st.binary() | LINES, max_size=30), st.integers(0, 2))
    def test_replies_and_no_crash(self, lines: list[bytes], commands: int) -> None:
        account = Account("goto@example.co.jp", "secret")
        account.inbox.add(LETTER, NOON)
        engine = started(MailStore([account]), *(b"a LOGIN goto secret", b"a SELECT INBOX")[:commands])
        for line in lines:
            answer = say(engine, line)
            assert answer == b"" or answer.endswith(b"\r\n")
        engine.receive_eof()
        assert engine.finished

    @given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from(CHANGES)), max_size=40))
    def test_two_sessions_agree_with_the_mailbox(self, turns: list[tuple[int, bytes]]) -> None:
        """Whatever both do, each client's count of messages, kept by EXISTS and EXPUNGE alone, comes out right."""
        account = Account("goto@example.co.jp", "secret")
        for _ in range(3):
            account.inbox.add(LETTER, NOON)
        engines = [selected(MailStore([account])) for _ in range(2)]
        counts = [3, 3]
        for which, line in turns:
            for session, answer in ((which, say(engines[which], line)), (1 - which, engines[1 - which].take_output())):
                counts[session] = counted(counts[session], answer)
        for which, engine in enumerate(engines):
            counts[which] = counted(counts[which], say(engine, b"DONE", b"z NOOP"))
        assert counts == [len(account.inbox)] * 2


def counted(count: int, said: bytes) -> int:
    for number, kind in re.findall(rb"^\* (\d+) (EXISTS|EXPUNGE)\r$", said, re.MULTILINE):
        count = int(number) if kind == b"EXISTS" else count - 1
    return count
