"""Reading a command's arguments (RFC 3501 §9)."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.wire.imap_sets import SequenceSet
from mailkit.wire.imap_syntax import MAX_DEPTH, Arguments, Bad, literal_ahead

if TYPE_CHECKING:
    from collections.abc import Callable

JST = timezone(timedelta(hours=9))

TAKEN: list[tuple[str, bytes, Any]] = [
    ("tag", b"a.1]", "a.1]"),
    ("atom", b"fetch", "FETCH"),
    ("astring", b"a]b", b"a]b"),
    ("astring", b'"a \\"b\\" \\\\"', b'a "b" \\'),
    ("astring", b'""', b""),
    ("astring", '"日本"'.encode(), "日本".encode()),
    ("astring", b"{3}\r\na\r\n", b"a\r\n"),
    ("string", b"{0+}\r\n", b""),
    ("literal", b"{2}\r\n{}", b"{}"),
    ("number", b"4294967295", 4294967295),
    ("sequence_set", b"1,3:*,5:4", SequenceSet(((1, 1), (3, None), (5, 4)))),
    ("flag", b"\\sEEn", "\\Seen"),
    ("flag", b"$Work", "$Work"),
    ("flags", b"(\\Seen a)", ["\\Seen", "a"]),
    ("flags", b"()", []),
    ("flags", b"\\Seen a", ["\\Seen", "a"]),
    ("mailbox", b"iNbOx", "INBOX"),
    ("mailbox", b'"inbox/a b"', "INBOX/a b"),
    ("mailbox", b"../../etc", "../../etc"),
    ("pattern", b"Work/*%", "Work/*%"),
    ("date", b"1-apr-2026", date(2026, 4, 1)),
    ("date", b'"29-Feb-2024"', date(2024, 2, 29)),
    ("date_time", b'" 1-Apr-2026 12:00:00 +0900"', datetime(2026, 4, 1, 12, tzinfo=JST)),
]

REFUSED: list[tuple[str, bytes]] = [
    ("tag", b"+1"),
    ("tag", b"*"),
    ("atom", b"(x"),
    ("astring", b'"open'),
    ("astring", b'"a\\n"'),
    ("astring", b"\x80"),
    ("astring", b""),
    ("literal", b"{3}"),
    ("literal", b"{3}\r\na\0b"),
    ("number", b"4294967296"),
    ("number", b"9" * 5000),
    ("number", b"-1"),
    ("sequence_set", b"0"),
    ("sequence_set", b"1:0"),
    ("sequence_set", b":1"),
    ("flag", b"\\Recent"),
    ("flag", b"\\*"),
    ("flags", b"(\\Seen"),
    ("mailbox", "日本".encode()),
    ("mailbox", b'"a\tb"'),
    ("mailbox", b"x" * 256),
    ("date", b"30-Feb-2026"),
    ("date", b"1-Foo-2026"),
    ("date", b"1-Apr-0000"),
    ("date", b'"1-Apr-2026'),
    ("date_time", b'" 1-Apr-2026 24:00:00 +0900"'),
    ("date_time", b'" 1-Apr-2026 12:00:00 +9900"'),
    ("date_time", b'"1-Apr-2026 12:00:00 +0900"'),
]


@pytest.mark.parametrize(("method", "text", "expected"), TAKEN)
def test_taken(method: str, text: bytes, expected: object) -> None:
    arguments = Arguments(text)
    assert getattr(arguments, method)() == expected
    arguments.end()


@pytest.mark.parametrize(("method", "text"), REFUSED)
def test_refused(method: str, text: bytes) -> None:
    with pytest.raises(Bad):
        getattr(Arguments(text), method)()


def test_list_needs_an_item_unless_it_may_be_empty() -> None:
    arguments = Arguments(b"()")
    with pytest.raises(Bad, match="expected a name"):
        arguments.list_of(arguments.atom)


def test_depth_is_limited() -> None:
    arguments = Arguments(b"(" * 100)

    def nest() -> None:
        with arguments.deeper():
            arguments.need(b"(", "'('")
            nest()

    with pytest.raises(Bad, match=f"more than {MAX_DEPTH}"):
        nest()


def test_depth_is_not_counted_side_by_side() -> None:
    arguments = Arguments(b"")
    for _ in range(100):
        with arguments.deeper():
            pass


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"a LOGIN {5}", (5, False)),
        (b"a LOGIN {5+}", (5, True)),
        (b"a {5} b", None),
        (b"{}", None),
        (b"{" + b"9" * 5000 + b"}", None),
    ],
)
def test_literal_ahead(line: bytes, expected: tuple[int, bool] | None) -> None:
    assert literal_ahead(line) == expected


class TestSequenceSet:
    """RFC 3501 §9, seq-range: ends in either order; `*` is the last one even when n is past it."""

    UIDS = (3, 5, 9)

    @pytest.mark.parametrize(
        ("text", "chosen"),
        [
            (b"*", [9]),
            (b"1:4294967295", [3, 5, 9]),
            (b"5:4", [5]),
            (b"100:*", [9]),
            (b"9,3,3:4", [3, 9]),
            (b"4", []),
            (b"*:4", [5, 9]),
            (b"3:5,5:9,1:4,*", [3, 5, 9]),
            (b"*,*,*", [9]),
        ],
    )
    def test_choose(self, text: bytes, chosen: list[int]) -> None:
        assert Arguments(text).sequence_set().choose(self.UIDS) == chosen

    def test_nothing_to_choose_from(self) -> None:
        choose: Callable[[tuple[int, ...]], list[int]] = Arguments(b"1:*").sequence_set().choose
        assert choose(()) == []
