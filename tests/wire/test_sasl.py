"""SASL: PLAIN (RFC 4616), OAUTHBEARER (RFC 7628), XOAUTH2."""

from __future__ import annotations

import base64
import time

import pytest

from mailkit.wire.sasl import Bearer, Plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\0goto\0secret", Plain("", "goto", "secret")),
        ("goto\0goto\0秘密", Plain("goto", "goto", "秘密")),
        ("goto\0secret", None),
        ("\0goto\0secret\0", None),
        ("\0\0secret", None),
        ("\0goto\0", None),
        ("", None),
    ],
)
def test_decode(text: str, expected: Plain | None) -> None:
    assert Plain.decode(base64.b64encode(text.encode())) == expected


@pytest.mark.parametrize("response", [b"=", b"====", b"AGdvdG8A!c2VjcmV0", b"\xff", base64.b64encode(b"\0\xff\0x")])
def test_no_base64_and_no_utf8(response: bytes) -> None:
    assert Plain.decode(response) is None


@pytest.mark.parametrize(
    ("authorization", "allowed"), [("", True), ("Goto", True), ("goto@example.co.jp", True), ("ito", False)]
)
def test_nobody_acts_for_another(authorization: str, allowed: bool) -> None:
    assert Plain(authorization, "goto", "secret").acts_as("goto@example.co.jp") is allowed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n,a=goto@x,\x01auth=Bearer tok\x01\x01", Bearer("goto@x", "tok")),
        ("n,a=goto,\x01host=h\x01port=143\x01auth=Bearer tok\x01\x01", Bearer("goto", "tok")),
        ("n,a=goto,\x01auth=bearer tok\x01x=y\x01\x01", Bearer("goto", "tok")),
        ("n,,\x01auth=Bearer tok\x01\x01", Bearer("", "tok")),
        ("n,a=goto,\x01auth=Basic tok\x01\x01", None),
        ("n,a=goto,\x01auth=Bearer tok\x01", None),
        ("y,a=goto,\x01auth=Bearer tok\x01\x01", None),
        ("\x01", None),
        ("", None),
    ],
)
def test_oauthbearer(text: str, expected: Bearer | None) -> None:
    assert Bearer.decode_oauthbearer(base64.b64encode(text.encode())) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user=goto\x01auth=Bearer tok\x01\x01", Bearer("goto", "tok")),
        ("user=goto\x01auth=Bearer tok\x01", None),
        ("user=goto\x01auth=Bearer \x01\x01", None),
        ("auth=Bearer tok\x01\x01", None),
    ],
)
def test_xoauth2(text: str, expected: Bearer | None) -> None:
    assert Bearer.decode_xoauth2(base64.b64encode(text.encode())) == expected


def test_long_responses_take_little_time() -> None:
    begin = time.process_time()
    for unit in ("a=b\x01", "auth=Bearer x\x01", "n,a=", "\x01"):
        Bearer.decode_oauthbearer(base64.b64encode(b"n,a=x,\x01" + unit.encode() * 10_000))
    assert time.process_time() - begin < 1
