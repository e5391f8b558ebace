"""Tokens in the two forms that clients write."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.wire.sasl_bearer import Bearer


def b64(text: str) -> bytes:
    return base64.b64encode(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "n,a=user@example.com,\x01host=mail.example.com\x01port=587\x01auth=Bearer token\x01\x01",  # RFC 7628 §4.1
        "n,a=user@example.com,\x01auth=bearer token\x01\x01",
        "y,a=user@example.com,\x01auth=Bearer token\x01\x01",
        "n,a=user@example.com,\x01auth=Bearer token\x01more=x\x01\x01",
    ],
)
def test_oauthbearer_is_read(text: str) -> None:
    assert Bearer.decode_oauthbearer(b64(text)) == Bearer("user@example.com", "token")


def test_a_name_with_a_comma_is_unescaped() -> None:
    """RFC 5801 §4."""
    bearer = Bearer.decode_oauthbearer(b64("n,a=a=2Cb=3Dc,\x01auth=Bearer t\x01\x01"))
    assert bearer == Bearer("a,b=c", "t")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n,,\x01auth=Bearer t\x01\x01",
        "n,a=,\x01auth=Bearer t\x01\x01",
        "p=tls,a=u,\x01auth=Bearer t\x01\x01",
        "n,a=u\x01auth=Bearer t\x01\x01",
        "n,a=u,\x01auth=Bearer t\x01",
        "n,a=u,\x01auth=Basic t\x01\x01",
        "n,a=u,\x01\x01",
        "n,a=u,\x01auth=Bearer \x01\x01",
        "n,a=u,\x01auth=Bearer t s\x01\x01",
        "n,a=u,\x01auth=Bearer t\x01auth=Bearer s\x01\x01",
    ],
)
def test_what_is_no_oauthbearer_is_none(text: str) -> None:
    assert Bearer.decode_oauthbearer(b64(text)) is None


def test_xoauth2_is_read() -> None:
    assert Bearer.decode_xoauth2(b64("user=u@example.com\x01auth=Bearer t\x01\x01")) == Bearer("u@example.com", "t")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "user=u\x01auth=Bearer \x01\x01",
        "user=u\x01auth=Bearer t\x01",
        "user=\x01auth=Bearer t\x01\x01",
        "name=u\x01auth=Bearer t\x01\x01",
        "user=u\x01\x01",
    ],
)
def test_what_is_no_xoauth2_is_none(text: str) -> None:
    assert Bearer.decode_xoauth2(b64(text)) is None


@given(st.binary())
def test_any_bytes_are_read_or_are_none(data: bytes) -> None:
    for text in (data, base64.b64encode(data)):
        for read in (Bearer.decode_oauthbearer, Bearer.decode_xoauth2):
            bearer = read(text)
            assert bearer is None or bearer.user


def test_long_responses_take_little_time() -> None:
    begin = time.process_time()
    for unit in ("a=b\x01", "auth=Bearer x\x01", "n,a=", "\x01"):
        Bearer.decode_oauthbearer(base64.b64encode(b"n,a=x,\x01" + unit.encode() * 10_000))
    assert time.process_time() - begin < 1
