"""SASL PLAIN (RFC 4616)."""

from __future__ import annotations

import base64

import pytest

from mailkit.wire.sasl import Plain


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
