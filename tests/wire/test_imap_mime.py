"""Parts by octet offsets (RFC 2045, RFC 2046)."""

from __future__ import annotations

import email
import email.policy
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.wire.imap_mime import MAX_DEPTH, MAX_PARTS, Header, Part, parse

NESTED = b"""Subject: outer\r
Content-Type: multipart/mixed; boundary="out side"\r
\r
preamble\r
--out side\r
\r
first\r
--out side \t\r
Content-Type: message/rfc822\r
\r
Subject: inner\r
Content-Type: multipart/alternative; boundary=in\r
\r
--in\r
Content-Type: text/plain\r
\r
--in\r
Content-Type: text/html\r
Content-Transfer-Encoding: base64\r
\r
PGI+\r
--in--\r
epilogue of inner\r
--out side\r
Content-Type: multipart/digest; boundary=d\r
\r
--d\r
\r
Subject: digested\r
\r
text\r
--d--\r
--out side--\r
epilogue"""


def tree(part: Part) -> object:
    """Media types, as nested as the parts."""
    name = b"/".join((part.media_type.type, part.media_type.subtype)).decode()
    below = [tree(child) for child in part.children] or ([tree(part.message)] if part.message else [])
    return (name, *below) if below else name


class TestStructure:
    def test_nested(self) -> None:
        assert tree(parse(NESTED)) == (
            "multipart/mixed",
            "text/plain",
            ("message/rfc822", ("multipart/alternative", "text/plain", "text/html")),
            ("multipart/digest", ("message/rfc822", "text/plain")),
        )

    @pytest.mark.parametrize(
        ("numbers", "body"),
        [
            ((1,), b"first"),
            ((2, 1), b""),
            ((2, 2), b"PGI+"),
            ((3, 1, 1), b"text"),
            ((4,), None),
            ((1, 1), None),
            ((0,), None),
        ],
    )
    def test_find(self, numbers: tuple[int, ...], body: bytes | None) -> None:
        part = parse(NESTED).find(numbers)
        assert (part and part.body) == body

    def test_part_of_a_plain_message_is_its_body(self) -> None:
        message = parse(b"Subject: x\r\n\r\nbody")
        part = message.find((1,))
        assert part is not None
        assert part.body == b"body"
        assert message.find((2,)) is None

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            (b"", "text/plain"),
            (b"Content-Type: nonsense\r\n\r\n", "text/plain"),
            (b"Content-Type: multipart/mixed\r\n\r\n--\r\n", "text/plain"),
            (b"Content-Type: multipart/mixed; boundary=b\r\n\r\nno part", "text/plain"),
            (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b", ("multipart/mixed", "text/plain")),
            (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--bb\r\n\r\n--b--", "text/plain"),
            (b"Content-Type: multipart/mixed; boundary=b\r\n\r\nx--b\r\n\r\n", "text/plain"),
            (
                b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDog",
                "application/octet-stream",
            ),
        ],
    )
    def test_odd(self, raw: bytes, expected: object) -> None:
        assert tree(parse(raw)) == expected

    def test_multipart_without_an_end_keeps_its_last_part(self) -> None:
        part = parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n").find(
            (2,)
        )
        assert part is not None
        assert part.body == b"two\r\n"

    def test_bare_line_feeds(self) -> None:
        part = parse(b"Content-Type: multipart/mixed;\n boundary=b\n\n--b\n\none\n--b--\n").find((1,))
        assert part is not None
        assert part.body == b"one"


class TestHeader:
    RAW = b"Subject: one\r\n two\r\nno field\r\nX-A : \xe6 \r\nsubject:three\r\n\r\n"

    def test_get_unfolds_and_finds_the_first_in_any_case(self) -> None:
        assert Header(self.RAW).get(b"subject") == b"one two"
        assert Header(self.RAW).all(b"subject") == [b"one two", b"three"]
        assert Header(self.RAW).get(b"x-a") == b"\xe6"
        assert Header(self.RAW).get(b"to") is None

    def test_fields_are_octet_for_octet(self) -> None:
        header = Header(self.RAW)
        assert header.fields(frozenset({b"subject"})) == b"Subject: one\r\n two\r\nsubject:three\r\n"
        assert header.fields(frozenset({b"subject"}), others=True) == b"X-A : \xe6 \r\n"

    def test_lone_carriage_return_ends_no_line(self) -> None:
        assert Header(b"A: b\rC: d\r\n\r\n").get(b"c") is None


class TestBounds:
    """Hostile structure costs neither stack nor hours."""

    def test_deep_nesting_is_cut(self) -> None:
        raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(10_000))
        part, depth = parse(raw), 0
        while part.children:
            part, depth = part.children[0], depth + 1
        assert depth == MAX_DEPTH

    def test_many_parts_are_cut(self) -> None:
        raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * (MAX_PARTS * 3)
        count = len(parse(raw).children)
        assert MAX_PARTS // 2 < count <= MAX_PARTS

    @pytest.mark.parametrize(
        "raw",
        [
            b"Content-Type: text/plain" + b";" * 1_000_000,
            b"Content-Type: text/plain; " + b"a" * 1_000_000,
            b"Content-Type: text/plain" + b'; a="' * 200_000,
            b"Content-Type: " + b"a" * 1_000_000,
            b"a" * 1_000_000,
            b"a: b\r\n" * 100_000,
            b"a:\r\n" + b" \r\n" * 200_000,
        ],
        ids=range(7),
    )
    def test_long_headers_take_little_time(self, raw: bytes) -> None:
        before = time.process_time()
        parse(raw)
        assert time.process_time() - before < 2


@given(st.binary())
def test_any_octets_have_a_structure(raw: bytes) -> None:
    message = parse(raw)
    assert message.header.raw + message.body == raw


PIECES = [
    b"--b",
    b"--b--",
    b"\r\n",
    b"\n",
    b"Content-Type: multipart/mixed; boundary=b",
    b"message/rfc822",
    b"x",
    b": ",
]


@given(st.lists(st.sampled_from(PIECES)).map(b"".join))
def test_parts_lie_within_each_other(raw: bytes) -> None:
    def check(part: Part) -> None:
        assert part.start <= part.middle <= part.end
        for inner in (*part.children, *([part.message] if part.message else [])):
            assert part.middle <= inner.start <= inner.end <= part.end
            check(inner)

    check(parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + raw))


def test_agrees_with_the_standard_library() -> None:
    theirs = email.message_from_bytes(NESTED, policy=email.policy.compat32)
    first, second = theirs.get_payload()[0], theirs.get_payload()[1].get_payload()[0]  # type: ignore[index,union-attr]
    ours = parse(NESTED)
    bodies = [ours.find((1,)), ours.find((2, 2))]
    assert [part and part.body.decode() for part in bodies] == [
        first.get_payload(),  # type: ignore[union-attr]
        second.get_payload()[1].get_payload(),  # type: ignore[union-attr,index]
    ]
