"""SORT (RFC 5256)."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from mailkit.mail.mailbox import Mailbox
from mailkit.wire.imap_sort import base_subject, criteria, in_order
from mailkit.wire.imap_syntax import Arguments

from .conftest import NOON


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("plain", "plain"),
        ("Re: plain", "plain"),
        ("RE: Fwd: fw[2]: plain", "plain"),
        ("Re: [list] plain (fwd) (FWD)", "plain"),
        ("[list] Re: plain", "plain"),
        ("[fwd: Re:  two   words ]", "two words"),
        ("[only]", "[only]"),
        ("Re:", ""),
        ("", ""),
        ("Regarding: plain", "Regarding: plain"),
        ("Re: 返信: 日本", "返信: 日本"),
    ],
)
def test_base_subject(subject: str, base: str) -> None:
    assert base_subject(subject) == base


@pytest.mark.parametrize("subject", ["[" * 100_000, "[a]" * 50_000, "(fwd)" * 50_000, "re " * 50_000, " " * 100_000])
def test_odd_subjects_take_little_time(subject: str) -> None:
    begin = time.perf_counter()
    base_subject(subject)
    assert time.perf_counter() - begin < 1


@pytest.fixture
def mailbox() -> Mailbox:
    mailbox = Mailbox("INBOX")
    for hours, header in enumerate(
        [
            "From: Zoe <abe@x>\r\nTo: b@x\r\nSubject: two\r\nDate: Wed, 01 Apr 2026 12:00:00 +0900\r\nCc: c@x",
            "From: mai@x\r\nTo: a@x\r\nSubject: Re: one\r\nDate: Wed, 01 Apr 2026 06:00:00 -0000\r\nX: longest of all",
            "From: abe@x\r\nSubject: one\r\nDate: nonsense",
        ]
    ):
        mailbox.add(header.encode() + b"\r\n\r\n", NOON - timedelta(hours=hours))
    return mailbox


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("(ARRIVAL)", [3, 2, 1]),
        ("(REVERSE ARRIVAL)", [1, 2, 3]),
        ("(DATE)", [1, 2, 3]),
        ("(FROM)", [1, 3, 2]),
        ("(REVERSE FROM)", [2, 1, 3]),
        ("(FROM REVERSE ARRIVAL)", [1, 3, 2]),
        ("(FROM ARRIVAL)", [3, 1, 2]),
        ("(TO)", [3, 2, 1]),
        ("(CC)", [2, 3, 1]),
        ("(SUBJECT)", [2, 3, 1]),
        ("(SUBJECT DATE)", [2, 3, 1]),
        ("(SIZE)", [3, 1, 2]),
    ],
)
def test_order(by: str, order: list[int], mailbox: Mailbox) -> None:
    assert [message.uid for message in in_order(list(mailbox), criteria(Arguments(by.encode())))] == order


def test_subjects_are_compared_in_capitals() -> None:
    mailbox = Mailbox("INBOX")
    for subject in ("_", "a", "[x]", "B"):
        mailbox.add(f"Subject: {subject}\r\n\r\n".encode(), NOON)
    assert [message.uid for message in in_order(list(mailbox), [("SUBJECT", False)])] == [2, 4, 3, 1]
