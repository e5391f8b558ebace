"""Addresses, envelopes, trace lines."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mailkit.mail.envelope import Address, Envelope, Received, header_fields, return_path

AT = datetime(2026, 4, 6, 9, 0, tzinfo=timezone(timedelta(hours=9)))


@pytest.mark.parametrize(
    ("text", "local", "domain"),
    [
        ("goto@example.co.jp", "goto", "example.co.jp"),
        ("Goto@Example.CO.JP", "Goto", "example.co.jp"),
        ("first.last+tag@example.com", "first.last+tag", "example.com"),
        ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~", "example.com"),
        ("a@localhost", "a", "localhost"),
        ("a@1.example", "a", "1.example"),
        ("a@xn--eckwd4c7c.example", "a", "xn--eckwd4c7c.example"),
        ("後藤@例え.jp", "後藤", "例え.jp"),
        ('"go to"@example.com', '"go to"', "example.com"),
        ('"a@b"@example.com', '"a@b"', "example.com"),
        (r'"quo\"te"@example.com', r'"quo\"te"', "example.com"),
        ('""@example.com', '""', "example.com"),
        ("l" * 64 + "@example.com", "l" * 64, "example.com"),
        ("a@" + ".".join(["d" * 63] * 3 + ["e" * 63]), "a", ".".join(["d" * 63] * 3 + ["e" * 63])),
    ],
)
def test_an_address_has_a_local_part_as_written_and_a_domain_in_small_letters(
    text: str, local: str, domain: str
) -> None:
    address = Address.parse(text)
    assert (address.local, address.domain) == (local, domain)
    assert str(address) == f"{local}@{domain}"
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "goto",
        "@example.com",
        "goto@",
        "go to@example.com",
        "goto@exam ple.com",
        "a@b@example.com",
        ".goto@example.com",
        "goto.@example.com",
        "go..to@example.com",
        "goto@-example.com",
        "goto@example-.com",
        "goto@example..com",
        "goto@.example.com",
        "goto@example.com.",
        "goto@exam_ple.com",
        "goto@[192.0.2.256]",
        "goto@[192.0.2]",
        "goto@192.0.2.1]",
        "<goto@example.com>",
        "Goto <goto@example.com>",
        "@relay.example,@b.example:goto@example.com",
        '"goto@example.com',
        '"go"to"@example.com',
        "goto@example.com\r\nRCPT TO:<x@y>",
        "goto@example.com\n",
        '"a\r\nb"@example.com',
        "go\x00to@example.com",
        "l" * 65 + "@example.com",
        "a@" + ".".join(["d" * 63] * 4) + ".e",
    ],
)
def test_what_is_no_address_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no mail address; expected local-part@domain") as caught:
        Address.parse(text)
    assert repr(text[:80]) in str(caught.value)


def test_an_envelope_is_split_by_domain_in_the_order_of_first_sight() -> None:
    envelope = Envelope("yamada@example.com", ("a@X.example", "b@y.example", "c@x.EXAMPLE", "d@z.example"))
    assert envelope.by_domain() == {
        "x.example": Envelope("yamada@example.com", ("a@X.example", "c@x.EXAMPLE")),
        "y.example": Envelope("yamada@example.com", ("b@y.example",)),
        "z.example": Envelope("yamada@example.com", ("d@z.example",)),
    }
    assert list(envelope.by_domain()) == ["x.example", "y.example", "z.example"]
    assert Envelope("", ()).by_domain() == {}


def test_an_envelope_to_fewer_keeps_its_sender() -> None:
    envelope = Envelope("yamada@example.com", ("a@x.example", "b@x.example"))
    assert envelope.to(["b@x.example"]) == Envelope("yamada@example.com", ("b@x.example",))


def received(recipient: str | None = None) -> Received:
    return Received("[192.168.1.10]", "yamada-pc", "192.168.1.10", "mail.example.com", "ESMTPSA", "A1", AT, recipient)


def test_a_trace_line_is_folded_and_says_whence_by_whom_how_and_when() -> None:
    assert received().field() == (
        b"Received: from [192.168.1.10] (yamada-pc [192.168.1.10])\r\n"
        b"\tby mail.example.com with ESMTPSA id A1;\r\n"
        b"\tMon, 06 Apr 2026 09:00:00 +0900\r\n"
    )


def test_a_trace_line_names_a_recipient_when_it_is_given_one() -> None:
    assert b" id A1 for <goto@example.co.jp>;\r\n" in received("goto@example.co.jp").field()


def test_a_trace_line_is_one_header_field_to_the_librarys_parser() -> None:
    message = email.message_from_bytes(received().field() + b"Subject: x\r\n\r\nbody\r\n", policy=email.policy.SMTP)
    assert message.keys() == ["Received", "Subject"]
    assert email.utils.parsedate_to_datetime(message["Received"].rpartition(";")[2].strip()) == AT


@pytest.mark.parametrize(("path", "line"), [("a@b.example", b"<a@b.example>"), ("", b"<>")])
def test_the_return_path_is_the_envelopes_sender(path: str, line: bytes) -> None:
    assert return_path(path) == b"Return-Path: " + line + b"\r\n"


def test_header_fields_are_unfolded_and_end_at_the_empty_line() -> None:
    raw = b"Received: a\r\n\tb\r\n  c\r\nSUBJECT:x:y\r\nEmpty:\r\nX: \xe5\xbe\x8c \xff\r\n\r\nReceived: no\r\n"
    assert header_fields(raw) == [("Received", "a b c"), ("SUBJECT", "x:y"), ("Empty", ""), ("X", "後 \ufffd")]


def test_a_message_may_have_no_header_or_no_body() -> None:
    assert header_fields(b"") == []
    assert header_fields(b"Subject: x") == [("Subject", "x")]
    assert header_fields(b"Subject: x\r\n\r\n") == [("Subject", "x")]
    assert header_fields(b"\r\nReceived: no\r\n\r\nReceived: no\r\n") == []
    assert header_fields(b" folded into nothing\r\nno field\r\n\r\n") == []


def test_times_are_written_with_their_offset() -> None:
    assert b"+0000" in Received("a", "b", "c", "d", "SMTP", "1", datetime(2026, 1, 1, tzinfo=UTC)).field()


def test_an_address_literal_stands_for_a_domain() -> None:
    assert Address.parse("goto@[192.0.2.1]") == ("goto", "[192.0.2.1]")
