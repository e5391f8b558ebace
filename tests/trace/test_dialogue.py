"""The transcript as text: lines, headings, and nothing in them that could act on a reader's screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.trace.dialogue import lines, render, visible
from mailkit.trace.transcript import Dialled, Disturbed, Flow, Said, Secured, Transcript

if TYPE_CHECKING:
    from collections.abc import Callable

    Show = Callable[..., list[str]]

SESSION: list[Any] = [
    ("S", b"220 mail ESMTP\r\n"),
    ("C", b"EHLO pc\r\n"),
    ("S", b"250-mail\r\n250 HELP\r\n"),
    ("C", b"MAIL FROM:<>\r\nRCPT TO:<goto@example.co.jp>\r\nDATA\r\n"),
    ("S", b"250 OK\r\n250 OK\r\n354 go\r\n"),
    ("C", b"Subject: x\r\n\r\nAUTH is a word.\r\n..\r\n.\r\nQUIT\r\n"),
    ("S", b"250 OK\r\n221 Bye\r\n"),
]
SHOWN = """\
S: 220 mail ESMTP
C: EHLO pc
S: 250-mail
S: 250 HELP
C: MAIL FROM:<>
C: RCPT TO:<goto@example.co.jp>
C: DATA
S: 250 OK
S: 250 OK
S: 354 go
C: Subject: x
C:
C: AUTH is a word.
C: ..
C: .
C: QUIT
S: 250 OK
S: 221 Bye""".splitlines()


def stripped(shown: list[str]) -> list[str]:
    return [line.rstrip() for line in shown]


def test_a_conversation_is_shown_line_by_line(show: Show) -> None:
    assert stripped(show(25, SESSION)) == SHOWN


def test_a_fault_stands_where_it_came_to_pass_and_is_nobodys_line(converse: Callable[..., Transcript]) -> None:
    transcript = converse(110, [("S", b"+OK hi\r\n"), ("C", b"STLS\r\n")])
    (flow,) = transcript.flows()
    transcript.append(Disturbed(0.0, flow, "strip", "mallory says no himself", "mallory", b"-ERR\x1b no\r\nmore\r\n"))
    transcript.append(Said(0.0, flow, "C", b"QUIT\r\n", encrypted=False))
    transcript.append(Disturbed(0.0, flow, "hang-up", "the connection ends"))
    assert transcript.conversation(1).splitlines()[1:] == [
        "    S: +OK hi",
        "    C: STLS",
        "    -- fault: mallory says no himself --",
        "    mallory: -ERR\u241b no",
        "    mallory: more",
        "    C: QUIT",
        "    -- fault: the connection ends --",
    ]
    assert [line.text for line in lines(transcript, flow)] == ["+OK hi", "STLS", "QUIT"]


def test_octet_by_octet_it_is_the_same_text(show: Show) -> None:
    octets = [(by, bytes([octet])) for by, data in SESSION for octet in data]
    assert stripped(show(25, octets)) == SHOWN


@given(st.data())
def test_however_it_was_cut_it_is_the_same_text(data: st.DataObject) -> None:
    from mailkit.trace.dialogue import lines

    transcript, flow = Transcript(), Flow(1, "pc", "10.0.0.21", "mail", "192.0.2.25", 25)
    for by, said in SESSION:
        cuts = sorted(data.draw(st.sets(st.integers(1, len(said) - 1), max_size=5)))
        for begin, end in zip([0, *cuts], [*cuts, len(said)], strict=True):
            transcript.append(Said(0.0, flow, by, said[begin:end], encrypted=False))
    assert [f"{line.by}: {line.text}".rstrip() for line in lines(transcript, flow)] == SHOWN


def test_an_answer_in_the_middle_of_a_line_does_not_cut_it(show: Show) -> None:
    """As when a client sends two commands at once and the second has not come in full."""
    assert show(110, [("C", b"NOOP\r\nQU"), ("S", b"+OK\r\n"), ("C", b"IT\r\n")]) == ["C: NOOP", "S: +OK", "C: QUIT"]


def test_what_has_no_line_end_is_shown_all_the_same(show: Show) -> None:
    assert show(25, [("S", b"220 hi\r\n"), ("C", b"HELO p")]) == ["S: 220 hi", "C: HELO p"]


def test_a_bare_line_feed_ends_a_line_and_can_be_seen(show: Show) -> None:
    assert show(25, [("C", b"HELO pc\nQUIT\r\n"), ("C", b"a\rb\r\r\n")]) == ["C: HELO pc␊", "C: QUIT", "C: a␍b␍"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain text, with\ta tab", "plain text, with\ta tab"),
        ("後藤さん é".encode(), "後藤さん é"),
        (b"\x1b[31mred\x07\x00", "␛[31mred␇␀"),
        (b"\x7f", "␡"),
        ("\u009b31m".encode(), "\ufffd31m"),
        ("a\u202egpj.exe".encode(), "a\ufffdgpj.exe"),
        ("\u2066\u2069\u200e\u200f\u061c".encode(), "\ufffd" * 5),
        ("one\u2028two\u2029three".encode(), "one\ufffdtwo\ufffdthree"),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_what_could_act_on_the_screen_is_made_visible(raw: bytes, text: str) -> None:
    assert visible(raw) == text


@given(st.binary())
def test_no_bytes_whatever_break_a_line_or_turn_the_text_round(raw: bytes) -> None:
    text = visible(raw)
    assert len(text.splitlines()) <= 1
    assert not {"\x1b", "\x9b", "\u202e", "\u2067"} & set(text)


def flow(number: int, port: int) -> Flow:
    return Flow(number, "pc", "192.168.1.10", "mail", "192.0.2.25", port)


@pytest.mark.parametrize(
    ("port", "verdict", "rule", "heading"),
    [
        (25, "accept", None, "[1] pc -> mail:25 SMTP"),
        (587, "accept", 2, "[1] pc -> mail:587 SMTP"),
        (110, "closed", None, "[1] pc -> mail:110 POP3: refused (nobody listens there)"),
        (143, "reject", 4, "[1] pc -> mail:143 IMAP4: refused (firewall, rule 4)"),
        (53, "reject", None, "[1] pc -> mail:53 DNS: refused (firewall, default)"),
        (2525, "drop", 1, "[1] pc -> mail:2525 TCP: no answer (firewall, rule 1)"),
        (25, "drop", None, "[1] pc -> mail:25 SMTP: no answer (firewall, default)"),
    ],
)
def test_a_heading_says_who_called_whom_and_why_it_did_not_come_through(
    port: int, verdict: Any, rule: int | None, heading: str
) -> None:
    transcript = Transcript()
    transcript.append(Dialled(0.0, flow(1, port), verdict, rule))
    assert repr(transcript) == heading


def test_conversations_are_shown_one_after_the_other_however_they_were_mixed() -> None:
    transcript = Transcript()
    for number in (1, 2):
        transcript.append(Dialled(0.0, flow(number, 25), "accept", None))
    for number, data in ((1, b"220 one\r\n"), (2, b"220 two\r\n"), (1, b"221 one\r\n"), (2, b"221 two\r\n")):
        transcript.append(Said(0.0, flow(number, 25), "S", data, encrypted=False))
    assert render(transcript) == (
        "[1] pc -> mail:25 SMTP\n    S: 220 one\n    S: 221 one\n\n"
        "[2] pc -> mail:25 SMTP\n    S: 220 two\n    S: 221 two"
    )


def test_where_tls_begins_a_mark_stands() -> None:
    transcript = Transcript()
    transcript.append(Dialled(0.0, flow(1, 25), "accept", None))
    transcript.append(Said(0.0, flow(1, 25), "C", b"STARTTLS\r\n", encrypted=False))
    transcript.append(Secured(0.0, flow(1, 25)))
    transcript.append(Said(0.0, flow(1, 25), "C", b"EHLO pc\r\n\r\n", encrypted=True))
    assert render(transcript).splitlines()[1:] == [
        "    C: STARTTLS",
        "    -- from here on TLS: the wire carries only ciphertext --",
        "    C: EHLO pc",
        "    C:",
    ]
    assert [line.encrypted for line in lines(transcript, flow(1, 25))] == [False, True, True]


def test_before_the_first_call_it_says_so() -> None:
    assert repr(Transcript()) == "Nobody has called anybody yet."


def test_one_conversation_alone_and_a_sentence_for_a_number_that_is_none() -> None:
    transcript = Transcript()
    flow = Flow(1, "yamada-pc", "192.168.1.10", "mail.example.com", "192.0.2.25", 25)
    transcript.append(Dialled(0.0, flow, "accept", 1))
    transcript.append(Said(0.0, flow, "S", b"220 hello\r\n", False))
    assert transcript.conversation(1) == "[1] yamada-pc -> mail.example.com:25 SMTP\n    S: 220 hello"
    for number in (0, 2, -1):
        with pytest.raises(IndexError, match=f"no conversation {number}; so far there are 1"):
            transcript.conversation(number)
