"""Line ends and doubled dots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.wire.transparency import as_lines, dot_stuffed, with_crlf


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", b".\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b"a\r\n.b\r\n..\r\n", b"a\r\n..b\r\n...\r\n.\r\n"),
        (b"a\n.\nb", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\r", b"a\r\n.\r\n"),
    ],
)
def test_dot_stuffed(content: bytes, expected: bytes) -> None:
    assert dot_stuffed(content) == expected


@given(st.lists(st.sampled_from([b".", b"\r\n", b"\n", b"\r", b"a"])).map(b"".join))
def test_receiver_gets_the_lines_back(content: bytes) -> None:
    sent = dot_stuffed(content)
    assert sent.endswith(b".\r\n")
    lines = (b"\r\n" + sent).split(b"\r\n")[1:-2]
    assert b"." not in lines
    assert b"".join(line.removeprefix(b".") + b"\r\n" for line in lines) == as_lines(content)


@given(st.binary())
def test_no_bare_line_feed_is_left(content: bytes) -> None:
    assert with_crlf(content).count(b"\n") == with_crlf(content).count(b"\r\n")
