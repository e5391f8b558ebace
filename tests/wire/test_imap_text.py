"""Text as a reader sees it."""

from __future__ import annotations

import base64
import quopri
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.wire.imap_mime import parse
from mailkit.wire.imap_text import body_texts, header_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        ("生の日本語".encode(), "生の日本語"),
        (b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= hello", "日本 hello"),
        (b"=?utf-8?q?=E6=97=A5?= =?utf-8?q?=E6=9C=AC?=", "日本"),
        (b"=?no-such-charset?q?abc?=", "abc"),
        (b"=?utf-8?b?a?=", "=?utf-8?b?a?="),
    ],
)
def test_header_text(value: bytes, text: str) -> None:
    assert header_text(value) == text


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (b"charset=iso-2022-jp\r\n", "日本".encode("iso-2022-jp")),
        (b"charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n", base64.b64encode("日本".encode())),
        (b"charset=utf-8\r\nContent-Transfer-Encoding: Quoted-Printable\r\n", quopri.encodestring("日本".encode())),
        (b"charset=us-ascii\r\n", "日本".encode()),
        (b"charset=nonsense\r\n", "日本".encode()),
        (b"charset=zlib\r\n", "日本".encode()),
    ],
)
def test_body(fields: bytes, body: bytes) -> None:
    assert list(body_texts(parse(b"Content-Type: text/plain; " + fields + b"\r\n" + body))) == ["日本"]


def test_only_text_parts_and_nested_messages() -> None:
    inner, outer = EmailMessage(), EmailMessage()
    inner["Subject"] = "inner subject"
    inner.set_content("inner text")
    outer.set_content("outer text")
    outer.add_attachment(b"\x00bytes", maintype="application", subtype="octet-stream")
    outer.add_attachment(inner)
    text = "".join(body_texts(parse(outer.as_bytes())))
    assert all(word in text for word in ("outer text", "inner subject", "inner text"))
    assert base64.b64encode(b"\x00bytes").decode() not in text


@given(
    st.binary(),
    st.sampled_from([b"base64", b"quoted-printable", b"7bit"]),
    st.sampled_from([b"utf-8", b"utf-7", b"idna"]),
)
def test_any_octets(body: bytes, encoding: bytes, charset: bytes) -> None:
    head = b"Content-Type: text/plain; charset=" + charset + b"\r\nContent-Transfer-Encoding: " + encoding
    list(body_texts(parse(head + b"\r\n\r\n" + body)))
    header_text(b"=?" + charset + b"?b?" + body + b"?=")
