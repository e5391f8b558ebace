"""FETCH items, answered from a message's own octets (RFC 3501 §6.4.5)."""

from __future__ import annotations

import pytest

from mailkit.mail.mailbox import Message
from mailkit.wire.imap_fetch import fetch_items, rows
from mailkit.wire.imap_format import flag_list
from mailkit.wire.imap_syntax import Arguments, Bad

from .conftest import NOON

RAW = (
    b"Subject: Outer\r\nX-Odd:  two  spaces\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n"
    b"--b\r\nX-Part: one\r\n\r\n.first\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Inner\r\n\r\n"
    b"inner \xff\r\n--b--\r\nepilogue"
)


def fetch(items: str, raw: bytes = RAW) -> bytes:
    arguments = Arguments(items.encode())
    parsed = fetch_items(arguments)
    arguments.end()
    answer = rows(parsed, [1], [Message(7, raw, NOON, frozenset({"\\Seen"}))], flags)
    return answer.removeprefix(b"* 1 FETCH ").removesuffix(b"\r\n")


def flags(messages: list[Message]) -> list[bytes]:
    return [flag_list(message.flags) for message in messages]


@pytest.mark.parametrize(
    ("section", "octets"),
    [
        ("", RAW),
        ("HEADER", RAW[: RAW.index(b"preamble")]),
        ("TEXT", RAW[RAW.index(b"preamble") :]),
        ("1", b".first\r\n"),
        ("1.MIME", b"X-Part: one\r\n\r\n"),
        ("2", b"Subject: Inner\r\n\r\ninner \xff"),
        ("2.HEADER", b"Subject: Inner\r\n\r\n"),
        ("2.TEXT", b"inner \xff"),
        ("2.1", b"inner \xff"),
        ("2.MIME", b"Content-Type: message/rfc822\r\n\r\n"),
        ("HEADER.FIELDS (x-odd)", b"X-Odd:  two  spaces\r\n\r\n"),
        ("HEADER.FIELDS (to)", b"\r\n"),
        ("HEADER.FIELDS.NOT (subject content-type)", b"X-Odd:  two  spaces\r\n\r\n"),
        ("2.HEADER.FIELDS (subject)", b"Subject: Inner\r\n\r\n"),
        ("3", None),
        ("1.1", None),
        ("1.HEADER", None),
    ],
)
def test_section(section: str, octets: bytes | None) -> None:
    value = b"NIL" if octets is None else b"{%d}\r\n%b" % (len(octets), octets)
    assert fetch(f"BODY.PEEK[{section}]") == b"(BODY[" + section.encode() + b"] " + value + b")"


@pytest.mark.parametrize(
    ("partial", "label", "octets"),
    [
        ("<0.3>", b"<0>", b"abc"),
        ("<2.2>", b"<2>", b"cd"),
        ("<2.100>", b"<2>", b"cde"),
        ("<5.1>", b"<5>", b""),
        ("<99.1>", b"<99>", b""),
    ],
)
def test_partial_truncates(partial: str, label: bytes, octets: bytes) -> None:
    assert fetch(f"BODY[]{partial}", b"abcde") == b"(BODY[]%b {%d}\r\n%b)" % (label, len(octets), octets)


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"no header end", b"\xff\xfe\r\n\r\n", b"A: b\r\n\r\n.\r\n\r\n\r\n"])
def test_whole_is_header_and_text(raw: bytes) -> None:
    def octets(item: str) -> bytes:
        return fetch(item, raw).split(b"}\r\n", 1)[1][:-1]

    assert octets("BODY[]") == octets("RFC822") == raw
    assert octets("BODY[HEADER]") + octets("BODY[TEXT]") == raw
    assert octets("RFC822.HEADER") + octets("RFC822.TEXT") == raw
    assert b"RFC822.SIZE %d)" % len(raw) in fetch("RFC822.SIZE", raw)


def test_header_that_lacks_its_empty_line() -> None:
    """No body and no empty line: none is added to a subset of the fields either (RFC 3501 §6.4.5)."""
    raw = b"Subject: x\r\n"
    assert fetch("BODY[HEADER]", raw) == b"(BODY[HEADER] {12}\r\nSubject: x\r\n)"
    assert fetch("BODY[HEADER.FIELDS (subject)]", raw).endswith(b" {12}\r\nSubject: x\r\n)")
    assert fetch("BODY[HEADER.FIELDS.NOT (subject)]", raw).endswith(b" {0}\r\n)")
    assert fetch("BODY[HEADER.FIELDS.NOT (subject)]", raw + b"\r\n").endswith(b" {2}\r\n\r\n)")


def test_items_keep_their_order_and_come_once() -> None:
    assert fetch("(UID FLAGS UID uid)") == b"(UID 7 FLAGS (\\Seen))"


def test_field_names_are_echoed() -> None:
    assert fetch('BODY[HEADER.FIELDS ("Subject" "x y")]', b"").startswith(b'(BODY[HEADER.FIELDS (Subject "x y")] ')


@pytest.mark.parametrize(
    ("macro", "names"),
    [
        ("FAST", ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]),
        ("all", ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"]),
        ("FULL", ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"]),
    ],
)
def test_macros(macro: str, names: list[str]) -> None:
    assert [item.name for item in fetch_items(Arguments(macro.encode()))] == names


@pytest.mark.parametrize(
    ("item", "peeks"),
    [
        ("BODY[]", False),
        ("BODY.PEEK[]", True),
        ("RFC822", False),
        ("RFC822.TEXT", False),
        ("RFC822.HEADER", True),
        ("BODY", True),
    ],
)
def test_which_items_mark_as_seen(item: str, peeks: bool) -> None:
    assert fetch_items(Arguments(item.encode()))[0].peek is peeks


@pytest.mark.parametrize(
    "items",
    [
        "", "()", "(FLAGS", "(FAST)", "FLAGSX", "BODY[", "BODY[1.]", "BODY[0]", "BODY[1.0]", "BODY[MIME]",
        "BODY[HEADER", "BODY[HEADER.FIELDS]", "BODY[HEADER.FIELDS ()]", "BODY[]<0>", "BODY[]<0.0>", "BODY[]<-1.5>",
        "BODY.PEEK", "RFC822.PEEK", "BODY[" + "1." * 200 + "1]", "BODY[99999999999]",
    ],
)  # fmt: skip
def test_bad(items: str) -> None:
    with pytest.raises(Bad):
        fetch(items)
