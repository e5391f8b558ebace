"""What servers add to a header, and what they leave alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailkit.server.smtp_header import completed, count_received, with_header, without_return_path

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
DATE = b"Date: Wed, 01 Apr 2026 12:00:00 +0000\r\n"
ID = b"Message-ID: <A1.20260401120000@mail.example.com>\r\n"


@pytest.mark.parametrize(
    ("content", "added"),
    [
        (b"Subject: x\r\n\r\ny\r\n", b""),
        (b"X-Odd : x\r\n", b""),
        (b"\r\ny\r\n", b""),
        (b"", b""),
        (b"Hello.\r\n", b"\r\n"),
        (b"Dear Goto: hello\r\n", b"\r\n"),
        (b" folded\r\n", b"\r\n"),
    ],
)
def test_a_text_without_header_is_not_taken_for_one(content: bytes, added: bytes) -> None:
    assert with_header(content) == added + content


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Subject: x\r\n\r\ny\r\n", DATE + ID + b"Subject: x\r\n\r\ny\r\n"),
        (b"date: now\r\n\r\ny\r\n", ID + b"date: now\r\n\r\ny\r\n"),
        (b"Message-Id: <1@x>\r\nDATE : now\r\n\r\n", b"Message-Id: <1@x>\r\nDATE : now\r\n\r\n"),
        (b"Subject: x\r\n\r\nDate: not a field\r\n", DATE + ID + b"Subject: x\r\n\r\nDate: not a field\r\n"),
        (b"Hello.\r\n", DATE + ID + b"\r\nHello.\r\n"),
    ],
)
def test_submission_adds_what_is_missing(content: bytes, expected: bytes) -> None:
    """RFC 6409 §8.1, §8.2."""
    assert completed(content, "A1", "mail.example.com", NOON) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Return-Path: <a@b>\r\nSubject: x\r\n\r\ny\r\n", b"Subject: x\r\n\r\ny\r\n"),
        (b"A: b\r\nreturn-path : <a\r\n\t@b>\r\nC: d\r\n\r\n", b"A: b\r\nC: d\r\n\r\n"),
        (b"Return-Path: <a>\r\nReturn-Path: <b>\r\n\r\ny", b"\r\ny"),
        (b"A: b\r\n\r\nReturn-Path: <in the text>\r\n", b"A: b\r\n\r\nReturn-Path: <in the text>\r\n"),
        (b"X-Return-Path: <a>\r\n\r\n", b"X-Return-Path: <a>\r\n\r\n"),
    ],
)
def test_a_return_path_that_is_there_goes(content: bytes, expected: bytes) -> None:
    assert without_return_path(content) == expected


def test_hops_are_counted_in_the_header_alone() -> None:
    assert count_received(b"Received: a\r\nreceived : b\r\nX-Received: c\r\n\r\nReceived: d\r\n") == 2
    assert count_received(b"\r\nReceived: d\r\n") == 0
