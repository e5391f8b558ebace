"""Writing values (RFC 3501 §9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.wire import imap_format
from mailkit.wire.imap_sets import written_set
from mailkit.wire.imap_syntax import Arguments


@pytest.mark.parametrize(
    ("data", "written"),
    [
        (b"", b'""'),
        (b'a "b" \\', b'"a \\"b\\" \\\\"'),
        (b"a\r\nb", b"{4}\r\na\r\nb"),
        (b"\xe6", b"{1}\r\n\xe6"),
        (b"x" * 1001, b"{1001}\r\n" + b"x" * 1001),
    ],
)
def test_string(data: bytes, written: bytes) -> None:
    assert imap_format.string(data) == written


@given(st.binary().filter(lambda data: b"\0" not in data))
def test_string_is_read_back(data: bytes) -> None:
    assert Arguments(imap_format.string(data)).string() == data
    assert Arguments(imap_format.astring(data)).astring() == data


def test_nil_is_not_the_empty_string() -> None:
    assert (imap_format.nstring(None), imap_format.nstring(b"")) == (b"NIL", b'""')


def test_flags_are_always_in_one_order() -> None:
    assert imap_format.flag_list({"b", "\\Seen", "a"}) == b"(\\Seen a b)"


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (datetime(2026, 4, 1, 1, 2, 3, tzinfo=UTC), b'" 1-Apr-2026 01:02:03 +0000"'),
        (datetime(2026, 12, 31, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), b'"31-Dec-2026 00:00:00 -0330"'),
        (datetime(2026, 4, 1, 1, 2, 3), b'" 1-Apr-2026 01:02:03 +0000"'),
    ],
)
def test_internal_date(at: datetime, written: bytes) -> None:
    assert imap_format.internal_date(at) == written
    assert Arguments(written).date_time() == at.replace(tzinfo=at.tzinfo or UTC)


@pytest.mark.parametrize(
    ("uids", "written"), [([], b""), ([4], b"4"), ([1, 2, 3, 7, 9, 10], b"1:3,7,9:10"), ([5, 3], b"5,3")]
)
def test_written_set(uids: list[int], written: bytes) -> None:
    assert written_set(uids) == written
