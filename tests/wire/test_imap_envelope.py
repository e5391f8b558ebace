"""ENVELOPE and address lists (RFC 3501 §7.4.2, RFC 5322 §3.4)."""

from __future__ import annotations

import time
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.wire.imap_envelope import AddressParts, address_list, envelope
from mailkit.wire.imap_mime import Header


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"a@b", [(None, None, b"a", b"b")]),
        (b"a@b, <c@d>,", [(None, None, b"a", b"b"), (None, None, b"c", b"d")]),
        (b'"Yamada, Taro" <a@b>', [(b"Yamada, Taro", None, b"a", b"b")]),
        (b"Taro J. Yamada <a.c@b.d>", [(b"Taro J. Yamada", None, b"a.c", b"b.d")]),
        (b"a@b (Taro (Yamada))", [(b"Taro (Yamada)", None, b"a", b"b")]),
        (b"=?utf-8?b?5pel?= <a@b>", [(b"=?utf-8?b?5pel?=", None, b"a", b"b")]),
        (b'"a \\"b\\""@c', [(None, None, b'a "b"', b"c")]),
        (b"<@x,@y:a@b>", [(None, b"@x,@y", b"a", b"b")]),
        (b"a@[127.0.0.1]", [(None, None, b"a", b"[127.0.0.1]")]),
        (b"x: a@b, c@d;, e@f", [
            (None, None, b"x", None),
            (None, None, b"a", b"b"),
            (None, None, b"c", b"d"),
            (None, None, None, None),
            (None, None, b"e", b"f"),
        ]),
        (b"undisclosed recipients:;", [(None, None, b"undisclosed recipients", None), (None, None, None, None)]),
        (b"A <a@b> trailing, c@d", [(b"A", None, b"a", b"b"), (None, None, b"c", b"d")]),
        (b"A <a@b", [(b"A", None, b"a", b"b")]),
        (b"", []),
        (b"  ,, ", []),
        # A domain of NIL would open a group, so what is missing is empty.
        (b"nobody", [(None, None, b"nobody", b"")]),
        ("山田 <a@b>".encode(), [("山田".encode(), None, b"a", b"b")]),
    ],
)  # fmt: skip
def test_address_list(value: bytes, expected: list[AddressParts]) -> None:
    assert list(address_list(value)) == expected


WORDS = st.from_regex(r"[a-z]{1,8}", fullmatch=True)


@given(st.lists(st.tuples(st.just("") | st.text('ab ,.<>@\\"', max_size=6), WORDS, WORDS), min_size=1, max_size=4))
def test_agrees_with_the_standard_library(people: list[tuple[str, str, str]]) -> None:
    def quoted(name: str) -> str:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '" '

    text = ", ".join(f"{quoted(name) if name else ''}<{local}@{domain}>" for name, local, domain in people)
    ours = [((name or b"").decode(), f"{local!r}@{domain!r}") for name, _, local, domain in address_list(text.encode())]
    theirs = [(name, address.partition("@")) for name, address in getaddresses([text])]
    assert ours == [(name, f"{local.encode()!r}@{domain.encode()!r}") for name, (local, _, domain) in theirs]


def test_sender_and_reply_to_fall_back_to_from() -> None:
    header = Header(
        b"From: a@b\r\nSender:\r\nReply-To: c@d\r\nDate: x\r\nMessage-ID: <1@b>\r\nIn-Reply-To: <0@b>\r\n\r\n"
    )
    address, reply = b'((NIL NIL "a" "b"))', b'((NIL NIL "c" "d"))'
    assert envelope(header) == (
        b'("x" NIL ' + address + b" " + address + b" " + reply + b' NIL NIL NIL "<0@b>" "<1@b>")'
    )


def test_eight_bit_subject_is_a_literal() -> None:
    subject = "日本".encode()
    assert b" {6}\r\n" + subject + b" " in envelope(Header(b"Subject: " + subject + b"\r\n\r\n"))


@pytest.mark.parametrize("unit", [b"<,", b"(", b":", b"<", b'"', b"@", b";:", b"[", b'\\"'])
def test_hostile_lists_take_little_time(unit: bytes) -> None:
    before = time.process_time()
    envelope(Header(b"To: " + unit * 200_000 + b"\r\n\r\n"))
    assert time.process_time() - before < 2


@given(st.binary())
def test_any_octets(value: bytes) -> None:
    list(address_list(value))


PLAIN = st.from_regex(r"([a-z.]+( [A-Za-z]+)*( )?)?<?[a-z]+(\.[a-z]+)?@[a-z]+(\.[a-z]+)?>?", fullmatch=True)


@given(PLAIN)
def test_plain_address_needs_no_grammar_and_means_the_same(value: str) -> None:
    quick = envelope(Header(f"From: {value}\r\n\r\n".encode()))
    # A comma with nothing before it makes the same address go through the grammar.
    assert quick == envelope(Header(f"From: ,{value}\r\n\r\n".encode()))
