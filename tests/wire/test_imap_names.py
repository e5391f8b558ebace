"""Mailbox names on the wire and as people write them (RFC 3501 §5.1)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.wire.imap_names import MAX_NAME, above, canonical, from_utf7, from_wire, is_allowed, matches, to_utf7


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("INBOX", b"INBOX"),
        ("a&b", b"a&-b"),
        ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("Café", b"Caf&AOk-"),
        ("𝄞", b"&2DTdHg-"),
        ("é&é", b"&AOk-&-&AOk-"),
    ],
)
def test_modified_utf7(name: str, octets: bytes) -> None:
    assert to_utf7(name) == octets
    assert from_utf7(octets) == name


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_name_comes_back(name: str) -> None:
    assert from_utf7(to_utf7(name)) == name


@given(st.binary(max_size=30) | st.from_regex(rb"(&[A-Za-z0-9+,]{0,6}-?){1,3}", fullmatch=True))
def test_a_name_has_one_spelling(octets: bytes) -> None:
    try:
        name = from_utf7(octets)
    except ValueError:
        return
    assert to_utf7(name) == octets


@pytest.mark.parametrize("octets", [b"&", b"a&b", b"&AGE-", b"&2DQ-", b"&AOk", b"\xc3\xa9", b"&U,BTFw-&ZeVnLIqe-"])
def test_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"UTF-7|utf-16|utf-8|padding"):
        from_utf7(octets)


@pytest.mark.parametrize("name", ["a\r\n* BYE", "\0", "\x7f", "\x85", "\u2028", "x" * 256])
def test_no_name_in_utf8(name: str) -> None:
    with pytest.raises(ValueError, match=r"control|long"):
        from_wire(name.encode(), utf8=True)


def test_names_are_composed() -> None:
    assert from_wire("e\u0301".encode(), utf8=True) == from_wire(b"&AOk-", utf8=False) == "é"


@pytest.mark.parametrize("name", ["", "/", "a/", "/a", "a//b", ".", "..", "../a", "a/../b", "a/.", "a*", "b%"])
def test_not_allowed(name: str) -> None:
    assert not is_allowed(name)


@pytest.mark.parametrize("name", ["a", "...", "a.b", ".a", "a/..b", "日本語/下書き", "con", "a\\b"])
def test_allowed(name: str) -> None:
    assert is_allowed(name)


def test_inbox_knows_no_case() -> None:
    assert [canonical(name) for name in ("iNbOx", "inbox/A", "inboxes")] == ["INBOX", "INBOX/A", "inboxes"]


def test_above() -> None:
    assert above("a/b/c") == ["a", "a/b"]


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "a/b", True),
        ("%", "a/b", False),
        ("%", "a", True),
        ("%/%", "a/b", True),
        ("a*", "a", True),
        ("a%c", "abc", True),
        ("a%c", "ab/c", False),
        ("a*c", "ab/c", True),
        ("", "", True),
        ("", "a", False),
        ("*%", "", True),
        ("%*", "a/b", True),
        ("%%", "a/b", False),
        ("a", "ab", False),
        ("a.", "ab", False),
    ],
)
def test_patterns(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


@pytest.mark.parametrize("pattern", ["*a" * 127 + "b", "*%" * 127, "*" * MAX_NAME, "%a" * 127])
def test_patterns_of_many_wildcards_take_little_time(pattern: str) -> None:
    begin = time.perf_counter()
    matches(pattern, "a" * MAX_NAME)
    assert time.perf_counter() - begin < 1
