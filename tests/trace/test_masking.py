"""Passwords are never shown, and nothing else is hidden."""

from __future__ import annotations

import base64
import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.trace.dialogue import render
from mailkit.trace.transcript import Dialled, Flow, Said, Transcript

Show = Callable[..., list[str]]
Script = list[tuple[str, str]]
PLAIN = base64.b64encode(b"\0goto\0secret").decode()


def said(*turns: str) -> list[tuple[str, bytes]]:
    return [(turn[0], turn[3:].encode() + b"\r\n") for turn in turns]


CASES = {
    "PASS": (110, ["C: USER goto", "S: +OK", "C: PASS secret", "S: +OK"], ["C: PASS ********"]),
    "pass, a password of two words": (110, ["C: pass secret word", "S: +OK"], ["C: pass ********"]),
    "POP3 AUTH with initial response": (110, [f"C: AUTH PLAIN {PLAIN}", "S: +OK"], ["C: AUTH PLAIN ********"]),
    "POP3 AUTH": (110, ["C: AUTH PLAIN", "S: + ", f"C: {PLAIN}", "S: +OK"], ["C: AUTH PLAIN", "C: ********"]),
    "SMTP AUTH PLAIN with initial response": (
        587,
        [f"C: AUTH PLAIN {PLAIN}", "S: 235 ok", "C: MAIL FROM:<>"],
        ["C: AUTH PLAIN ********", "C: MAIL FROM:<>"],
    ),
    "SMTP auth plain": (
        587,
        ["C: auth plain", "S: 334 ", f"C: {PLAIN}", "S: 235 ok", "C: QUIT"],
        ["C: auth plain", "C: ********", "C: QUIT"],
    ),
    "SMTP AUTH LOGIN": (
        587,
        ["C: AUTH LOGIN", "S: 334 VXNlcg==", "C: Z290bw==", "S: 334 UGFzcw==", "C: c2VjcmV0", "S: 535 no", "C: NOOP"],
        ["C: AUTH LOGIN", "C: ********", "C: ********", "C: NOOP"],
    ),
    "SMTP AUTH LOGIN with initial response": (
        587,
        ["C: AUTH LOGIN Z290bw==", "S: 334 UGFzcw==", "C: c2VjcmV0", "S: 235 ok"],
        ["C: AUTH LOGIN ********", "C: ********"],
    ),
    "AUTH behind other commands": (
        587,
        [
            "C: NOOP",
            "C: AUTH LOGIN",
            "S: 250 ok",
            "S: 334 VXNlcg==",
            "C: Z290bw==",
            "S: 334 ",
            "C: c2VjcmV0",
            "S: 235 ",
        ],
        ["C: NOOP", "C: AUTH LOGIN", "C: ********", "C: ********"],
    ),
    "AUTH that does not wait": (
        587,
        ["C: AUTH PLAIN", f"C: {PLAIN}", "S: 334 ", "S: 235 ok", "C: QUIT"],
        ["C: AUTH PLAIN", "C: ********", "C: QUIT"],
    ),
    "IMAP LOGIN, atoms": (143, ["C: a LOGIN goto secret", "S: a OK"], ["C: a LOGIN goto ********"]),
    "IMAP login, quoted": (143, ['C: a login "go to" "secret"', "S: a OK"], ['C: a login "go to" ********']),
    "IMAP LOGIN, a quoted quote": (143, [r'C: a LOGIN "go\"to" "se\"cret"'], [r'C: a LOGIN "go\"to" ********']),
    "IMAP LOGIN, literals": (
        143,
        ["C: a LOGIN {4}", "S: + go on", "C: goto {6}", "S: + go on", "C: secret", "S: a OK", "C: b NOOP"],
        ["C: a LOGIN {4}", "C: ********", "C: ********", "C: b NOOP"],
    ),
    "IMAP LOGIN, literals that do not wait": (
        143,
        ["C: a LOGIN {4+}", "C: goto {6+}", "C: secret", "C: b LOGOUT", "S: a OK"],
        ["C: a LOGIN {4+}", "C: ********", "C: ********", "C: b LOGOUT"],
    ),
    "IMAP LOGIN, user an atom and password a literal": (
        143,
        ["C: a LOGIN goto {6}", "S: + ", "C: secret", "S: a NO"],
        ["C: a LOGIN goto ********", "C: ********"],
    ),
    "IMAP LOGIN, user a literal and password quoted": (
        143,
        ["C: a LOGIN {4}", "S: + ", 'C: goto "secret"', "S: a OK", "C: b NOOP"],
        ["C: a LOGIN {4}", "C: ********", "C: b NOOP"],
    ),
    "IMAP LOGIN behind another command": (
        143,
        ["C: a NOOP", "C: b LOGIN {4+}", "S: a OK", "C: goto {6+}", "S: * 1 EXISTS", "C: secret", "S: b OK"],
        ["C: a NOOP", "C: b LOGIN {4+}", "C: ********", "C: ********"],
    ),
    "IMAP LOGIN without a tag": (143, ["C: LOGIN goto secret", "S: LOGIN BAD"], ["C: LOGIN goto ********"]),
    "IMAP AUTHENTICATE": (
        143,
        ["C: a AUTHENTICATE PLAIN", "S: +", f"C: {PLAIN}", "S: a OK", "C: b NOOP"],
        ["C: a AUTHENTICATE PLAIN", "C: ********", "C: b NOOP"],
    ),
    "IMAP authenticate with SASL-IR": (
        143,
        [f"C: a authenticate plain {PLAIN}", "S: a OK", "C: b NOOP"],
        ["C: a authenticate plain ********", "C: b NOOP"],
    ),
    "a port that no protocol owns": (2525, ["C: PASS secret", "C: a LOGIN goto {6+}", "C: secret"], None),
    "spaces and tabs in odd places": (110, ["C:  PASS\tsecret"], ["C:  PASS\t********"]),
}


@pytest.mark.parametrize(("port", "turns", "shown"), CASES.values(), ids=CASES)
def test_a_secret_is_masked(show: Show, port: int, turns: list[str], shown: list[str] | None) -> None:
    lines = show(port, said(*turns))
    for secret in ("secret", PLAIN, "c2VjcmV0"):
        assert secret not in "\n".join(lines)
    if shown is not None:
        assert [line for line in lines if line[0] == "C" and "USER" not in line] == shown
    assert [line for line in lines if line[0] == "S"] == [turn for turn in turns if turn[0] == "S"]


@pytest.mark.parametrize(("port", "turns", "shown"), CASES.values(), ids=CASES)
def test_octet_by_octet_it_is_masked_as_well(show: Show, port: int, turns: list[str], shown: list[str] | None) -> None:
    octets = [(by, bytes([octet])) for by, data in said(*turns) for octet in data]
    assert show(port, octets) == show(port, said(*turns))


MESSAGE = [
    "Subject: PASS and LOGIN",
    "",
    "PASS me the salt",
    "AUTH PLAIN is a mechanism",
    "a LOGIN b c",
    "a AUTHENTICATE PLAIN d",
    "Please PASS this on, AUTH or no AUTH at all",
    "+ 1",
    "the end {3}",
    "DATA",
]


def test_a_message_on_its_way_is_shown_as_it_is(show: Show) -> None:
    body = [f"C: {line}" for line in MESSAGE]
    turns = ["C: DATA", "S: 354 go on", *body, "C: .", "S: 250 ok", "C: AUTH PLAIN x", "S: 235 ok", "C: QUIT"]
    shown = show(25, said(*turns))
    assert shown == [turn.replace("AUTH PLAIN x", "AUTH PLAIN ********") for turn in turns]


def test_a_message_that_does_not_wait_for_354_hides_nothing_of_the_session_after_it(show: Show) -> None:
    turns = [
        "C: DATA",
        "C: Subject: x",
        "C: ",
        "C: hello",
        "C: .",
        "S: 354 go on",
        "S: 250 ok",
        f"C: AUTH PLAIN {PLAIN}",
    ]
    assert show(25, said(*turns))[-1] == "C: AUTH PLAIN ********"


def test_a_refused_data_begins_no_message(show: Show) -> None:
    turns = ["C: DATA", "S: 503 need RCPT", f"C: AUTH PLAIN {PLAIN}", "S: 235 ok"]
    assert show(25, said(*turns))[2] == "C: AUTH PLAIN ********"


@pytest.mark.parametrize("sign", ["", "+"])
def test_a_message_that_is_appended_is_shown_as_it_is(show: Show, sign: str) -> None:
    octets = len("\r\n".join(MESSAGE))
    turns = [f"C: a APPEND INBOX {{{octets}{sign}}}", "S: + go on", *(f"C: {line}" for line in MESSAGE)]
    turns += ["S: a OK", "C: b LOGIN goto secret"]
    assert show(143, said(*turns)) == [*turns[:-1], "C: b LOGIN goto ********"]


def test_an_append_that_is_refused_begins_no_message(show: Show) -> None:
    turns = ["C: a APPEND INBOX {1000}", "S: a NO too big", "C: b LOGIN goto secret"]
    assert show(143, said(*turns))[-1] == "C: b LOGIN goto ********"


@pytest.mark.parametrize(("port", "ask", "end"), [(110, "RETR 1", "."), (143, "a FETCH 1 BODY[]", "a OK")])
def test_a_message_that_is_fetched_is_shown_as_it_is(show: Show, port: int, ask: str, end: str) -> None:
    turns = [f"C: {ask}", "S: +OK", *(f"S: {line}" for line in MESSAGE), f"S: {end}", "C: QUIT"]
    assert show(port, said(*turns)) == turns


def test_a_plus_that_asks_for_no_secret_hides_nothing(show: Show) -> None:
    turns = ["C: a IDLE", "S: + idling", "C: DONE", "S: a OK", "C: b APPEND x {1}", "S: + go", "C: y", "S: b OK"]
    assert show(143, said(*turns)) == turns
    turns = ["C: RETR 1", "S: +OK", "S: + 1", "C: QUIT"]
    assert show(110, said(*turns)) == turns


# -- whatever the password is, and however the bytes were cut


def base64_of(password: str) -> str:
    return base64.b64encode(f"\0goto\0{password}".encode()).decode()


def quoted(password: str) -> str:
    return password.replace("\\", "\\\\").replace('"', '\\"')


DIALOGUES: dict[str, tuple[int, Callable[[str], list[str]]]] = {
    "SMTP, initial": (587, lambda p: [f"C: AUTH PLAIN {base64_of(p)}", "S: 235 ok"]),
    "SMTP, asked for": (587, lambda p: ["C: AUTH PLAIN", "S: 334 ", f"C: {base64_of(p)}", "S: 235 ok"]),
    "SMTP, wrong first": (
        587,
        lambda p: ["C: AUTH PLAIN", "S: 334 ", f"C: {base64_of(p)}", "S: 535 no", f"C: Auth Plain {base64_of(p)}"],
    ),
    "SMTP, in clear by mistake": (
        587,
        lambda p: ["C: AUTH LOGIN", "S: 334 ", "C: goto", "S: 334 ", f"C: {p}", "S: 535 "],
    ),
    "SMTP, behind others": (
        25,
        lambda p: ["C: NOOP", "C: AUTH PLAIN", "S: 250 ok", "S: 334 ", f"C: {base64_of(p)}", "S: 235 "],
    ),
    "POP3": (110, lambda p: ["C: USER goto", "S: +OK", f"C: PASS {p}", "S: +OK"]),
    "POP3, pipelined": (110, lambda p: ["C: USER goto", f"C: PASS {p}", "C: STAT", "S: +OK", "S: +OK", "S: +OK 0 0"]),
    "POP3, AUTH": (110, lambda p: ["C: AUTH PLAIN", "S: + ", f"C: {base64_of(p)}", "S: +OK"]),
    "IMAP, quoted": (143, lambda p: [f'C: a LOGIN "go to" "{quoted(p)}"', "S: a OK"]),
    "IMAP, literal": (
        143,
        lambda p: ["C: a LOGIN {4}", "S: + ", f"C: goto {{{len(p.encode())}}}", "S: + ", f"C: {p}", "S: a OK"],
    ),
    "IMAP, literal at once": (
        143,
        lambda p: ["C: a LOGIN {4+}", f"C: goto {{{len(p.encode())}+}}", f"C: {p}", "S: a OK"],
    ),
    "IMAP, SASL": (143, lambda p: ["C: a AUTHENTICATE PLAIN", "S: + ", f"C: {base64_of(p)}", "S: a NO"]),
    "IMAP, SASL-IR": (143, lambda p: [f"C: a AUTHENTICATE PLAIN {base64_of(p)}", "S: a OK"]),
}
PASSWORDS = st.text(string.printable[:95] + "後藤", min_size=8, max_size=40).filter(
    lambda text: text == text.strip() and len(set(text)) > 4 and "AUTH" not in text.upper()
)


@pytest.mark.parametrize("kind", DIALOGUES)
@given(password=PASSWORDS, data=st.data())
def test_no_password_is_ever_shown(kind: str, password: str, data: st.DataObject) -> None:
    port, turns = DIALOGUES[kind]
    transcript, flow = Transcript(), Flow(1, "goto-pc", "10.0.0.21", "mail", "192.0.2.25", port)
    transcript.append(Dialled(0.0, flow, "accept", None))
    for by, line in said(*turns(password)):
        cut = data.draw(st.integers(0, len(line)))
        for piece in filter(None, (line[:cut], line[cut:])):
            transcript.append(Said(0.0, flow, by, piece, encrypted=False))  # type: ignore[arg-type]
    text, sent = render(transcript), transcript.said(flow)
    secrets = {password, quoted(password), base64_of(password)}
    assert any(secret.encode() in sent for secret in secrets)
    assert not [secret for secret in secrets if secret in text]


@given(password=st.text(string.ascii_letters + "\r\n ", min_size=12, max_size=60))
def test_a_literal_of_many_lines_is_masked_to_its_last_octet(password: str) -> None:
    transcript, flow = Transcript(), Flow(1, "goto-pc", "10.0.0.21", "mail", "192.0.2.25", 143)
    for data in (b"a LOGIN goto {%d}\r\n" % len(password), password.encode(), b"\r\n", b"b NOOP\r\n"):
        transcript.append(Said(0.0, flow, "C", data, encrypted=False))
    transcript.append(Dialled(0.0, flow, "accept", None))
    first, *masked, last = [line.strip() for line in render(transcript).splitlines()[1:]]
    assert (first, last) == ("C: a LOGIN goto ********", "C: b NOOP")
    assert set(masked) == {"C: ********"}


def test_a_secret_is_cut_by_an_answer_and_masked_all_the_same(show: Show) -> None:
    turns: list[Any] = [("C", b"USER goto\r\nPASS sec"), ("S", b"+OK\r\n"), ("C", b"ret\r\n"), ("S", b"+OK\r\n")]
    assert show(110, turns) == ["C: USER goto", "S: +OK", "C: PASS ********", "S: +OK"]


def test_a_secret_without_a_line_end_is_masked_too(show: Show) -> None:
    assert show(110, [("C", b"PASS sec")]) == ["C: PASS ********"]
    assert show(110, [("C", b"USER goto\nPASS secret\n")]) == ["C: USER goto␊", "C: PASS ********"]
