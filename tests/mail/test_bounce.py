"""The letter that says what became of a letter, as another program reads it (RFC 3464, RFC 6522)."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage, Message
from typing import Any

import pytest

from mailkit.mail.bounce import Failure, failure_notice
from mailkit.mail.reply import Reply

AT = datetime(2026, 4, 11, 9, 0, tzinfo=timezone(timedelta(hours=9)))
CONTENT = b"Received: from a\r\n\tby b\r\nFrom: yamada@example.com\r\nSubject: =?utf-8?q?x?=\r\n\r\nThe body.\r\n"
FAILED = {
    "nobody@example.co.jp": Failure(Reply(550, "5.1.1", "no such user\nreally not"), "mail.example.co.jp"),
    "goto@example.org": Failure(Reply(450, "", "greylisted"), "mail.example.org"),
    "goto@nowhere.example": Failure(Reply(550, "5.1.2", "no such domain")),
}


def notice(failed: dict[str, Failure] | None = None, content: bytes = CONTENT, **changes: Any) -> bytes:
    options: dict[str, Any] = {"queue_id": "A2", "at": AT} | changes
    return failure_notice("mail.example.com", "yamada@example.com", failed or FAILED, content, **options)


def parse(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)  # type: ignore[return-value]


def test_it_is_a_report_of_three_parts() -> None:
    report = parse(notice())
    assert (report.get_content_type(), report.get_param("report-type")) == ("multipart/report", "delivery-status")
    parts: Any = report.get_payload()
    assert [part.get_content_type() for part in parts] == [
        "text/plain",
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    assert all(part.defects == [] for part in report.walk())


def test_its_header_says_who_writes_to_whom_and_that_a_machine_did() -> None:
    report = parse(notice())
    assert report["From"] == "Mail Delivery System <MAILER-DAEMON@mail.example.com>"
    assert report["To"] == "yamada@example.com"
    assert report["Auto-Submitted"] == "auto-replied"
    assert report["Date"].datetime == AT
    assert report["Message-ID"] == "<A2.dsn@mail.example.com>"
    assert report["MIME-Version"] == "1.0"
    assert "Return-Path" not in report  # final delivery puts it there, from the null reverse-path


def test_people_read_whom_it_could_not_reach_and_why() -> None:
    text = parse(notice()).get_payload(0).get_content()  # type: ignore[union-attr]
    assert text.splitlines() == [
        "mail.example.com could not deliver your message to:",
        "",
        "  <nobody@example.co.jp>: mail.example.co.jp said: 550-5.1.1 no such user 550 5.1.1 really not",
        "  <goto@example.org>: mail.example.org said: 450 greylisted",
        "  <goto@nowhere.example>: 550 5.1.2 no such domain",
    ]


def test_machines_read_fields_one_block_for_the_server_and_one_for_each_recipient() -> None:
    status: Any = parse(notice()).get_payload(1)
    blocks: list[Message] = status.get_payload()
    assert [dict(block.items()) for block in blocks] == [
        {"Reporting-MTA": "dns; mail.example.com"},
        {
            "Final-Recipient": "rfc822; nobody@example.co.jp",
            "Action": "failed",
            "Status": "5.1.1",
            "Remote-MTA": "dns; mail.example.co.jp",
            "Diagnostic-Code": "smtp; 550-5.1.1 no such user 550 5.1.1 really not",
        },
        {
            "Final-Recipient": "rfc822; goto@example.org",
            "Action": "failed",
            "Status": "4.0.0",
            "Remote-MTA": "dns; mail.example.org",
            "Diagnostic-Code": "smtp; 450 greylisted",
        },
        {"Final-Recipient": "rfc822; goto@nowhere.example", "Action": "failed", "Status": "5.1.2"},
    ]


def test_the_letters_header_comes_back_and_its_body_does_not() -> None:
    raw = notice()
    assert b"Received: from a\r\n\tby b\r\nFrom: yamada@example.com\r\nSubject: =?utf-8?q?x?=\r\n" in raw
    assert b"The body." not in raw


def lines_are_fit_for_smtp(raw: bytes) -> bool:
    lines = raw.split(b"\r\n")
    return all(len(line) <= 998 and b"\n" not in line and b"\r" not in line for line in lines) and lines[-1] == b""


def test_it_is_made_of_short_lines_of_seven_bits() -> None:
    assert lines_are_fit_for_smtp(notice())
    assert notice().isascii()


@pytest.mark.parametrize(
    "content",
    [
        "Subject: 後藤さん\r\n\r\n後".encode(),
        b"Subject: \xff\xfe\x00\r\n\r\n",
        b"Subject: no body at all",
        b"no field\r\n\r\nx",
        b"",
        b"\r\nbody without a header\r\n\r\n",
    ],
)
def test_a_header_of_any_bytes_makes_a_notice_that_can_be_read(content: bytes) -> None:
    raw = notice(content=content)
    report = parse(raw)
    assert lines_are_fit_for_smtp(raw)
    assert len(report.get_payload()) == 3
    assert report.get_payload(1).get_content_type() == "message/delivery-status"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    ["利用者がいません", "no \ufffd such", "é" * 300, "long " * 300, "x" * 1500, "a\rb\x00c\x0bd", "one\n\ntwo"],
)
def test_a_reply_of_any_text_makes_a_notice_that_can_be_read(text: str) -> None:
    raw = notice({"nobody@example.co.jp": Failure(Reply(550, "5.1.1", text), "mail.example.co.jp")})
    report = parse(raw)
    status: Any = report.get_payload(1)
    assert raw.isascii()
    assert b"\x00" not in raw
    assert lines_are_fit_for_smtp(raw)
    assert status.get_payload()[1]["Status"] == "5.1.1"
    assert status.get_payload()[1]["Diagnostic-Code"].startswith("smtp; 550")


def test_the_same_input_makes_the_same_bytes() -> None:
    assert notice() == notice()


def test_a_sender_beyond_ascii_is_written_to_in_utf8() -> None:
    failed = {"後藤@example.co.jp": Failure(Reply(553, "5.6.7", "no"))}
    at = datetime(2026, 4, 6, tzinfo=timezone(timedelta(hours=9)))
    raw = failure_notice("mail.example.com", "山田@example.com", failed, b"A: b\r\n\r\n", queue_id="A1", at=at)
    assert "\r\nTo: 山田@example.com\r\n".encode() in raw
    assert b"\r\nFinal-Recipient: utf-8; \\x{5F8C}\\x{85E4}@example.co.jp\r\n" in raw
