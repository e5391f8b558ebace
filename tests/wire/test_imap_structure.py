"""BODYSTRUCTURE (RFC 3501 §7.4.2)."""

from __future__ import annotations

import pytest

from mailkit.wire.imap_mime import parse
from mailkit.wire.imap_structure import body_structure


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL)'),
        (
            b"Content-Type: TEXT/HTML; Charset=UTF-8; name*0*=x\r\nContent-Transfer-Encoding: 8BIT\r\n"
            b"Content-ID: <1>\r\nContent-Description: d\r\nContent-MD5: m\r\nContent-Language: ja, en\r\n"
            b"Content-Location: http://x\r\nContent-Disposition: INLINE\r\n\r\na\r\nb\r\n",
            b'("text" "html" ("charset" "UTF-8" "name*" "x") "<1>" "d" "8bit" 6 2 "m" ("inline" NIL) '
            b'("ja" "en") "http://x")',
        ),
        # RFC 2045 §3, §5.1: comments, and spaces between the words. RFC 2231 §6: values that came in pieces.
        (
            b'Content-Type: text / html (a (nested "one) \\) ); charset = "u(8)" (b)\r\n'
            b"Content-Transfer-Encoding: 8BIT (as it is)\r\n\r\n",
            b'("text" "html" ("charset" "u(8)") NIL NIL "8bit" 0 0 NIL NIL NIL NIL)',
        ),
        (
            b"Content-Type: image/png; a*1=2; a*0=1; n*0*=utf-8''%e5; n*1=\"x y\"; size=1\r\n\r\n",
            b'("image" "png" ("size" "1" "a" "12" "n*" "utf-8\'\'%e5x%20y") NIL NIL "7bit" 0 NIL NIL NIL NIL)',
        ),
        (
            b'Content-Type: image/png\r\nContent-Disposition: attachment;\r\n filename="a \\"b\\".png"; '
            b"size=1\r\n\r\nx",
            b'("image" "png" NIL NIL NIL "7bit" 1 NIL ("attachment" ("filename" "a \\"b\\".png" "size" "1")) NIL NIL)',
        ),
        (
            b"Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nhello\r\n",
            b'("message" "rfc822" NIL NIL NIL "7bit" 21 (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) '
            b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL)',
        ),
        (
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n"
            b"Content-Type: application/x\r\n\r\ntwo\r\n--b--\r\n",
            b'(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 0 NIL NIL NIL NIL)'
            b'("application" "x" NIL NIL NIL "7bit" 3 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL)',
        ),
    ],
)
def test_extended(raw: bytes, expected: bytes) -> None:
    assert body_structure(parse(raw), extended=True) == expected


def test_body_is_the_same_without_extension_data() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n"
    assert body_structure(parse(raw), extended=False) == (
        b'(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 0) "mixed")'
    )
