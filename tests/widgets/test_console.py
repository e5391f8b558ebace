"""The console against real servers, over TCP and in memory: every state, every kind of waiting, every explanation."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import single_server
from mailkit.server import smtp_states
from mailkit.widgets import Console
from mailkit.widgets.console import ConsoleModel
from mailkit.widgets.console_fetch import CLOSED, IMAP_MOVES, POP3_MOVES, IMAPTalk, POP3Talk
from mailkit.widgets.console_states import edges, loops, states
from mailkit.widgets.console_talk import SMTPTalk
from mailkit.wire import imap_states, pop3_states

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVER, YAMADA = "mail.example.com", "yamada@example.com"


@pytest.fixture(params=["tcp", "memory"])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with Lab(single_server(), name="console", carrier=request.param) as started:
        yield started


@pytest.fixture
def call(lab: Lab) -> Iterator[Callable[..., ConsoleModel]]:
    opened: list[ConsoleModel] = []

    def to(port: int, *lines: str, patience: float = 3.0) -> ConsoleModel:
        opened.append(ConsoleModel(lab.host("yamada-pc"), SERVER, port, patience=patience))
        for line in lines:
            opened[-1].say(line)
        return opened[-1]

    yield to
    for model in opened:
        model.close()


@pytest.fixture
def password(lab: Lab) -> str:
    return lab.password(YAMADA)


def last(model: ConsoleModel, by: str) -> str:
    return next(entry.text for entry in reversed(model.entries) if entry.by == by)


def walk(model: ConsoleModel, steps: list[tuple[str, str]]) -> None:
    for line, state in steps:
        model.say(line)
        assert (line, model.talk.state) == (line, state)


# -- every way through the states


def test_smtp_every_state_is_walked(call):
    model = call(25)
    assert model.talk.state == "connected"
    path = f"<{YAMADA}>"
    walk(
        model,
        [
            ("NOOP", "connected"), ("EHLO pc", "greeted"), ("RSET", "greeted"), (f"MAIL FROM:{path}", "sender"),
            ("RSET", "greeted"), (f"MAIL FROM:{path}", "sender"), ("HELO pc", "greeted"), ("EHLO pc", "greeted"),
            (f"MAIL FROM:{path}", "sender"), (f"RCPT TO:{path}", "recipients"), (f"RCPT TO:{path}", "recipients"),
            ("EHLO pc", "greeted"), (f"MAIL FROM:{path}", "sender"), (f"RCPT TO:{path}", "recipients"),
            ("RSET", "greeted"), (f"MAIL FROM:{path}", "sender"), (f"RCPT TO:{path}", "recipients"),
            ("DATA", "content"), ("Subject: x", "content"), ("", "content"), ("..", "content"), (".", "greeted"),
            ("STARTTLS", "greeted"), ("QUIT", "closed"),
        ],
    )  # fmt: skip
    walk(call(587), [("EHLO pc", "greeted"), ("STARTTLS", "connected"), ("EHLO pc", "greeted"), ("QUIT", "closed")])
    assert not model.is_open


def test_smtp_login_changes_what_is_legal(call, password):
    model = call(587, "EHLO pc")
    first = {legal.verb: legal.first for legal in model.talk.legal()}
    assert (first["AUTH"], first["MAIL"], first["STARTTLS"]) == ("tls", "login", "")
    model.say("STARTTLS")
    model.say("EHLO pc")
    first = {legal.verb: legal.first for legal in model.talk.legal()}
    assert (first["AUTH"], first["MAIL"], "STARTTLS" in first) == ("", "login", False)
    model.say("AUTH PLAIN")
    assert (model.talk.wanted, model.talk.legal()) == ("secret", [])
    model.say(base64.b64encode(f"\0yamada\0{password}".encode()).decode())
    first = {legal.verb: legal.first for legal in model.talk.legal()}
    assert (first["MAIL"], "AUTH" in first) == ("", False)


@pytest.mark.parametrize(
    ("port", "replies", "tls", "login"),
    [
        (587, ["250-hi", "250-STARTTLS", "250 HELP"], "", "tls"),
        (587, ["250-hi", "250-starttls", "250-AUTH PLAIN", "250 HELP"], "", ""),
        (587, ["250 STARTTLS"], None, None),
        (25, ["250-hi", "250 STARTTLS"], "", None),
        (25, ["250-hi", "250 AUTH PLAIN"], None, ""),
        (587, ["550-STARTTLS", "550 AUTH PLAIN"], None, None),
    ],
)
def test_starttls_and_auth_are_legal_when_the_server_announces_them(port, replies, tls, login):
    talk = SMTPTalk(port)
    talk.server(b"220 hi\r\n")
    for hello in (b"EHLO pc", b"EHLO pc"):
        talk.client(hello)
        for reply in replies:
            talk.server(reply.encode() + b"\r\n")
    first = {legal.verb: legal.first for legal in talk.legal()}
    assert (first.get("STARTTLS"), first.get("AUTH")) == (tls, login)
    talk.client(b"HELO pc")
    talk.server(b"250 hi\r\n")
    assert {"STARTTLS", "AUTH"}.isdisjoint(legal.verb for legal in talk.legal())


@pytest.mark.parametrize(
    ("port", "said", "typed", "is_hidden"),
    [
        (465, ["EHLO pc"], "AUTH PLAIN AHlh", True),
        (465, ["EHLO pc"], "AUTH PLAIN ", False),
        (465, ["EHLO pc", "AUTH LOGIN"], "eWFtYWRh", True),
        (110, [], "pass x", True),
        (110, [], "USER yamada", False),
        (143, [], 'a1 LOGIN "ya mada" x', True),
        (143, [], "a1 LOGIN yamada", False),
        (993, ["a1 LOGIN yamada {6}"], "secret", True),
        (25, ["EHLO pc", f"MAIL FROM:<{YAMADA}>", f"RCPT TO:<{YAMADA}>", "DATA"], "pass me the salt", False),
    ],
)
def test_a_password_is_hidden_while_it_is_typed(call, port, said, typed, is_hidden):
    pattern = call(port, *said).hides
    assert bool(pattern and re.match(pattern, typed, re.IGNORECASE)) is is_hidden


def test_what_is_not_offered_is_no_longer_called_legal(call):
    model = call(25, "EHLO pc")
    assert "EXPN" in [legal.verb for legal in model.talk.legal()]
    model.say("EXPN all")
    assert "does not offer it" in last(model, "why")
    assert "EXPN" not in [legal.verb for legal in model.talk.legal()]


def test_a_letter_by_hand_arrives(call, lab):
    call(25, "EHLO pc", f"MAIL FROM:<{YAMADA}>", f"RCPT TO:<{YAMADA}>", "DATA", "Subject: by hand", "", "Hi.", ".")
    lab.settle()
    assert b"Subject: by hand" in lab.mailbox(YAMADA)[0].raw


def test_pop3_every_state_is_walked(call, password):
    model = call(110)
    before, after = "AUTHORIZATION", "TRANSACTION"
    walk(model, [("STAT", before), ("STLS", before), ("USER yamada", before), ("PASS wrong", before)])
    assert "PASS" not in [legal.verb for legal in model.talk.legal()]
    walk(model, [("USER yamada", before)])
    assert "PASS" in [legal.verb for legal in model.talk.legal()]
    walk(model, [(f"PASS {password}", after), ("LIST", after), ("RSET", after), ("USER x", after), ("QUIT", CLOSED)])
    assert call(110, "QUIT").talk.state == CLOSED


def test_imap_every_state_is_walked(call, password):
    outside, inside, selected = (state.value for state in imap_states.State)
    model = call(143)
    walk(
        model,
        [
            ("a1 SELECT INBOX", outside), ("a2 STARTTLS", outside), (f"a3 LOGIN yamada {password}", inside),
            ("a4 SELECT INBOX", selected), ("a5 CLOSE", inside), ("a6 EXAMINE INBOX", selected),
            ("a7 SELECT INBOX", selected), ("a8 UNSELECT", inside), ("a9 SELECT INBOX", selected),
            ("b1 SELECT nowhere", inside), ("b2 SELECT nowhere", inside), ("b3 LOGOUT", CLOSED),
        ],
    )  # fmt: skip
    again = call(993, "a1 AUTHENTICATE PLAIN")
    assert again.talk.wanted == "secret"
    again.say(base64.b64encode(f"\0yamada\0{password}".encode()).decode())
    assert again.talk.state == inside
    again.say("a2 SELECT INBOX")
    again.say("a3 LOGOUT")
    assert again.talk.state == CLOSED
    assert call(143, "a1 LOGOUT").talk.state == CLOSED


@pytest.mark.parametrize(
    ("moves", "legal"), [(POP3_MOVES, pop3_states.LEGAL), (IMAP_MOVES, imap_states.LEGAL)], ids=["pop3", "imap"]
)
def test_a_way_begins_where_the_engine_allows_its_command(moves, legal):
    for verb, ways in moves.items():
        assert {state.value for state in legal[verb]} >= set(ways)


def test_the_picture_has_every_state_and_the_tables_ways():
    assert states("SMTP") == smtp_states.STATES
    assert ("greeted", "sender", ("MAIL",)) in edges("SMTP")
    assert ("content", "greeted", (".",)) in edges("SMTP")
    for protocol in ("SMTP", "POP3", "IMAP4"):
        named = set(states(protocol))
        assert {edge.start for edge in edges(protocol)} | {edge.end for edge in edges(protocol)} == named


def test_what_leaves_a_state_as_it_is_has_a_way_too():
    found = {edge.start: edge.verbs for edge in loops("SMTP")}
    assert found["sender"] == ("VRFY", "EXPN", "HELP", "NOOP")
    assert "RCPT" in found["recipients"]
    assert {edge.start: edge.verbs for edge in loops("POP3")}["AUTHORIZATION"] == ("USER", "STLS", "CAPA")
    assert "content" not in found
    for protocol in ("SMTP", "POP3", "IMAP4"):
        assert all(edge.start == edge.end != "closed" for edge in loops(protocol))


def test_the_static_picture_has_the_newest_lines_and_marks_the_state(lab):
    shown = Console(lab.host("yamada-pc"), SERVER, 110)
    for line in ("STLS", "USER yamada", "PASS open-sesame", *["NOOP"] * 9):
        shown.say(line)
    picture = shown.svg()
    texts = [element.text for element in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]
    assert {"AUTHORIZATION", "TRANSACTION", "◀ you are here", "NOOP"} <= set(texts)
    assert texts.count("◀ you are here") == 1
    assert "(14 earlier lines)" in texts
    assert "open-sesame" not in picture
    assert picture == shown.svg()


# -- what the server waits for


def test_a_dot_before_a_bare_lf_does_not_end_the_letter(call):
    model = call(25, "EHLO pc", f"MAIL FROM:<{YAMADA}>", f"RCPT TO:<{YAMADA}>", "DATA", "Subject: x", "")
    model.say(".", end="\n")
    assert model.talk.state == "content"
    assert model.entries[-2].text == ".\u240a"
    assert "LF alone" in last(model, "why")


def test_a_line_without_an_end_comes_back_at_once(call):
    model = call(25)
    model.say("EHLO pc", end="")
    assert model.talk.state == "connected"
    assert last(model, "S").startswith("220")


def test_an_imap_literal_is_counted_to_the_octet(call, password):
    model = call(993, f"a1 LOGIN yamada {password}", "a2 APPEND INBOX {6}")
    assert model.talk.wanted == "literal"
    model.say("abcd")
    assert (model.talk.wanted, model.talk.awaits_answer) == ("rest", False)
    model.say("")
    assert last(model, "S").startswith("a2 OK")
    assert model.talk.wanted == ""


def test_idle_waits_for_done(call, password):
    model = call(993, f"a1 LOGIN yamada {password}", "a2 SELECT INBOX", "a3 IDLE")
    assert [legal.verb for legal in model.talk.legal()] == ["DONE"]
    call(25, "EHLO pc", f"MAIL FROM:<{YAMADA}>", f"RCPT TO:<{YAMADA}>", "DATA", "Subject: x", "", ".")
    model.say("DONE")
    assert last(model, "S").startswith("a3 OK")


def test_a_silent_server_gives_the_floor_back(call, monkeypatch):
    model = call(25, patience=0.05)
    monkeypatch.setattr(model._line, "say", lambda data: None)
    model.say("NOOP")
    assert last(model, "why").startswith("No answer yet")
    assert model.is_open


def test_nobody_listens_there_and_reconnecting(call, lab):
    model = call(25, "QUIT", "NOOP")
    assert last(model, "note") == "There is no connection. Reconnect first."
    assert model.talk.legal() == []
    model.connect()
    assert (model.is_open, model.talk.state) == (True, "connected")
    lost = ConsoleModel(lab.host("yamada-pc"), "nowhere.example", 25)
    assert not lost.is_open
    assert "nowhere.example" in lost.text()


def test_a_port_without_mail_is_refused_with_a_sentence(lab):
    with pytest.raises(ValueError, match="port 53 speaks none"):
        ConsoleModel(lab.host("yamada-pc"), SERVER, 53)


# -- words


@pytest.mark.parametrize(
    ("port", "lines", "expected"),
    [
        (25, ["MAIL FROM:<a@b.example>"], "MAIL is not legal in the state “connected”: EHLO must come first."),
        (25, ["EHLO pc", "RCPT TO:<a@b.example>"], "MAIL must come first. Legal now: EHLO, HELO, MAIL"),
        (25, ["EHLO pc", f"MAIL FROM:<{YAMADA}>", "DATA"], "RCPT must come first."),
        (25, ["EHLO pc", f"MAIL FROM:<{YAMADA}>", f"MAIL FROM:<{YAMADA}>"], "a letter is under way"),
        (587, ["EHLO pc", "STARTTLS", "EHLO pc", "STARTTLS"], "TLS is on already."),
        (25, ["HALLO"], "knows no such command"),
        (25, ["EHLO"], "It is written: EHLO domain"),
        (587, ["EHLO pc", f"MAIL FROM:<{YAMADA}>"], "TLS first, then AUTH"),
        (110, ["STAT"], "STAT is not legal in the state “AUTHORIZATION”; it needs “TRANSACTION”."),
        (110, ["USER yamada"], "say STLS first"),
        (110, ["HALLO"], "HALLO is no command here."),
        (143, ["a1 FETCH 1 FLAGS"], "FETCH is not legal in the state “not authenticated”; it needs “selected”."),
        (143, ["NOOP"], "A command begins with a tag"),
        (143, ["a1 LOGIN yamada x"], "say STARTTLS first"),
    ],
)
def test_a_wrong_command_is_explained(call, port, lines, expected):
    model = call(port, *lines)
    assert expected in last(model, "why")
    assert next(entry.rfc for entry in reversed(model.entries) if entry.by == "why").startswith("RFC ")


def test_passwords_are_neither_shown_nor_kept(call):
    model = call(110, "STLS", "USER yamada", "PASS open-sesame")
    secret = base64.b64encode(b"\0yamada\0open-sesame").decode()
    smtp = call(465, "EHLO pc", "AUTH PLAIN", secret, f"AUTH PLAIN {secret}")
    for text in (model.text(), repr(model.history), smtp.text(), repr(smtp.history)):
        assert "open-sesame" not in text
        assert secret not in text
    assert "C: PASS ********" in model.text()


def test_the_text_is_the_same_at_every_run_and_ends_with_what_is_legal(call):
    one, two = (call(25, "EHLO pc", "DATA") for _ in range(2))
    assert one.text() == two.text()
    assert one.text().splitlines()[-2:] == [
        "State: greeted",
        "Legal now: EHLO, HELO, MAIL, RSET, VRFY, EXPN, HELP, NOOP, QUIT",
    ]
    assert not re.search(r"127\.0\.0\.1|0x", one.text())


# -- the widget without a browser


def test_the_widget_shows_its_text_and_takes_lines_from_the_page(lab):
    shown = Console(lab.host("yamada-pc"), SERVER, 25)
    shown._handle_custom_msg({"do": "say", "line": "MAIL FROM:<a@b.example>"}, [])
    assert "503 5.5.1 say EHLO first" in repr(shown)
    assert repr(shown) == shown.get_state()["_picture"]["text"] == shown.model.text()
    for nonsense in ("x", {"do": "say", "line": 3}, {"do": "anything"}):
        shown._handle_custom_msg(nonsense, [])
    shown._handle_custom_msg({"do": "reconnect"}, [])
    shown.say("EHLO pc")
    assert shown.get_state()["_picture"]["current"] == "greeted"
    shown.hang_up()
    assert shown.get_state()["_picture"]["open"] is False


def test_no_password_is_in_what_a_notebook_saves(lab):
    shown = Console(lab.host("yamada-pc"), SERVER, 995)
    shown.say("USER yamada")
    shown.say("PASS open-sesame")
    assert "open-sesame" not in repr(shown.get_state()["_picture"])
    shown.hang_up()


# -- hostile servers: what they say is text, and cannot lead the console astray

EVIL = b"250 <img src=x onerror=alert(1)> \x1b[2J\xe2\x80\xaegnp.exe\x00\r\n"


def test_hostile_reply_text_stays_text(call, monkeypatch):
    model = call(25)
    replies = iter([EVIL, None])
    monkeypatch.setattr(model._line, "line", lambda *, wait: next(replies, None))
    model._read()
    assert last(model, "S") == "250 <img src=x onerror=alert(1)> \u241b[2J\ufffdgnp.exe\u2400"


def test_a_letter_cannot_end_its_own_fetch():
    talk = IMAPTalk(993)
    talk.server(b"* OK hi\r\n")
    talk.client(b"a1 FETCH 1 BODY[]")
    content = b"a1 OK not yet\r\n* BYE\r\n+ go\r\n"
    talk.server(b"* 1 FETCH (BODY[] {%d}\r\n" % len(content))
    for line in content.splitlines(keepends=True):
        talk.server(line)
        assert (talk.awaits_answer, talk.closing, talk.wanted) == (True, False, "")
    talk.server(b")\r\n")
    assert talk.server(b"a1 OK done\r\n").status == "OK"
    assert not talk.awaits_answer


def test_a_pop3_letter_ends_at_its_dot_alone():
    talk = POP3Talk(110)
    talk.server(b"+OK hi\r\n")
    talk.client(b"RETR 1")
    for line in (b"+OK 9\r\n", b"-ERR no\r\n", b"+ \r\n", b"..\r\n", b".\n"):
        talk.server(line)
        assert talk.awaits_answer
    talk.server(b".\r\n")
    assert not talk.awaits_answer


@pytest.mark.parametrize(
    ("port", "lines", "rfc"),
    [
        (587, ["EHLO pc", "STARTTLS"], "RFC 3207 §4"),
        (110, ["STLS"], "RFC 2595 §4"),
        (143, ["a1 STARTTLS"], "RFC 3501 §6.2.1"),
    ],
)
def test_the_start_of_tls_is_explained_from_its_protocols_own_rfc(call, port, lines, rfc):
    assert [entry.rfc for entry in call(port, *lines).entries if entry.by == "why"] == [rfc]


@pytest.mark.parametrize(("greeting", "is_legal"), [(b"+OK hi <1.2@x>\r\n", True), (b"+OK hi\r\n", False)])
def test_apop_is_legal_where_the_greeting_has_a_timestamp(greeting, is_legal):
    talk = POP3Talk(110)
    talk.server(greeting)
    talk.client(b"CAPA")
    for line in (b"+OK <3.4@x>\r\n", b"<5.6@x>\r\n", b".\r\n"):
        talk.server(line)
    assert ("APOP" in [command.verb for command in talk.legal()]) == is_legal


def test_state_follows_codes_and_not_texts():
    talk = SMTPTalk(25)
    talk.server(b"220 hi\r\n")
    talk.client(b"EHLO pc")
    talk.server(b"550 250 OK, welcome\r\n")
    assert talk.state == "connected"
    talk.client(b"")
    talk.server(b"500 what\r\n")
    assert not talk.closing


def test_a_refused_greeting_ends_it():
    for talk, line in (
        (SMTPTalk(25), b"554 no\r\n"),
        (POP3Talk(110), b"-ERR no\r\n"),
        (IMAPTalk(143), b"* BYE no\r\n"),
    ):
        talk.server(line)
        assert talk.closing


def test_a_flood_is_cut_and_counted(call):
    model = call(25)
    for _ in range(600):
        model._hear(b"250-x" + b"y" * 1000 + b"\r\n")
    assert len(model.entries) == 500
    assert max(len(entry.text) for entry in model.entries) == 400
    assert f"({model.dropped} earlier lines)" in model.text()
