"""SEARCH keys (RFC 3501 §6.4.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailkit.mail.mailbox import Mailbox, Message
from mailkit.wire.imap_search import Query, Scope, query
from mailkit.wire.imap_syntax import Arguments, Bad, No

from .conftest import NOON

# UIDs 11 to 13; the first is recent, the second is what `$` stands for.
SCOPE = Scope(range(11, 14), frozenset({11}), frozenset({12}), NOON + timedelta(days=2))


def holds(wanted: Query, message: Message) -> bool:
    return wanted.are_wanted(message.flags) and all(question(message) for question in wanted.others)


@pytest.fixture
def mailbox() -> Mailbox:
    mailbox = Mailbox("INBOX", uid_next=11)
    mailbox.add(
        b"From: Yamada <y@example.com>\r\nTo: goto@example.co.jp\r\nDate: Mon, 30 Mar 2026 23:30:00 -0900\r\n"
        b"Subject: =?utf-8?b?5pel5pys?= trip\r\n\r\nHello there\r\n",
        NOON,
        ["\\Seen", "$Work"],
    )
    mailbox.add(
        b"From: sato@example.com\r\nCc: Ito <i@example.com>\r\nBcc: boss@example.com\r\nX-Spam:\r\n\r\ntiny",
        NOON + timedelta(days=1),
        ["\\Flagged", "\\Deleted"],
    )
    mailbox.add(
        b"Subject: third\r\nDate: nonsense\r\n\r\n" + b"x" * 500, NOON + timedelta(days=2), ["\\Draft", "\\Answered"]
    )
    return mailbox


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("ALL", [1, 2, 3]),
        ("OLD", [2, 3]),
        ("NEW", []),
        ("RECENT", [1]),
        ("$", [2]),
        ("UID $", [2]),
        ("NOT $", [1, 3]),
        ("*:2", [2, 3]),
        ("3:1,2:9", [1, 2, 3]),
        ("9", []),
        ("YOUNGER 100000", [2, 3]),
        ("OLDER 100000", [1]),
        ("YOUNGER 4294967295", [1, 2, 3]),
        ("MODSEQ 3", [2, 3]),
        ('MODSEQ "/flags/\\\\Seen" all 4', [3]),
        ("CHARSET US-ASCII SUBJECT third", [3]),
        ("SEEN", [1]),
        ("unseen", [2, 3]),
        ("FLAGGED", [2]),
        ("UNFLAGGED", [1, 3]),
        ("DELETED", [2]),
        ("UNDELETED", [1, 3]),
        ("DRAFT", [3]),
        ("UNDRAFT", [1, 2]),
        ("ANSWERED", [3]),
        ("UNANSWERED", [1, 2]),
        ("KEYWORD $WORK", [1]),
        ("UNKEYWORD $work", [2, 3]),
        ("FROM yamada", [1]),
        ("FROM EXAMPLE.COM", [1, 2]),
        ("TO goto", [1]),
        ("CC ito", [2]),
        ("BCC boss", [2]),
        ('SUBJECT "日本 TRIP"', [1]),
        ("CHARSET UTF-8 SUBJECT 日本".replace("日本", "{6}\r\n日本"), [1]),
        ("BODY there", [1]),
        ("BODY subject", []),
        ("TEXT third", [3]),
        ("TEXT 'nowhere'", []),
        ('HEADER X-Spam ""', [2]),
        ("HEADER subject THIRD", [3]),
        ("LARGER 400", [3]),
        # number64 (RFC 9051 §9)
        ("LARGER 4294967296", []),
        ("SMALLER 9223372036854775807", [1, 2, 3]),
        ("SMALLER 400", [1, 2]),
        ("BEFORE 2-Apr-2026", [1]),
        ("ON 2-Apr-2026", [2]),
        ('SINCE "2-Apr-2026"', [2, 3]),
        ("SENTON 30-Mar-2026", [1]),
        ("SENTBEFORE 31-Mar-2026", [1]),
        ("SENTSINCE 1-Jan-2026", [1]),
        ("UID 12:*", [2, 3]),
        ("UID 99:*", [3]),
        ("2:3", [2, 3]),
        ("*", [3]),
        ("1,3 UNSEEN", [3]),
        ("NOT SEEN", [2, 3]),
        ("NOT NOT SEEN", [1]),
        ("OR SEEN DELETED", [1, 2]),
        ("OR (SEEN UNSEEN) NOT (1:2)", [3]),
        ("(OR SEEN DRAFT) NOT 1", [3]),
    ],
)
def test_found(keys: str, found: list[int], mailbox: Mailbox) -> None:
    arguments = Arguments(keys.encode())
    wanted = query(arguments, SCOPE)
    arguments.end()
    assert [number for number, message in enumerate(mailbox, 1) if holds(wanted, message)] == found


def test_text_finds_what_parts_say_of_themselves_and_body_does_not() -> None:
    mailbox = Mailbox("INBOX")
    mailbox.add(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        b"Content-Type: multipart/mixed; boundary=c\r\n\r\n"
        b"--c\r\nContent-Disposition: attachment; filename=Report.pdf\r\n\r\nx\r\n--c--\r\n--b--\r\n",
        NOON,
    )
    message = next(iter(mailbox))
    assert holds(query(Arguments(b"TEXT report.pdf"), SCOPE), message)
    assert not holds(query(Arguments(b"BODY report.pdf"), SCOPE), message)


def test_larger_and_smaller_leave_out_the_size_itself(mailbox: Mailbox) -> None:
    message = next(iter(mailbox))
    for key in ("LARGER", "SMALLER"):
        assert not holds(query(Arguments(f"{key} {len(message.raw)}".encode()), SCOPE), message)


@pytest.mark.parametrize(
    "keys",
    [
        "",
        "SEEN ",
        "NOT",
        "OR SEEN",
        "()",
        "(SEEN",
        "UNALL",
        "UN",
        "FROM",
        "LARGER x",
        "ON today",
        "NOT " * 50 + "SEEN",
        "(" * 50,
    ],
)
def test_bad(keys: str) -> None:
    with pytest.raises(Bad):
        query(Arguments(keys.encode()), SCOPE)


def test_unknown_charset_is_refused_with_those_known() -> None:
    with pytest.raises(No, match=r"\[BADCHARSET \(US-ASCII UTF-8 ISO-2022-JP .*\)\]"):
        query(Arguments(b"CHARSET KOI8-R ALL"), SCOPE)


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp", "shift_jis", "euc-jp"])
def test_words_come_in_their_charset(charset: str, mailbox: Mailbox) -> None:
    words = "日本 trip".encode(charset)
    keys = b"CHARSET %b SUBJECT {%d}\r\n%b" % (charset.encode(), len(words), words)
    assert [holds(query(Arguments(keys), SCOPE), message) for message in mailbox] == [True, False, False]


def test_words_that_are_not_in_their_charset() -> None:
    with pytest.raises(Bad, match="not utf-8"):
        query(Arguments(b"TEXT {1}\r\n\xff"), SCOPE)


@pytest.mark.parametrize(
    "value", ["<user (comment)@ (comment) domain.org>", '"user"@domain.org', "A (user@domain.org) <x@y>"]
)
def test_address_is_found_whatever_is_put_between_its_parts(value: str) -> None:
    mailbox = Mailbox("INBOX")
    mailbox.add(f"To: {value}\r\n\r\n".encode(), NOON)
    assert [holds(query(Arguments(b"TO user@domain.org"), SCOPE), message) for message in mailbox] == [True]
    assert [holds(query(Arguments(b"TO other@domain.org"), SCOPE), message) for message in mailbox] == [False]
